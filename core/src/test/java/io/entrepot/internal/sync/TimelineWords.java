package io.entrepot.internal.sync;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Usage;

/**
 * A timeline and the reservation slots of one buffer over words of their own: what models of fences
 * run on. {@link TimelineState} and {@link ReservationSlots} are called as they are.
 */
public final class TimelineWords {
  private static final long TOUCHED = TimelineDescriptor.RECORD_BYTES;
  private static final long SET = TOUCHED + Words.WORD_BYTES;
  private static final long SLOTS = SET + Words.WORD_BYTES;
  private static final long BYTES = 2 * TimelineDescriptor.RECORD_BYTES;

  private final Words words;
  private final TimelineTable table;
  private final ReservationSlots slots;
  private TimelineState state;

  private TimelineWords(Words words, long span) {
    this.words = words;
    this.table = new TimelineTable(words, words.base(), 1, span);
    this.state = new TimelineState(table, words, 0, "model", null);
    JobTable jobs = new JobTable(new HeapWords(JobTable.bytes(1)), 0, 1);
    this.slots = new ReservationSlots(words, table, jobs, TOUCHED, SLOTS);
    table.oldFencesBy(index -> slots.forget(words.base(), index));
  }

  /** A timeline that a model checker can follow. */
  public static TimelineWords onHeap() {
    return onHeap(TimelineDescriptor.SPAN);
  }

  /** As {@link #onHeap()}, sweeping old fences each so many points. */
  public static TimelineWords onHeap(long span) {
    return new TimelineWords(new HeapWords(BYTES), span);
  }

  /** As it is where so many points were issued and signaled, and swept before the last of them. */
  static TimelineWords onHeap(long span, long points) {
    TimelineWords timeline = onHeap(span);
    timeline.goOnFrom(points);
    return timeline;
  }

  /** A timeline as it is in use. */
  public static TimelineWords offHeap() {
    return new TimelineWords(Words.offHeap(BYTES), TimelineDescriptor.SPAN);
  }

  /** Makes the words what they were at first. */
  public void reset() {
    for (long offset = 0; offset < BYTES; offset += Words.WORD_BYTES) {
      words.setPlain(words.base() + offset, 0);
    }
    state = new TimelineState(table, words, 0, "model", null);
  }

  /** As it is where so many points were issued and signaled, and never swept. */
  static TimelineWords unsweptOnHeap(long points) {
    TimelineWords timeline = onHeap(TimelineDescriptor.SPAN, points);
    timeline.words.setVolatile(timeline.words.base() + TimelineDescriptor.SWEPT, 0);
    timeline.state = new TimelineState(timeline.table, timeline.words, 0, "model", null);
    return timeline;
  }

  /** What other tenants of the record do in a long time. */
  void goOnFrom(long points) {
    words.setVolatile(words.base() + TimelineDescriptor.ISSUED, points);
    words.setVolatile(
        words.base() + TimelineDescriptor.SIGNALED, TimelineDescriptor.tagged(points, 0));
    words.setVolatile(words.base() + TimelineDescriptor.SWEPT, points - 1);
    state = new TimelineState(table, words, 0, "model", null);
  }

  // ---------------------------------------------------------------- timeline

  TimelineTable table() {
    return table;
  }

  TimelineState state() {
    return state;
  }

  ReservationSlots slots() {
    return slots;
  }

  long base() {
    return words.base();
  }

  /** Wrong: {@link TimelineState#issue} that tells of a sweep before it has been made. */
  public long issueTellingFirst(long span) {
    long point = words.getAndAdd(words.base() + TimelineDescriptor.ISSUED, 1) + 1;
    long sweptOffset = words.base() + TimelineDescriptor.SWEPT;
    long swept = words.getVolatile(sweptOffset);
    if (point > swept + span && words.compareAndSet(sweptOffset, swept, point)) {
      table.forgetOldFences(0);
    }
    return point;
  }

