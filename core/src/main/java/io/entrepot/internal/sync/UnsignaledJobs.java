package io.entrepot.internal.sync;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The jobs of a timeline that are not signaled yet, in the order of their points.
 *
 * <p><b>Signals in order.</b> A job becomes over by a volatile store, and then its thread looks at
 * the head of the queue (volatile): while that is over, it signals and removes it. So of the thread
 * that ends the head and one that ends a later job, one sees both. Several threads may signal one
 * job: the timeline lets the first win, and all tell the same error. One that is stopped there
 * keeps nobody from going on.
 *
 * <p>Refers to no executor: what tells that an executor has dropped a job leads here.
 */
final class UnsignaledJobs {
  private final IssuedTimeline timeline;
  private final ConcurrentLinkedQueue<SubmittedJob> jobs = new ConcurrentLinkedQueue<>();

  UnsignaledJobs(IssuedTimeline timeline) {
    this.timeline = timeline;
  }

  IssuedTimeline timeline() {
    return timeline;
  }

  void add(SubmittedJob job) {
    jobs.add(job);
  }

  int size() {
    return jobs.size();
  }

  /** Signals the jobs at the head of the queue that are over. */
  void signalOver() {
    SubmittedJob head = jobs.peek();
    while (head != null && head.isOver()) {
      head.signal();
      jobs.remove(head);
      head = jobs.peek();
    }
    if (head == null && timeline.state().hasEnded()) {
      // No work runs any more, and what is submitted from here on never will. The last point may be
      // one that was issued in vain, for a job that was aborted.
      timeline.signal(timeline.issued());
    }
  }
}
