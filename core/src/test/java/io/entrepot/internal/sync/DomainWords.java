package io.entrepot.internal.sync;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * A sync domain with buffers and job records over given words: what random schedules of
 * reservations, sets and timelines run on. All is called as it is, but for what says that it is
 * wrong.
 */
public final class DomainWords {
  /** Aborts at once who is younger, and soon who is older: so that runs see aborts. */
  private static final Contest.Grace SHORT = new Contest.Grace(0, 0, 2);

  private static final long BUFFER_BYTES = Words.PAD_BYTES;
  private static final long TOUCHED = 0;
  private static final long SET = TOUCHED + Words.WORD_BYTES;
  private static final long SLOTS = SET + Words.WORD_BYTES;

  private final Words words;
  private final long buffersPlace;
  private final TimelineTable table;
  private final ReservationSlots slots;
  private final JobTable jobs;
  private final int jobRecords;

  /** Kept reachable: those that are lost are ended. */
  private final List<Timeline> timelines = new ArrayList<>();

  private DomainWords(Words words, int timelines, int buffers, int jobs) {
    this.words = words;
    this.buffersPlace = words.base() + TimelineTable.bytes(timelines);
    this.table = new TimelineTable(words, words.base(), timelines);
    this.jobs = new JobTable(words, buffersPlace + buffers * BUFFER_BYTES, jobs);
    this.jobRecords = jobs;
    this.slots = new ReservationSlots(words, table, this.jobs, TOUCHED, SLOTS);
  }

  private static long bytes(int timelines, int buffers, int jobs) {
    return TimelineTable.bytes(timelines) + buffers * BUFFER_BYTES + JobTable.bytes(jobs);
  }

  /** A domain over words that are made by their size in bytes. */
  public static DomainWords on(LongFunction<Words> make, int timelines, int buffers, int jobs) {
    return new DomainWords(make.apply(bytes(timelines, buffers, jobs)), timelines, buffers, jobs);
  }

  /** A domain that a model checker can follow, which it cannot where words are made by a lambda. */
  public static DomainWords onHeap(int timelines, int buffers, int jobs) {
    return new DomainWords(
        new HeapWords(bytes(timelines, buffers, jobs)), timelines, buffers, jobs);
  }

  private long base(int buffer) {
    return buffersPlace + buffer * BUFFER_BYTES;
  }

  private long slot(int buffer, int slot) {
    return base(buffer) + SLOTS + (long) slot * Words.WORD_BYTES;
  }

  private static TimelineState state(Timeline timeline) {
    return ((IssuedTimeline) timeline).state();
  }

  // ---------------------------------------------------------------- timelines

  /** Opens a timeline, which is numbered by its record. */
  public Timeline open(String name) {
    Timeline timeline = table.timeline(name);
    timelines.add(timeline);
    return timeline;
  }

  /** The record of a timeline. */
  public static int record(Timeline timeline) {
    return state(timeline).index();
  }

  /** Whether a point of a record is signaled, as a reservation asks. */
  public boolean isSignaled(int record, long point) {
    return table.isSignaled(record, point);
  }

  /** Whether a point of a record is signaled and its work known to have ended. */
  public boolean isSettled(int record, long point) {
    return table.isSettled(record, point);
  }

  /** Whether a timeline has its record still. */
  public boolean isTenant(Timeline timeline) {
    return table.state(record(timeline)) == state(timeline);
  }

  public int settle(String name) {
    return table.settle(name);
  }

  /** Wrong: a signal that is a store of the point. */
  public void signalByStore(Timeline timeline, long point) {
    long place = table.record(record(timeline)) + TimelineDescriptor.SIGNALED;
    if (words.getVolatile(place) < point) {
      words.setVolatile(place, point);
    }
  }

  /** Wrong: {@link Timeline#issue} that does not look behind its count whether the end came. */
  public long issueWithoutLook(Timeline timeline) {
    if (state(timeline).hasEnded()) {
      throw new IllegalStateException("closed");
    }
    return words.getAndAdd(table.record(record(timeline)) + TimelineDescriptor.ISSUED, 1) + 1;
  }

