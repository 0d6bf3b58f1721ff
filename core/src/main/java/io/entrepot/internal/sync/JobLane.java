package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.Job;
import io.entrepot.sync.Jobs;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Jobs on one timeline.
 *
 * <p><b>Signals in order.</b> Jobs are queued as their points were issued. A job becomes over by a
 * volatile store, and then its thread looks at the head of the queue (volatile): while that is
 * over, it signals and removes it. So of the thread that ends the head and one that ends a later
 * job, one sees both. Several threads may signal one job: the timeline lets the first win, and all
 * tell the same error. One that is stopped there keeps nobody from going on.
 */
public final class JobLane implements Jobs {
  private final IssuedTimeline timeline;
  private final Executor executor;
  private final JobSet set;
  private final ConcurrentLinkedQueue<SubmittedJob> unsignaled = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean submitting = new AtomicBoolean();

  /** See {@link Jobs#on}. */
  public JobLane(Timeline timeline, Executor executor) {
    this.timeline = (IssuedTimeline) timeline;
    this.executor = Objects.requireNonNull(executor, "executor");
    this.set = new JobSet(timeline);
  }

  Executor executor() {
    return executor;
  }

  Timeline timeline() {
    return timeline;
  }

  @Override
  public Fence awaitSubmit(Job job, Duration timeout) {
    if (!submitting.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "another thread is submitting a job on timeline '"
              + timeline.name()
              + "'; make Jobs for each thread that submits, with a timeline each");
    }
    SubmittedJob submitted;
    try {
      submitted = commit(job, timeout);
    } finally {
      set.clear();
      submitting.setRelease(false);
    }
    // Behind that: its work may run in here, and submit in turn.
    return submitted == null ? null : submitted.start();
  }

  private SubmittedJob commit(Job job, Duration timeout) {
    for (Job.Use use : job.uses()) {
      set.add(use.reservation(), use.usage());
    }
    long point = set.awaitCommit(timeout);
    if (point == 0) {
      return null;
    }
    SubmittedJob submitted = new SubmittedJob(this, job, timeline.fence(point));
    unsignaled.add(submitted);
    try {
      submitted.waitsFor(dependencies(job));
    } catch (IllegalStateException noTimeline) {
      // For fences of the process that exports the buffers. Others wait for this job already.
      submitted.cannotWait(noTimeline);
    }
    return submitted;
  }

  /** Read before the set is used again. */
  private List<Fence> dependencies(Job job) {
    List<Fence> all = new ArrayList<>(job.dependencies());
    for (int i = 0; i < set.dependencies().size(); i++) {
      all.add(set.dependencies().fence(i));
    }
    return all;
  }

  /** Signals the jobs at the head of the queue that are over. */
  void signalOver() {
    SubmittedJob head = unsignaled.peek();
    while (head != null && head.isOver()) {
      head.signal();
      unsignaled.remove(head);
      head = unsignaled.peek();
    }
    if (head == null && timeline.state().hasEnded()) {
      // No work runs any more, and what is submitted from here on never will. The last point may be
      // one that was issued in vain, for a job that was aborted.
      timeline.signal(timeline.issued());
    }
  }

  @Override
  public int pending() {
    return unsignaled.size();
  }

  @Override
  public String toString() {
    return pending() + " jobs on " + timeline;
  }
}
