package io.entrepot.sync;

import io.entrepot.internal.sync.JobSet;
import java.time.Duration;

/**
 * Takes part in several reservations at once: adds the fence of one job to many buffers and
 * collects what the job has to wait for, atomically with respect to other such jobs.
 *
 * <p>Of two jobs that have a buffer in common, with usages of which one has to wait for the other,
 * exactly one depends on the other; and there is no circle of dependencies, whatever the buffers.
 * So every job may wait for its dependencies, wherever it runs.
 *
 * <pre>{@code
 * try (ReservationSet set = ReservationSet.on(timeline)) {
 *   set.add(source.reservation(), Usage.READ);
 *   set.add(target.reservation(), Usage.WRITE);
 *   long point = set.awaitCommit(Duration.ofMillis(100));
 *   if (point != 0 && set.dependencies().await(limit)) {
 *     // work, then
 *     timeline.signal(point);
 *   }
 * }
 * }</pre>
 *
 * <p>A set that is only known while it is taken is taken one by one. Between a take and the commit
 * no other job gets at what was taken, or the set is lost, and begins again:
 *
 * <pre>{@code
 * do {
 *   Node node = first;
 *   while (node != null && set.awaitTake(node.reservation(), Usage.WRITE, limit)) {
 *     node = node.next();
 *   }
 * } while (set.awaitCommit(limit) == 0 && !isOver());
 * }</pre>
 *
 * <p>Modelled on the kernel's {@code drm_exec} over {@code ww_mutex}. There a ticket decides who
 * lets go of its locks when two meet, and whoever holds a lock is waited for. Here a job holds
 * nothing that others could not take away from it until it commits: one that was stopped in the
 * middle is aborted after a grace of some dozens of looks, and begins again when it goes on, with
 * its old ticket, for which it is given more grace each time.
 *
 * <p>Until the commit a job keeps the buffers that it has taken from being reused, as a claimed
 * slot does, and nobody waits for its fence: one that is stopped, or given up without {@link
 * #close()}, keeps them until another job needs them too and aborts it.
 *
 * <p>Operations of a single {@link Reservation} are not kept out by sets: what they add while a job
 * is taking its members may or may not be among its dependencies.
 *
 * <p><b>Threads.</b> A set is for one thread at a time. It may be used for one job after the other;
 * then it allocates only when there are more members or dependencies than ever before.
 */
public sealed interface ReservationSet extends AutoCloseable permits JobSet {

  /**
   * {@return an empty set}
   *
   * @param timeline on which its jobs' fences lie; its domain is that of the reservations
   */
  static ReservationSet on(Timeline timeline) {
    return new JobSet(timeline);
  }

  /**
   * Adds a member, which is taken with the commit. A member that is added twice has the usage for
   * which more wait.
   *
   * @param reservation of a buffer that the job uses
   * @param usage with which the job's fence is added
   * @throws IllegalArgumentException when the reservation is of another domain
   */
  void add(Reservation reservation, Usage usage);

  /**
   * Adds a member and takes it now, with what has to be waited for.
   *
   * @param reservation of a buffer that the job uses
   * @param usage with which the job's fence is added
   * @param timeout the longest time to wait for other jobs
   * @return false when another job has aborted this one, or the time is over or the thread
   *     interrupted; then nothing is taken, and the set is empty, but its age counts when it begins
   *     again
   * @throws IllegalStateException when the buffer was released, or all slots of its reservation are
   *     in use; then the set is empty too
   */
  boolean awaitTake(Reservation reservation, Usage usage, Duration timeout);

  /**
   * Takes what is not taken yet, issues a point on the timeline, and adds its fence to all members
   * at once. Where nothing was taken before by {@link #awaitTake}, a job that is aborted by another
   * begins again by itself. On success the set is empty, to be used for the next job.
   *
   * @param timeout the longest time to wait for other jobs, which are short: they are waited for
   *     only while they commit or between their takes
   * @return the point, to be signaled when the work is done; or 0, which is no point, when the time
   *     is over, the thread interrupted, or what was taken is lost. Then no fence was added;
   *     members that were only added stay, if nothing was taken
   * @throws IllegalStateException when a buffer was released, all slots of its reservation are in
   *     use, or the timeline is closed; then no fence was added
   */
  long awaitCommit(Duration timeout);

  /**
   * {@return what the job has to wait for: of the last commit, or of the members taken since}
   *
   * <p>The object is filled again with the next job.
   */
  FenceSnapshot dependencies();

  /** {@return how often jobs of this set were aborted by others} */
  long aborts();

  /** Lets go of what is taken and forgets all members. */
  void clear();

  /** As {@link #clear()}. Twice is harmless. */
  @Override
  void close();
}
