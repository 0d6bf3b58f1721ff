package io.entrepot.internal.sync;

import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Jobs over several reservations, one after the other, as {@link ReservationSet} says.
 *
 * <p>A job is a record in the {@link JobTable}. It makes itself the claimant of each reservation by
 * a CAS that puts its job word into the set word, and collects the fences to wait for; when it has
 * all, it issues its point and commits by one CAS of its status word, which makes fences of its job
 * words. There they stay until the next job claims the buffer, which moves what is pending to a
 * slot first: a buffer costs two atomic steps. Members are claimed in the order of their records,
 * but for those that were taken one by one.
 *
 * <p><b>Linearization.</b> A job takes effect at the CAS of its status from PENDING to COMMITTED.
 *
 * <p><b>No lost dependency.</b> Let two jobs have a buffer in common. Whoever claims it does so by
 * a CAS from a word that is no pending job: a fence, or a job that has committed, or one that never
 * will with that word. A job that commits was the claimant of each of its buffers from its claim to
 * its commit, for a pending job's word is taken out by nobody. So one of the two, the later, claims
 * the buffer after the other has committed. By then the other's fence was in the set word, and went
 * to a slot before the later one's claim, or it had been moved by a claimant between the two; so
 * the later one finds it, or what covers it, in the slots, which it reads behind its claim. The
 * earlier read them before the later one's claim and found nothing of it.
 *
 * <p><b>No cycle.</b> A job depends on jobs that had committed, and so had issued their points,
 * before it claimed the buffer that they have in common, and it issues its own point after its last
 * claim. So dependencies run from later to earlier issues; points of one timeline signal in the
 * order in which they were issued; the moment of issuing orders all of it. (Were points issued by
 * the caller before, a job could depend on a later point of its own timeline.)
 *
 * <p><b>A stopped participant.</b> A job that finds a pending claimant waits for a grace, and then
 * aborts it by a CAS of its status word, after which its claims and job words mean nothing. A
 * committed job needs nobody any more: its job words are read as its fence, and replaced by it, by
 * whoever comes by.
 *
 * <p><b>No deadlock, no starvation.</b> Of two jobs that wait for each other's claim, each aborts
 * the other after a grace, the older much sooner. A job takes a ticket when it first waits or is
 * aborted, and keeps it until it has committed, so that it becomes the oldest. That one is aborted
 * only by younger ones who took it for stopped, and each time doubles the grace that it is given.
 * Who was aborted lets the other go first.
 *
 * <p><b>Nothing left behind.</b> An aborted job takes its words out of the slots before it begins
 * its next epoch ({@link JobTable}); until then, others read them as EMPTY and take the slots.
 */
public final class JobSet implements ReservationSet {
  private static final Grace GRACE = new Grace(64, 4, 64);
  private static final int DOUBLINGS_MAX = 8;

  private static final long NO_JOB = 0;
  private static final long NO_POINT = 0;
  private static final long NO_TICKET = 0;

  private final IssuedTimeline timeline;
  private final TimelineState state;
  private final Grace grace;
  private final CollectedFences dependencies = new CollectedFences();
  private final SetMembers members = new SetMembers();

  private ReservationSlots slots;
  private JobTable jobs;
  private long job = NO_JOB;
  private long ticket = NO_TICKET;
  private long abortsOfJob;
  private long makeWayFor = NO_JOB;
  private long aborts;
  private boolean taking;
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

  /** An empty set whose jobs are on the given timeline. */
  public JobSet(Timeline timeline) {
    this(timeline, GRACE);
  }

  JobSet(Timeline timeline, Grace grace) {
    this.grace = grace;
    this.timeline = (IssuedTimeline) timeline;
    this.state = this.timeline.state();
    dependencies.reset(state.table());
  }

  @Override
  public void add(Reservation reservation, Usage usage) {
    member((BufferReservation) reservation, Objects.requireNonNull(usage, "usage"));
  }

  private int member(BufferReservation reservation, Usage usage) {
    if (reservation.slots().timelines() != state.table()) {
      throw new IllegalArgumentException(
          "the reservation is not of the sync domain of timeline '" + state.name() + "'");
    }
    if (slots == null) {
      slots = reservation.slots();
      jobs = slots.jobs();
    }
    int index = members.find(reservation.base());
    if (index < 0) {
      return members.insert(-index - 1, reservation, usage);
    }
    reservation.checkCurrent();
    if (usage.compareTo(members.usage(index)) < 0) {
      leave(index);
      members.usage(index, usage);
    }
    return index;
  }

  @Override
  public boolean awaitTake(Reservation reservation, Usage usage, Duration timeout) {
    boolean taken = false;
    try {
      int index = member((BufferReservation) reservation, Objects.requireNonNull(usage, "usage"));
      begin(timeout);
      taking = true;
      taken = claim(index);
      return taken;
    } finally {
      if (!taken) {
        giveUp();
        members.clear();
      }
    }
  }

  @Override
  public long awaitCommit(Duration timeout) {
    if (members.size() == 0) {
      dependencies.reset(state.table());
      return timeline.issue();
    }
    long point = NO_POINT;
    try {
      begin(timeout);
      boolean again;
      do {
        point = claimAll() ? commit() : NO_POINT;
        again = point == NO_POINT && !taking && !jobs.isPending(job) && !isOver();
        if (again) {
          retry();
        }
      } while (again);
      return point;
    } finally {
      if (point == NO_POINT) {
        giveUp();
      }
    }
  }

