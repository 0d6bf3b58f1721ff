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
 * <p>A set that lost what it had taken remembers which buffers these were, and takes those that are
 * still what they were again, in one order for all sets, when it begins again: two that took in
 * different orders abort each other no second time. What it does not ask for again gets no fence.
 *
 * <p>Modelled on the kernel's {@code drm_exec} over {@code ww_mutex}. There a ticket decides who
 * lets go of its locks when two meet, and whoever holds a lock is waited for. Here jobs wait for
 * each other too, and where some wait in a circle the one with the youngest ticket is aborted, and
 * begins again with that ticket, which so becomes the oldest. But a job holds nothing that others
 * could not take away from it until it commits: one that was stopped in the middle is aborted after
 * a grace of some dozens of looks, for which it is given more each time.
 *
 * <p>Until the commit a job keeps the buffers that it has taken from being reused, as a claimed
 * slot does, and nobody waits for its fence: one that is stopped keeps them until another job needs
 * them too and aborts it.
 *
 * <p><b>Sets that are lost.</b> A domain has records for 64 jobs at a time. A set that was dropped
 * without {@link #close()} between a take and the commit gives its record and its buffers back when
 * it is found unreachable; one whose last user's thread has died does so when another job finds no
 * record free, and what it had taken is lost, should another thread go on with it after all. When
 * all 64 are at work, a job that begins fails, naming them.
 *
 * <p>Operations of a single {@link Reservation} are not kept out by sets: what they add while a job
 * is taking its members may or may not be among its dependencies.
 *
 * <p><b>Threads.</b> A set is for one thread at a time. It may be used for one job after the other;
 * then it allocates only when there are more members or dependencies than ever before.
 */
public sealed interface ReservationSet extends AutoCloseable permits JobSet {

  /**
   * An empty set.
   *
   * @param timeline on which its jobs' fences lie; its domain is that of the reservations
   * @return the set, with no members
   */
  static ReservationSet on(Timeline timeline) {
    return new JobSet(timeline);
  }

  /**
   * Adds a member, which is taken with the commit. A member that is added twice has the usage for
   * which more wait. One whose buffer was released meanwhile gives way to that of the next holder.
   *
   * @param reservation of the buffer
   * @param usage what the job does with it
   * @throws IllegalArgumentException when the reservation is of another domain
   * @throws IllegalStateException when the buffer is a member and the given reservation is of who
   *     had it before; nothing has changed then
   */
  void add(Reservation reservation, Usage usage);

  /**
   * Adds a member and takes it now, with what has to be waited for. The first of a job begins again
   * by itself when it is aborted by another.
   *
   * @param reservation of the buffer
   * @param usage what the job does with it
   * @param timeout the longest time to wait for other jobs
   * @return true when it is taken; false when another job has aborted this one, or the time is over
   *     or the thread interrupted; then nothing is taken, and the set is empty, but its age counts
   *     when it begins again
   * @throws IllegalArgumentException when the reservation is of another domain; then the set is
   *     empty too
   * @throws IllegalStateException when the buffer was released, all slots of its reservation are in
   *     use, or the domain has no record for another job; then the set is empty too
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
   *     use, the domain has no record for another job, or the timeline is closed; then no fence was
   *     added. Members that were only added stay, a released one too: {@link #clear()} drops them
   */
  long awaitCommit(Duration timeout);

  /**
   * What the job has to wait for: of the last commit, or of the members taken since. The object is
   * filled again with the next job.
   *
   * @return the one object of this set
   */
  FenceSnapshot dependencies();

  /**
   * How often jobs of this set were aborted by others.
   *
   * @return that number, since the set was made
   */
  long aborts();

  /** Lets go of what is taken and forgets all members. */
  void clear();

  /** As {@link #clear()}. Twice is harmless. */
  @Override
  void close();
}