  public long issue() {
    return state.issue();
  }

  public boolean signal(long point) {
    return state.signal(point, null);
  }

  public boolean signal(long point, FenceError error) {
    return state.signal(point, error);
  }

  public boolean isSignaled(long point) {
    return state.isSignaled(point);
  }

  /** Whether it is signaled and its work known to have ended. */
  public boolean isSettled(long point) {
    return table.isSettled(0, point);
  }

  public boolean settle() {
    return state.settle();
  }

  public FenceError error(long point) {
    return state.error(point);
  }

  /** Ends the timeline; its record goes to the next one, of which this is a pending point. */
  public long endAndSucceed() {
    end();
    TimelineState next = new TimelineState(table, words, 0, "next", null);
    next.begin();
    return next.issue();
  }

  public void end() {
    state.end(new FenceError(FenceError.Kind.ISSUER_CLOSED, "the end"));
  }

  public Fence.Callback onSignal(long point, Runnable action) {
    return state.addCallback(point, action);
  }

  // ---------------------------------------------------------------- reservation

  public int reserve() {
    return slots.reserve(words.base());
  }

  /**
   * Reserves a slot, again where somebody sweeps meanwhile, and adds a point; false when the
   * claimed slot was taken away, which must not be.
   */
  public boolean reserveAndAdd(long point) {
    while (true) {
      int slot;
      try {
        slot = reserve();
      } catch (IllegalStateException swept) {
        Thread.onSpinWait();
        continue;
      }
      try {
        add(slot, point);
        return true;
      } catch (IllegalStateException unclaimed) {
        return false;
      }
    }
  }

  /** Puts point 1 into all slots, signals it, and issues point 2. */
  public void fill() {
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      add(reserve(), 1);
    }
    signal(1);
    issue();
  }

  public void cancel(int slot) {
    slots.cancel(words.base(), slot);
  }

  public void add(int slot, long point) {
    slots.add(words.base(), slot, state, point, Usage.READ);
  }

  public boolean sweep() {
    return slots.sweep(words.base());
  }

  public boolean isUnused() {
    return slots.isUnused(words.base());
  }

  /** Puts a word into a slot as a thread does that is late. */
  void putLate(int slot, long word) {
    words.setVolatile(words.base() + SLOTS + (long) slot * Words.WORD_BYTES, word);
  }

  /** Adds a point to a slot that it covers, or to a free one. */
  public void addPoint(long point) {
    slots.add(words.base(), state, point, Usage.READ);
  }

  /** Whether a slot has a point, by the words themselves. */
  public boolean isInSlot(long point) {
    long fence = FenceWord.pack(0, point, Usage.READ);
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      if (words.getVolatile(words.base() + SLOTS + (long) i * Words.WORD_BYTES) == fence) {
        return true;
      }
    }
    return false;
  }

  /** Slots that are not EMPTY, by the words themselves. */
  public int slotsInUse() {
    int count = 0;
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      count += words.getVolatile(words.base() + SLOTS + (long) i * Words.WORD_BYTES) == 0 ? 0 : 1;
    }
    return count;
  }

  /** 1 when the touched word is up, else 0. */
  public int touched() {
    return isUnused() ? 0 : 1;
  }

  /** Wrong: {@link ReservationSlots#sweep} that clears by a store what it found signaled. */
  public boolean sweepByStore() {
    boolean idle = true;
    for (int i = 0; i < ReservationSlots.CAPACITY; i++) {
      long offset = words.base() + SLOTS + (long) i * Words.WORD_BYTES;
      long word = words.getAcquire(offset);
      if (word == FenceWord.EMPTY) {
        continue;
      }
      if (word == FenceWord.CLAIMED || !table.isSignaled(0, FenceWord.point(word))) {
        idle = false;
      } else {
        words.setRelease(offset, FenceWord.EMPTY);
      }
    }
    return idle;
  }
}
