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

  private TimelineWords(Words words) {
    this.words = words;
    this.table = new TimelineTable(words, words.base(), 1);
    this.state = new TimelineState(table, words, 0, "model", null);
    JobTable jobs = new JobTable(new HeapWords(JobTable.bytes(1)), 0, 1);
    this.slots = new ReservationSlots(words, table, jobs, TOUCHED, SLOTS);
  }

  /** A timeline that a model checker can follow. */
  public static TimelineWords onHeap() {
    return new TimelineWords(new HeapWords(BYTES));
  }

  /** A timeline as it is in use. */
  public static TimelineWords offHeap() {
    return new TimelineWords(Words.offHeap(BYTES));
  }

  /** Makes the words what they were at first. */
  public void reset() {
    for (long offset = 0; offset < BYTES; offset += Words.WORD_BYTES) {
      words.setPlain(words.base() + offset, 0);
    }
    state = new TimelineState(table, words, 0, "model", null);
  }

  // ---------------------------------------------------------------- timeline

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
      if (word == FenceWord.CLAIMED || !table.isSignaled(0, word & ((1L << 46) - 1))) {
        idle = false;
      } else {
        words.setRelease(offset, FenceWord.EMPTY);
      }
    }
    return idle;
  }
}
