package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.Job;
import io.entrepot.sync.Jobs;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** Jobs on one timeline, which {@link UnsignaledJobs} signals in their order. */
public final class JobLane implements Jobs {
  private final IssuedTimeline timeline;
  private final Executor executor;
  private final JobSet set;
  private final UnsignaledJobs unsignaled;
  private final AtomicBoolean submitting = new AtomicBoolean();

  /** See {@link Jobs#on}. */
  public JobLane(Timeline timeline, Executor executor) {
    this.timeline = (IssuedTimeline) timeline;
    this.executor = Objects.requireNonNull(executor, "executor");
    this.set = new JobSet(timeline);
    this.unsignaled = new UnsignaledJobs(this.timeline);
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
    SubmittedJob submitted = new SubmittedJob(unsignaled, job, executor, timeline.fence(point));
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

  @Override
  public int pending() {
    return unsignaled.size();
  }

  @Override
  public String toString() {
    return pending() + " jobs on " + timeline;
  }
}
