package io.entrepot.internal.sync;

import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.lang.ref.Reference;
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
 * whoever comes by. {@link Contest} says who is waited for and who is aborted, so that there is no
 * deadlock and nobody starves.
 *
 * <p><b>Taken one by one.</b> Jobs that take in different orders get into circles. One that was
 * aborted keeps its members as not wanted any more, and when it begins again claims them first, in
 * the order of their records. So such jobs get into no circle with each other again. It collects
 * where it is asked to take, and takes its words out of the rest before it commits.
 *
 * <p><b>Nothing left behind.</b> An aborted job takes its words out of the slots before it begins
 * its next epoch ({@link JobTable}); until then, others read them as EMPTY and take the slots. So
 * they do with the words of a set that was dropped in the middle, whose record comes back.
 */
public final class JobSet implements ReservationSet {
  private static final long NO_JOB = 0;
  private static final long NO_POINT = 0;

  private final IssuedTimeline timeline;
  private final TimelineState state;
  private final Contest contest;
  private final CollectedFences dependencies = new CollectedFences();
  private final SetMembers members = new SetMembers();
  private final JobHolder holder;

  private ReservationSlots slots;
  private SetWord setWord;
  private JobTable jobs;
  private long job = NO_JOB;
  private boolean taking;

  /** An empty set whose jobs are on the given timeline. */
  public JobSet(Timeline timeline) {
    this(timeline, Contest.GRACE);
    IssuerLoss.watch(this, holder);
  }

  JobSet(Timeline timeline, Contest.Grace grace) {
    this.contest = new Contest(grace);
    this.timeline = (IssuedTimeline) timeline;
    this.state = this.timeline.state();
    this.holder = new JobHolder(state.name());
    dependencies.reset(state.table());
  }

  @Override
  public void add(Reservation reservation, Usage usage) {
    member((BufferReservation) reservation, Objects.requireNonNull(usage, "usage"));
  }

  private SetMember member(BufferReservation reservation, Usage usage) {
    if (reservation.slots().timelines() != state.table()) {
      throw new IllegalArgumentException(
          "the reservation is not of the sync domain of timeline '" + state.name() + "'");
    }
    if (slots == null) {
      slots = reservation.slots();
      setWord = slots.setWord();
      jobs = slots.jobs();
    }
    int index = members.find(reservation.base());
    if (index < 0) {
      return members.insert(-index - 1, reservation, usage);
    }
    reservation.checkCurrent();
    SetMember member = members.get(index);
    // One that was wanted for the buffer's holder before counts no more.
    boolean isNew = !member.isWanted() || !member.reservation().isCurrent();
    if (isNew ? usage != member.usage() : usage.compareTo(member.usage()) < 0) {
      leave(member);
      member.want(reservation, usage);
    } else if (isNew) {
      member.want(reservation, usage);
    }
    return member;
  }

