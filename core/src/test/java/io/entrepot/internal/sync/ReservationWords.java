package io.entrepot.internal.sync;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Usage;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * Two timelines, two buffers and the records of two jobs over words of their own: what models of
 * reservations and of sets run on. {@link ReservationSlots}, {@link JobTable} and {@link JobSet}
 * are called as they are.
 */
public final class ReservationWords {
  /** Aborts at once who is younger, and soon who is older: so that models see aborts. */
  private static final Contest.Grace SHORT = new Contest.Grace(0, 0, 1);

  /** Takes nobody for stopped: only who waits for itself is aborted. */
  private static final Contest.Grace ENDLESS =
      new Contest.Grace(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

  private static final int LINGER_SPINS = 20;
  private static final int TIMELINES = 2;
  private static final int BUFFERS = 2;
  private static final long BUFFER = TimelineTable.bytes(TIMELINES);
  private static final long BUFFER_BYTES = Words.PAD_BYTES;
  private static final long TOUCHED = 0;
  private static final long SET = TOUCHED + Words.WORD_BYTES;
  private static final long SLOTS = SET + Words.WORD_BYTES;
  private static final long JOBS = BUFFER + BUFFERS * BUFFER_BYTES;
  private static final long BYTES = JOBS + JobTable.bytes(2);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Words words;
  private final IssuedTimeline[] timelines = new IssuedTimeline[TIMELINES];
  private final ReservationSlots slots;
  private final JobTable jobs;
  private long lost;

  private ReservationWords(Words words) {
    this.words = words;
    TimelineTable table = new TimelineTable(words, words.base(), TIMELINES);
    this.jobs = new JobTable(words, words.base() + JOBS, 2);
    this.slots = new ReservationSlots(words, table, jobs, TOUCHED, SLOTS);
    for (int i = 0; i < TIMELINES; i++) {
      timelines[i] = (IssuedTimeline) table.timeline("timeline " + i);
    }
  }

  /** Words that a model checker can follow. */
  public static ReservationWords onHeap() {
    return new ReservationWords(new HeapWords(BYTES));
  }

  /** Words as they may be in use. */
  public static ReservationWords offHeap() {
    return new ReservationWords(Words.offHeap(BYTES));
  }

  /** Makes the words what they were at first. */
  public void reset() {
    for (long offset = 0; offset < BYTES; offset += Words.WORD_BYTES) {
      words.setPlain(words.base() + offset, 0);
    }
    VarHandle.fullFence();
  }

  private long base(int buffer) {
    return words.base() + BUFFER + buffer * BUFFER_BYTES;
  }

  private TimelineState state(int timeline) {
    return timelines[timeline].state();
  }

  // ---------------------------------------------------------------- one reservation

  /** Issues so many points on each timeline. */
  public ReservationWords issue(int points) {
    for (int i = 0; i < points; i++) {
      timelines[0].issue();
      timelines[1].issue();
    }
    return this;
  }

  public void signal(int timeline, long point) {
    timelines[timeline].signal(point);
  }

  /** Points of a timeline that were issued and are not signaled. */
  public long pendingPoints(int timeline) {
    return timelines[timeline].issued() - timelines[timeline].signaled();
  }

  public void add(int timeline, long point, Usage usage) {
    slots.add(base(0), state(timeline), point, usage);
  }

  public boolean promote(int timeline, long point, Usage usage) {
    return slots.promote(base(0), state(timeline), point, usage);
  }

  public int replace(int timeline, int by, long point, Usage usage) {
    return slots.replace(base(0), state(timeline), state(by), point, usage);
  }

  public boolean sweep() {
    return slots.sweep(base(0));
  }

  public boolean isUnused() {
    return slots.isUnused(base(0));
  }

  /** Puts the touched word up, as a claim does that was cancelled since. */
  public void touch() {
    new TouchedWord(words, TOUCHED).touch(base(0));
  }

  /** A slot, or -1 when there is none. */
  public int tryReserve() {
    try {
      return slots.reserve(base(0));
    } catch (IllegalStateException full) {
      return -1;
    }
  }

  /** The latest point of a timeline that a snapshot has for the usage, or 0. */
  public long latest(int timeline, Usage usage) {
    return latest(0, timeline, usage);
  }

  private long latest(int buffer, int timeline, Usage usage) {
    CollectedFences found = new CollectedFences().reset(slots.timelines());
    slots.collect(base(buffer), usage, found);
    return latest(found, timeline);
  }

  private static long latest(CollectedFences found, int timeline) {
    long latest = 0;
    for (int i = 0; i < found.size(); i++) {
      if (FenceWord.index(found.word(i)) == timeline) {
        latest = Math.max(latest, found.point(i));
      }
    }
    return latest;
  }

  // ---------------------------------------------------------------- planted, for comparison

  /** Off heap, gives another thread time to do what makes the fault show. */
  private void linger() {
    for (int i = 0; !(words instanceof HeapWords) && i < LINGER_SPINS; i++) {
      Thread.onSpinWait();
    }
  }

  private long slot(int buffer, int slot) {
    return base(buffer) + SLOTS + (long) slot * Words.WORD_BYTES;
  }

  /** Wrong: {@link #add} that clears the slot of the earlier fence before it puts the later. */
  public void addBehindClearing(int timeline, long point, Usage usage) {
    long earlier = words.getVolatile(slot(0, 0));
    words.compareAndSet(slot(0, 0), earlier, FenceWord.EMPTY);
    add(timeline, point, usage);
  }

  /** Wrong: {@link #add} that puts a later fence over what it looked at by a store. */
  public void addByStore(int timeline, long point, Usage usage) {
    long fence = FenceWord.pack(timeline, point, usage);
    if (FenceWord.isCoveredBy(words.getVolatile(slot(0, 0)), fence)) {
      words.setVolatile(slot(0, 0), fence);
    }
  }

  /** Wrong: {@link #promote} by a store. */
  public void promoteByStore(Usage usage) {
    long word = words.getVolatile(slot(0, 0));
    words.setVolatile(slot(0, 0), FenceWord.withUsage(word, usage));
  }

  /** Wrong: {@link #replace} by a store. */
  public void replaceByStore(int timeline, int by, long point, Usage usage) {
    long word = words.getVolatile(slot(0, 0));
    if (FenceWord.index(word) == timeline && !state(timeline).isSignaled(FenceWord.point(word))) {
      linger();
      words.setVolatile(slot(0, 0), FenceWord.pack(by, point, usage));
    }
  }

  /** Wrong: {@link #tryReserve} by a store. */
  public int tryReserveByStore() {
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      if (words.getVolatile(slot(0, i)) == FenceWord.EMPTY) {
        words.setVolatile(slot(0, i), FenceWord.CLAIMED);
        return i;
      }
    }
    return -1;
  }

