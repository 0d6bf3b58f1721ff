package io.entrepot.internal.sync;

/**
 * How a job bears with those that claim what it wants.
 *
 * <p>A job tells in its record for whom it waits. Who waits follows that from one to the next:
 *
 * <ul>
 *   <li>It comes back to itself: all of these wait for each other, and the youngest is aborted.
 *   <li>It ends at a job that waits for nobody: that one is at work, and is given a grace, after
 *       which it is taken for stopped and aborted.
 * </ul>
 *
 * <p><b>No circle is missed.</b> A job writes for whom it waits, then reads what the others wrote,
 * all volatile. So whoever of a circle is the last to write sees all of it. What is read may be
 * over by then, and a circle seen where there is none: that aborts a job in vain and no more.
 *
 * <p><b>No starvation.</b> A job takes a ticket when it first waits or is aborted, and keeps it
 * until it has committed, so that it becomes the oldest, which is aborted in no circle. It may be
 * taken for stopped, and each time doubles the grace that it is given.
 */
final class Contest {
  static final Grace GRACE = new Grace(64, 64, 64);

  private static final int DOUBLINGS_MAX = 8;
  private static final long NO_JOB = 0;
  private static final long NO_TICKET = 0;

  private final Grace grace;

  private JobTable jobs;
  private long job;
  private long ticket = NO_TICKET;
  private long abortsOfJob;
  private long makeWayFor = NO_JOB;
  private long aborts;
  private long timeoutNs;
  private long startNs;
  private boolean isTiming;

  /**
   * How long a pending claimant is waited for.
   *
   * @param spins looks at it before the thread yields between them
   * @param yields looks with yielding before it is aborted, when it is younger
   * @param yieldsForOlder the same when it is older
   */
  record Grace(int spins, int yields, int yieldsForOlder) {}

  Contest(Grace grace) {
    this.grace = grace;
  }

  /** Sets how long all waiting from here on may take. The clock is first read by who waits. */
  void limit(long timeoutNs) {
    this.timeoutNs = timeoutNs;
    isTiming = false;
  }

  /** Whether the time to wait is over. It begins with the first look at the clock. */
  boolean isOver() {
    if (!isTiming) {
      isTiming = true;
      startNs = System.nanoTime();
    }
    return System.nanoTime() - startNs >= timeoutNs || Thread.currentThread().isInterrupted();
  }

  /** Begins a try. */
  void enter(JobTable jobs, long job) {
    this.jobs = jobs;
    this.job = job;
    if (ticket != NO_TICKET) {
      jobs.seniority(job, ticket, abortsOfJob);
      makeWay();
    }
  }

  /**
   * Waits a little for a pending claimant, or aborts somebody; false when there is no time for
   * that, or this job is aborted.
   *
   * @param looks how often this claimant was found before
   */
  boolean bear(long claimant, int looks) {
    if (!jobs.isPending(job)) {
      return false;
    }
    if (looks == 0) {
      if (ticket == NO_TICKET) {
        grow();
      }
      jobs.waitFor(job, claimant);
    }
    long last = claimant;
    long youngest = jobs.isYounger(claimant, job) ? claimant : job;
    for (int i = 0; i < jobs.size(); i++) {
      long next = jobs.waitsFor(last);
      if (next == job) {
        jobs.abort(youngest, jobs.waitsFor(youngest));
        return youngest != job;
      }
      if (next == NO_JOB || !jobs.isPending(next)) {
        break;
      }
      last = next;
      youngest = jobs.isYounger(last, youngest) ? last : youngest;
    }
    if (looks < grace.spins) {
      Thread.onSpinWait();
      return true;
    }
    if (isOver()) {
      return false;
    }
    if (looks - grace.spins < yields(last)) {
      Thread.yield();
    } else {
      jobs.abort(last, job);
    }
    return true;
  }

  private long yields(long claimant) {
    return jobs.isOlder(claimant, ticket)
        ? (long) grace.yieldsForOlder << Math.min(jobs.aborts(claimant), DOUBLINGS_MAX)
        : grace.yields;
  }

  /** Tells others that this job waits for nobody any more. */
  void goOn() {
    jobs.waitFor(job, NO_JOB);
  }

  /** Counts an abort of the job by another. */
  void lost() {
    aborts++;
    abortsOfJob++;
    makeWayFor = jobs.abortedBy(job);
    grow();
  }

  /** The job has committed, or is given up: the next begins as the youngest. */
  void forgetAge() {
    ticket = NO_TICKET;
    abortsOfJob = 0;
  }

  long aborts() {
    return aborts;
  }

  /**
   * Lets the job go first for which this one was aborted, while nothing is claimed: to come again
   * before it has what it wants would be to be aborted again.
   */
  private void makeWay() {
    for (int i = 0; i < grace.yieldsForOlder && makeWayFor != NO_JOB && !isOver(); i++) {
      if (!jobs.isPending(makeWayFor)) {
        makeWayFor = NO_JOB;
      } else {
        Thread.yield();
      }
    }
    makeWayFor = NO_JOB;
  }

  /** Takes a ticket if there is none yet, and tells others. */
  private void grow() {
    if (ticket == NO_TICKET) {
      ticket = jobs.nextTicket();
    }
    jobs.seniority(job, ticket, abortsOfJob);
  }
}