  @Override
  public FenceSnapshot dependencies() {
    return dependencies;
  }

  @Override
  public long aborts() {
    return aborts;
  }

  @Override
  public void clear() {
    if (job != NO_JOB) {
      giveUp();
    }
    members.clear();
  }

  @Override
  public void close() {
    clear();
    forgetAge();
  }

  // ---------------------------------------------------------------- the life of a job

  private void begin(Duration timeout) {
    timeoutNs = TimeUnit.NANOSECONDS.convert(timeout);
    isTiming = false;
    if (job != NO_JOB) {
      return;
    }
    dependencies.reset(state.table());
    job = jobs.begin(timeline.hashCode() & Integer.MAX_VALUE);
    if (ticket != NO_TICKET) {
      jobs.seniority(job, ticket, abortsOfJob);
      makeWay();
    }
  }

  private boolean claimAll() {
    for (int i = 0; i < members.size(); i++) {
      if (!claim(i)) {
        return false;
      }
    }
    return true;
  }

  /** Becomes the claimant of a member; false when aborted, or the time is over. */
  private boolean claim(int member) {
    if (members.isClaimed(member)) {
      return jobs.isPending(job);
    }
    BufferReservation reservation = members.reservation(member);
    long base = reservation.base();
    Usage usage = members.usage(member);
    long word = FenceWord.withUsage(job, usage);
    long inTheWay = NO_JOB;
    int looks = 0;
    boolean claimed = false;
    while (!claimed) {
      long before = slots.setWord(base);
      if (FenceWord.isJob(before) && jobs.isPending(before)) {
        looks = before == inTheWay ? looks + 1 : 0;
        inTheWay = before;
        if (!bear(before, looks)) {
          return false;
        }
      } else {
        claimed = slots.claim(base, before, word);
      }
    }
    members.claimed(member, true);
    // Behind the claim, which keeps the buffer from being reused from here on.
    reservation.checkCurrent();
    slots.collectAsClaimant(base, usage.awaited(), dependencies);
    return true;
  }

  /** Waits a little for a pending claimant, or aborts it; false when there is no time for that. */
  private boolean bear(long claimant, int looks) {
    if (!jobs.isPending(job)) {
      return false;
    }
    if (ticket == NO_TICKET) {
      grow();
    }
    if (looks < grace.spins) {
      Thread.onSpinWait();
      return true;
    }
    if (isOver()) {
      return false;
    }
    long yields =
        jobs.isOlder(claimant, ticket)
            ? (long) grace.yieldsForOlder << Math.min(jobs.aborts(claimant), DOUBLINGS_MAX)
            : grace.yields;
    if (looks - grace.spins < yields) {
      Thread.yield();
    } else {
      jobs.abort(claimant, job);
    }
    return true;
  }

  /** Whether the time to wait is over. It begins with the first look at the clock. */
  private boolean isOver() {
    if (!isTiming) {
      isTiming = true;
      startNs = System.nanoTime();
    }
    return System.nanoTime() - startNs >= timeoutNs || Thread.currentThread().isInterrupted();
  }

  private long commit() {
    // Most of those that were aborted need not issue a point in vain.
    if (!jobs.isPending(job)) {
      return NO_POINT;
    }
    long point = timeline.issue();
    long fence = FenceWord.pack(state.index(), point, Usage.MOVE);
    if (!jobs.commit(job, fence)) {
      state.abandon(point);
      return NO_POINT;
    }
    for (int i = 0; i < members.size(); i++) {
      Usage usage = members.usage(i);
      slots.settle(
          members.base(i), FenceWord.withUsage(job, usage), FenceWord.withUsage(fence, usage));
    }
    members.clear();
    end();
    forgetAge();
    return point;
  }

  private void retry() {
    leaveAll();
    dependencies.reset(state.table());
    countAbort();
    job = jobs.again(job);
    makeWay();
  }

  /**
   * Lets the job go first that aborted this one, while nothing is claimed: to come again before it
   * has what it wants would be to be aborted again.
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

  private void countAbort() {
    aborts++;
    abortsOfJob++;
    makeWayFor = jobs.abortedBy(job);
    grow();
  }

  /** Takes a ticket if there is none yet, and tells others. */
  private void grow() {
    if (ticket == NO_TICKET) {
      ticket = jobs.nextTicket();
    }
    jobs.seniority(job, ticket, abortsOfJob);
  }

  private void forgetAge() {
    ticket = NO_TICKET;
    abortsOfJob = 0;
  }

  /** Ends a try that did not commit. What was taken is forgotten, what was only added stays. */
  private void giveUp() {
    if (job == NO_JOB) {
      return;
    }
    leaveAll();
    if (!jobs.isPending(job)) {
      countAbort();
    }
    if (taking) {
      members.clear();
    }
    end();
  }

  private void end() {
    jobs.end(job);
    job = NO_JOB;
    taking = false;
  }

  private void leaveAll() {
    for (int i = 0; i < members.size(); i++) {
      leave(i);
    }
  }

  private void leave(int member) {
    if (members.isClaimed(member)) {
      slots.leave(members.base(member), FenceWord.withUsage(job, members.usage(member)));
      members.claimed(member, false);
    }
  }

  @Override
  public String toString() {
    return "set of " + members.size() + " reservations on timeline '" + state.name() + "'";
  }
}