  /** Wrong: a sweep by {@link TimelineTable#isSignaled} that does not ask what is settled. */
  public boolean sweepUnsettled(int buffer) {
    boolean idle = true;
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      long word = words.getAcquire(slot(buffer, i));
      if (FenceWord.isFence(word)
          && table.isSignaled(FenceWord.index(word), FenceWord.point(word))) {
        words.compareAndSet(slot(buffer, i), word, FenceWord.EMPTY);
      } else {
        idle &= word == FenceWord.EMPTY;
      }
    }
    return idle;
  }

  // ---------------------------------------------------------------- reservations

  public Reservation reservation(int buffer) {
    return slots.of(base(buffer), () -> true);
  }

  public boolean sweep(int buffer) {
    return slots.sweep(base(buffer));
  }

  public boolean isUnused(int buffer) {
    return slots.isUnused(base(buffer));
  }

  /** Wrong: {@link ReservationSlots#sweep} that clears by a store what it found settled. */
  public boolean sweepByStore(int buffer) {
    boolean idle = true;
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      long word = words.getAcquire(slot(buffer, i));
      if (word == FenceWord.EMPTY) {
        continue;
      }
      if (word != FenceWord.CLAIMED
          && table.isSettled(FenceWord.index(word), FenceWord.point(word))) {
        words.setRelease(slot(buffer, i), FenceWord.EMPTY);
      } else {
        idle = false;
      }
    }
    return idle;
  }

  /** Wrong: {@link Reservation#promote} by a store. */
  public boolean promoteByStore(int buffer, Timeline timeline, long point, Usage usage) {
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      long word = words.getVolatile(slot(buffer, i));
      if (FenceWord.isFence(word)
          && FenceWord.index(word) == record(timeline)
          && FenceWord.point(word) >= point
          && !table.isSignaled(FenceWord.index(word), FenceWord.point(word))) {
        if (FenceWord.usage(word).compareTo(usage) > 0) {
          words.setVolatile(slot(buffer, i), FenceWord.withUsage(word, usage));
        }
        return true;
      }
    }
    return false;
  }

  /** Wrong: {@link Reservation#add} that clears the slot of the earlier fence and then adds. */
  public void addBehindClearing(int buffer, Timeline timeline, long point, Usage usage) {
    long fence = FenceWord.pack(record(timeline), point, usage);
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      long word = words.getVolatile(slot(buffer, i));
      if (FenceWord.isFence(word) && FenceWord.isCoveredBy(word, fence)) {
        words.compareAndSet(slot(buffer, i), word, FenceWord.EMPTY);
      }
    }
    slots.add(base(buffer), state(timeline), point, usage);
  }

  /** Steps that {@code ReservationSlots.squeeze} takes wrongly. */
  public enum Squeeze {
    /** The lower slot is cleared before the higher has what covers both. */
    LOWER_FIRST,
    /** The lower slot is cleared whatever it holds by then. */
    WITHOUT_COMPARE
  }

  /** Wrong: {@code ReservationSlots.squeeze}, of the first and the last slot, with a fault. */
  public void squeeze(int buffer, Squeeze fault) {
    long low = slot(buffer, 0);
    long high = slot(buffer, ReservationSlots.CAPACITY - 1);
    long upper = words.getVolatile(high);
    long lower = words.getVolatile(low);
    boolean isLowerLess = FenceWord.isCoveredBy(lower, upper);
    if (!isLowerLess && !FenceWord.isCoveredBy(upper, lower)) {
      return;
    }
    if (fault == Squeeze.WITHOUT_COMPARE) {
      if (isLowerLess || words.compareAndSet(high, upper, lower)) {
        words.setVolatile(low, FenceWord.EMPTY);
      }
      return;
    }
    if (words.compareAndSet(low, lower, FenceWord.EMPTY) && !isLowerLess) {
      words.compareAndSet(high, upper, lower);
    }
  }

  // ---------------------------------------------------------------- jobs

  /**
   * A set whose jobs begin at the record of that number, so that runs can be repeated: a set begins
   * to look for a record by the identity of its timeline.
   */
  public JobSet set(Timeline timeline, int record) {
    IssuedTimeline issued;
    do {
      issued = new IssuedTimeline(state(timeline), null);
    } while ((issued.hashCode() & Integer.MAX_VALUE) % jobRecords != record);
    return new JobSet(issued, SHORT);
  }

  /** What is in a reservation, for people. */
  public String describe(int buffer) {
    return slots.describe(base(buffer));
  }

  /** Wrong: a job over one buffer that puts itself in place of a fence without moving it. */
  public long jobNotMoving(Timeline timeline, int record, int buffer, CollectedFences into) {
    into.reset(table);
    long job = FenceWord.withUsage(jobs.begin(record, new JobHolder("planted")), Usage.WRITE);
    long before;
    do {
      before = slots.setWord().get(base(buffer));
    } while (FenceWord.isJob(before) && jobs.isPending(before)
        || !words.compareAndSet(slot(buffer, -1), before, job));
    slots.queries().collectAsClaimant(base(buffer), Usage.READ, into);
    long point = timeline.issue();
    long fence = FenceWord.pack(record(timeline), point, Usage.MOVE);
    if (!jobs.commit(job, fence)) {
      state(timeline).abandon(point);
      slots.setWord().leave(base(buffer), job);
      jobs.end(FenceWord.withUsage(job, Usage.MOVE));
      return 0;
    }
    slots.setWord().settle(base(buffer), job, FenceWord.withUsage(fence, Usage.WRITE));
    jobs.end(FenceWord.withUsage(job, Usage.MOVE));
    return point;
  }
}