  /** Wrong: {@link #sweep} that takes the touched word down by a store. */
  public void sweepWithoutMark() {
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      if (words.getVolatile(slot(0, i)) != FenceWord.EMPTY) {
        return;
      }
    }
    words.setVolatile(base(0) + TOUCHED, 0);
  }

  // ---------------------------------------------------------------- jobs over both buffers

  /** A job that writes to both buffers; what it depends on of the other timeline, 0 if nothing. */
  public long job(int timeline) {
    JobSet set = set(timeline, SHORT);
    set.add(reservation(0), Usage.WRITE);
    set.add(reservation(1), Usage.WRITE);
    require(set.awaitCommit(LONG) != 0, "no commit");
    return latest((CollectedFences) set.dependencies(), 1 - timeline);
  }

  /** As {@link #job}; what it depends on of its own timeline. */
  public long jobOfSame(int timeline) {
    JobSet set = set(timeline, SHORT);
    set.add(reservation(0), Usage.WRITE);
    require(set.awaitCommit(LONG) != 0, "no commit");
    return latest((CollectedFences) set.dependencies(), timeline);
  }

  /** A job of which only reuse has to know; its point. */
  public long bookkeepingJob(int timeline) {
    JobSet set = set(timeline, SHORT);
    set.add(reservation(0), Usage.BOOKKEEP);
    return set.awaitCommit(LONG);
  }

  /** As {@link #job}, taking one buffer after the other, as often as it takes. */
  public long jobTaking(int timeline, int first) {
    return jobTaking(set(timeline, SHORT), timeline, first);
  }

  /** As {@link #jobTaking}, for a job that waits for others as long as it takes. */
  public long jobTakingPatiently(int timeline, int first) {
    return jobTaking(set(timeline, ENDLESS), timeline, first);
  }

  private long jobTaking(JobSet set, int timeline, int first) {
    long point;
    do {
      boolean taken =
          set.awaitTake(reservation(first), Usage.WRITE, LONG)
              && set.awaitTake(reservation(1 - first), Usage.WRITE, LONG);
      point = taken ? set.awaitCommit(LONG) : 0;
    } while (point == 0);
    return latest((CollectedFences) set.dependencies(), 1 - timeline);
  }

  /** Begins a job over both buffers on the first timeline, which will never be gone on with. */
  public void beginLost() {
    lost = jobs.begin(0, new JobHolder("lost"));
    for (int buffer = 0; buffer < BUFFERS; buffer++) {
      require(
          slots
              .setWord()
              .claim(
                  base(buffer),
                  slots.setWord().get(base(buffer)),
                  FenceWord.withUsage(lost, Usage.WRITE)),
          "claimed");
    }
  }

  /** Takes the record back of the job that was begun there, and does a job with it. */
  public long jobBehindLost(int timeline) {
    jobs.reclaim(lost);
    return job(timeline);
  }

  /** Wrong: {@link #jobBehindLost} that takes a record back without asking what became of it. */
  public long jobBehindCommitted(int timeline) {
    jobs.end(lost);
    return job(timeline);
  }

  /** Commits the job that was begun there, as one that did not go on from there. */
  public void commitLost() {
    require(jobs.commit(lost, FenceWord.pack(0, timelines[0].issue(), Usage.MOVE)), "aborted");
  }

  /** A set over the buffers. */
  public JobSet set(int timeline) {
    return set(timeline, SHORT);
  }

  private JobSet set(int timeline, Contest.Grace grace) {
    return new JobSet(timelines[timeline], grace);
  }

  public BufferReservation reservation(int buffer) {
    return (BufferReservation) slots.of(base(buffer), () -> true);
  }

  /** Whether both buffers have the fences of both timelines for writing, and nothing else. */
  public boolean haveBoth() {
    return has(0) && has(1);
  }

  private boolean has(int buffer) {
    CollectedFences found = new CollectedFences().reset(slots.timelines());
    slots.collect(base(buffer), Usage.BOOKKEEP, found);
    if (found.size() != TIMELINES) {
      return false;
    }
    for (int i = 0; i < TIMELINES; i++) {
      if (latest(found, i) != timelines[i].issued() || found.usage(i) != Usage.WRITE) {
        return false;
      }
    }
    // The look has put fences in place of the words of jobs that committed: others are claims.
    for (int i = SlotWords.SET; i < ReservationSlots.CAPACITY; i++) {
      long word = words.getPlain(slot(buffer, i));
      if (word == FenceWord.CLAIMED || FenceWord.isJob(word)) {
        return false;
      }
    }
    return true;
  }

  private static void require(boolean isSo, String otherwise) {
    if (!isSo) {
      throw new AssertionError(otherwise);
    }
  }

  /** Wrong: a job that collects before it claims. */
  public long jobCollectingFirst(int timeline) {
    CollectedFences found = new CollectedFences().reset(slots.timelines());
    slots.collect(base(0), Usage.READ, found);
    JobSet set = set(timeline, SHORT);
    set.add(reservation(0), Usage.WRITE);
    require(set.awaitCommit(LONG) != 0, "no commit");
    return latest(found, 1 - timeline);
  }

  /** Wrong: a job that commits buffer by buffer. */
  public long jobByBuffer(int timeline, int first) {
    JobSet set = set(timeline, SHORT);
    set.add(reservation(first), Usage.WRITE);
    require(set.awaitCommit(LONG) != 0, "no commit");
    long found = latest((CollectedFences) set.dependencies(), 1 - timeline);
    set.add(reservation(1 - first), Usage.WRITE);
    require(set.awaitCommit(LONG) != 0, "no commit");
    return Math.max(found, latest((CollectedFences) set.dependencies(), 1 - timeline));
  }

  /** Wrong: a job over one buffer that takes itself for pending whatever others did to it. */
  public long jobNotAsking(int timeline) {
    CollectedFences found = new CollectedFences().reset(slots.timelines());
    long job = FenceWord.withUsage(jobs.begin(timeline, new JobHolder("planted")), Usage.WRITE);
    boolean claimed = false;
    while (!claimed) {
      long before = slots.setWord().get(base(0));
      if (FenceWord.isJob(before) && jobs.isPending(before)) {
        jobs.abort(before, job);
      } else {
        claimed = slots.setWord().claim(base(0), before, job);
      }
    }
    slots.collect(base(0), Usage.READ, found);
    linger();
    add(timeline, timelines[timeline].issue(), Usage.WRITE);
    return latest(found, 1 - timeline);
  }

  /** Wrong: a job over one buffer that puts itself in place of a fence without moving it. */
  public long jobNotMoving(int timeline) {
    CollectedFences found = new CollectedFences().reset(slots.timelines());
    long job = FenceWord.withUsage(jobs.begin(timeline, new JobHolder("planted")), Usage.WRITE);
    long before;
    do {
      before = slots.setWord().get(base(0));
    } while (FenceWord.isJob(before) || !words.compareAndSet(slot(0, -1), before, job));
    slots.collect(base(0), Usage.READ, found);
    require(
        jobs.commit(job, FenceWord.pack(timeline, timelines[timeline].issue(), Usage.MOVE)),
        "aborted");
    return latest(found, 1 - timeline);
  }
}
