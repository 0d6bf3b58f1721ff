package io.entrepot.sync;

import io.entrepot.internal.sync.JobLane;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs jobs on an executor, each when what it waits for is signaled, and signals a fence for each,
 * whatever becomes of it.
 *
 * <pre>
 *   awaitSubmit -- fence in all reservations --&gt; dependencies -- signaled --&gt; executor -- over --&gt; fence
 *                  (atomically)                  (no thread waits)            (work runs)
 * </pre>
 *
 * <p><b>Order.</b> The fences lie on one timeline, so they are signaled in the order in which the
 * jobs were submitted, though jobs run side by side as their dependencies and the executor allow: a
 * job that is over before an earlier one is signaled with that. Streams of work that shall not hold
 * each other up take a timeline each.
 *
 * <p><b>Errors.</b> Every job's fence is signaled when the work has ended or is known never to
 * begin:
 *
 * <table>
 *   <caption>What became of the job, and what its fence tells</caption>
 *   <tr><th>what happened</th><th>error</th></tr>
 *   <tr><td>the work returned</td><td>none</td></tr>
 *   <tr><td>it threw</td><td>as {@link Fence#of} says; an {@link Error} is also thrown on to the
 *       executor</td></tr>
 *   <tr><td>a dependency failed</td><td>the dependency's; the work does not run, unless {@link
 *       Job#evenAfterErrors}</td></tr>
 *   <tr><td>the executor refused it, or dropped it and it was collected</td>
 *       <td>{@link FenceError.Kind#CANCELLED}; the work never runs</td></tr>
 *   <tr><td>the timeline was closed, lost, or ended by a {@link FenceWatchdog}</td>
 *       <td>that of the timeline's end, at once; work that has not begun by then never runs</td></tr>
 * </table>
 *
 * <p>The last ends waiting, not protection: buffers of work that runs are kept until it has ended.
 * Work that starts something which goes on after it has returned has to give that a fence of its
 * own.
 *
 * <p><b>Threads.</b> One thread at a time submits. Work runs where the executor lets it: one that
 * runs things in the calling thread runs them on the thread that signals the last dependency, which
 * then must not block; there it may submit in turn. Virtual threads are as good as others.
 *
 * <p><b>Memory effects.</b> What was done before the submission and before the dependencies were
 * signaled happens-before the work, and that before what others do after the fence was signaled.
 */
public sealed interface Jobs permits JobLane {

  /**
   * {@return jobs with their fences on a timeline, on which nobody else issues or signals points}
   *
   * <p>Its domain is that of the reservations. Who closes it ends the jobs.
   *
   * @param timeline for the jobs' fences, and nothing else
   * @param executor runs the work; may be shared with others
   */
  static Jobs on(Timeline timeline, Executor executor) {
    return new JobLane(timeline, executor);
  }

  /**
   * Submits a job. When this returns, its fence is in the reservations of all buffers that it uses,
   * atomically as {@link ReservationSet} says, and the work may have begun.
   *
   * @param job what to do, and what it waits for
   * @param timeout the longest time to wait for others that take part in the same reservations,
   *     which are short; a job that uses no buffers does not wait
   * @return the job's fence, or {@code null} when the time was over or the thread interrupted: then
   *     there is no job
   * @throws IllegalArgumentException when a buffer is of another domain; then there is no job
   * @throws IllegalStateException when a buffer was released, all slots of its reservation are in
   *     use, or the timeline is closed; then there is no job. Also when another thread is
   *     submitting at the same time; and when a buffer is another process's, that has fences on it,
   *     and no timeline is free to wait for them: then the job is cancelled
   */
  Fence awaitSubmit(Job job, Duration timeout);

  /**
   * {@return jobs that were submitted and whose fences are not signaled yet, as far as can be
   * counted}
   */
  int pending();
}