  @Override
  public boolean awaitTake(Reservation reservation, Usage usage, Duration timeout) {
    boolean taken = false;
    if (isTakenBack()) {
      return false;
    }
    try {
      SetMember member =
          member((BufferReservation) reservation, Objects.requireNonNull(usage, "usage"));
      boolean isFirst = begin(timeout);
      taking = true;
      boolean again;
      do {
        taken = (!isFirst || claimUnwanted()) && take(member);
        // Nothing is taken yet, so nobody has to know.
        again = !taken && isFirst && isToBegin();
        if (again) {
          retry();
        }
      } while (again);
      return taken;
    } finally {
      if (!taken && job == NO_JOB) {
        members.clear();
      } else if (!taken) {
        giveUp();
      }
      // Its job is not taken back while it is under way.
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public long awaitCommit(Duration timeout) {
    if (isTakenBack()) {
      return NO_POINT;
    }
    dropUnwanted();
    if (members.size() == 0) {
      dependencies.reset(state.table());
      return timeline.issue();
    }
    long point = NO_POINT;
    try {
      begin(timeout);
      boolean again;
      do {
        point = takeAll() ? commit() : NO_POINT;
        again = point == NO_POINT && !taking && isToBegin();
        if (again) {
          retry();
        }
      } while (again);
      return point;
    } finally {
      if (point == NO_POINT) {
        giveUp();
      }
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public FenceSnapshot dependencies() {
    return dependencies;
  }

  @Override
  public long aborts() {
    return contest.aborts();
  }

  @Override
  public void clear() {
    if (!isTakenBack()) {
      giveUp();
    }
    members.clear();
  }

  @Override
  public void close() {
    clear();
    contest.forgetAge();
  }

  // ---------------------------------------------------------------- the life of a job

  /** Whether a job begins with this call. */
  private boolean begin(Duration timeout) {
    contest.limit(TimeUnit.NANOSECONDS.convert(timeout));
    if (job != NO_JOB) {
      return false;
    }
    dependencies.reset(state.table());
    job = jobs.begin(timeline.hashCode() & Integer.MAX_VALUE, holder);
    contest.enter(jobs, job);
    return true;
  }

  /**
   * Whether the record of the job was taken back, for the thread that had it has died. Then all
   * that was taken is lost, and nothing of the record is touched any more.
   */
  private boolean isTakenBack() {
    if (job == NO_JOB || holder.goOn()) {
      return false;
    }
    members.clear();
    forget();
    return true;
  }

  /** Whether the job is aborted and may begin again. */
  private boolean isToBegin() {
    return !jobs.isPending(job) && !contest.isOver();
  }

  private boolean takeAll() {
    for (int i = 0; i < members.size(); i++) {
      if (!take(members.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Claims a member and collects there; false when aborted, or the time is over. */
  private boolean take(SetMember member) {
    if (member.isTaken()) {
      return jobs.isPending(job);
    }
    if (!member.isClaimed() && !claim(member)) {
      return false;
    }
    // Behind the claim, which keeps the buffer from being reused from here on.
    member.reservation().checkCurrent();
    slots.queries().collectAsClaimant(member.base(), member.usage().awaited(), dependencies);
    member.reservation().collectFar(member.usage().awaited(), dependencies);
    member.taken();
    return true;
  }

  /** Becomes the claimant of a member; false when aborted, or the time is over. */
  private boolean claim(SetMember member) {
    long base = member.base();
    long word = member.word(job);
    long inTheWay = NO_JOB;
    int looks = 0;
    boolean claimed = false;
    while (!claimed) {
      long before = setWord.get(base);
      if (FenceWord.isJob(before) && jobs.isPending(before)) {
        looks = before == inTheWay ? looks + 1 : 0;
        inTheWay = before;
        if (!contest.bear(before, looks)) {
          return false;
        }
      } else {
        claimed = setWord.claim(base, before, word);
      }
    }
    if (inTheWay != NO_JOB) {
      contest.goOn();
    }
    member.claimed();
    return true;
  }

  /**
   * Claims what the job had before it was aborted, in order, so that no two which do so get into
   * each other's way again. False when aborted, or the time is over.
   */
  private boolean claimUnwanted() {
    for (int i = 0; i < members.size(); i++) {
      SetMember member = members.get(i);
      if (member.isWanted() || member.isClaimed() || !member.reservation().isCurrent()) {
        continue;
      }
      if (!claim(member)) {
        return false;
      }
      if (!member.reservation().isCurrent()) {
        leave(member);
      }
    }
    return true;
  }

  private void dropUnwanted() {
    for (int i = 0; i < members.size(); i++) {
      if (!members.get(i).isWanted()) {
        leave(members.get(i));
      }
    }
    members.keepWanted();
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
      SetMember member = members.get(i);
      setWord.settle(member.base(), member.word(job), member.word(fence));
    }
    members.clear();
    end();
    contest.forgetAge();
    return point;
  }

  private void retry() {
    leaveAll();
    dependencies.reset(state.table());
    contest.lost();
    job = jobs.again(job);
    holder.begun(jobs, job);
    contest.enter(jobs, job);
  }

  /** Ends a try that did not commit. What was taken is forgotten, what was only added stays. */
  private void giveUp() {
    if (job == NO_JOB) {
      return;
    }
    leaveAll();
    boolean isAborted = !jobs.isPending(job);
    if (isAborted) {
      contest.lost();
    }
    if (taking && isAborted) {
      members.unwantAll();
    } else if (taking) {
      members.clear();
    }
    end();
  }

  private void end() {
    jobs.end(job);
    forget();
  }

  private void forget() {
    holder.ended();
    job = NO_JOB;
    taking = false;
  }

  private void leaveAll() {
    for (int i = 0; i < members.size(); i++) {
      leave(members.get(i));
    }
  }

  private void leave(SetMember member) {
    if (member.isClaimed()) {
      setWord.leave(member.base(), member.word(job));
      member.left();
    }
  }

  @Override
  public String toString() {
    return "set of " + members.wanted() + " reservations on timeline '" + state.name() + "'";
  }
}
