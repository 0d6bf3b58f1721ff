package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The reservation slots of all buffers of a pool.
 *
 * <pre>
 *  slot word   63 62 | 61          46 | 45                      0
 *              usage | timeline index | low bits of the point      EMPTY = 0, CLAIMED = -1
 * </pre>
 *
 * <p>A point starts at 1 and an index stays below 2<sup>15</sup>, so neither special value is a
 * fence.
 *
 * <p><b>Claim</b> is a CAS from EMPTY, or from the word of a signaled fence, to CLAIMED; it is the
 * linearization point of reserving. <b>Add</b> is a release store into one's own claimed slot and
 * cannot fail. A pending fence never changes its slot. The in-use word of a buffer is raised before
 * a slot leaves EMPTY and lowered after it is EMPTY again, so 0 means that there is nothing to look
 * at.
 */
public final class ReservationSlots {
  /** Slots of one buffer. */
  public static final int CAPACITY = 8;

  static final long EMPTY = 0;
  static final long CLAIMED = -1;

  private static final int USAGE_SHIFT = 62;
  private static final int INDEX_SHIFT = 46;
  private static final long INDEX_MASK = 0xFFFF;
  private static final long POINT_MASK = (1L << INDEX_SHIFT) - 1;

  private final Words words;
  private final TimelineTable timelines;
  private final long inUseOffset;
  private final long slotsOffset;

  /**
   * Slots over the words of buffers.
   *
   * @param inUseOffset where in a buffer's record its in-use word lies
   * @param slotsOffset where in a buffer's record its {@value #CAPACITY} slot words lie
   */
  public ReservationSlots(
      Words words, TimelineTable timelines, long inUseOffset, long slotsOffset) {
    this.words = words;
    this.timelines = timelines;
    this.inUseOffset = inUseOffset;
    this.slotsOffset = slotsOffset;
  }

  /** Whether the buffer at {@code base} has neither claims nor fences, signaled ones included. */
  public boolean isUnused(long base) {
    return words.getAcquire(base + inUseOffset) == 0;
  }

  /**
   * Whether the buffer at {@code base} has no claim and no pending fence, clearing signaled ones on
   * the way. What reuse asks.
   */
  public boolean sweep(long base) {
    if (isUnused(base)) {
      return true;
    }
    boolean idle = true;
    for (int i = 0; i < CAPACITY; i++) {
      long offset = slot(base, i);
      long word = words.getAcquire(offset);
      if (word == EMPTY) {
        continue;
      }
      if (word == CLAIMED || !isSettled(word)) {
        idle = false;
      } else if (words.compareAndSet(offset, word, EMPTY)) {
        words.getAndAdd(base + inUseOffset, -1);
      }
    }
    return idle;
  }

  int reserve(long base) {
    words.getAndAdd(base + inUseOffset, 1);
    boolean changed;
    do {
      changed = false;
      for (int i = 0; i < CAPACITY; i++) {
        long word = words.getAcquire(slot(base, i));
        if (word == EMPTY) {
          if (words.compareAndSet(slot(base, i), EMPTY, CLAIMED)) {
            return i;
          }
          changed = true;
        } else if (word != CLAIMED && isSettled(word)) {
          if (words.compareAndSet(slot(base, i), word, CLAIMED)) {
            // The fence that was there had its share of the in-use count: this claim takes it over.
            words.getAndAdd(base + inUseOffset, -1);
            return i;
          }
          changed = true;
        }
      }
    } while (changed);
    words.getAndAdd(base + inUseOffset, -1);
    throw new IllegalStateException(
        "all " + CAPACITY + " fence slots of the buffer are in use: " + describe(base));
  }

  void cancel(long base, int slot) {
    checkClaimed(base, slot);
    words.setRelease(slot(base, slot), EMPTY);
    words.getAndAdd(base + inUseOffset, -1);
  }

  void add(long base, int slot, TimelineState timeline, long point, Usage usage) {
    if (timeline.table() != timelines) {
      throw new IllegalArgumentException(
          "timeline '" + timeline.name() + "' is not of this buffer's sync domain");
    }
    checkClaimed(base, slot);
    words.setRelease(slot(base, slot), pack(timeline.index(), point, usage));
  }

  private void checkClaimed(long base, int slot) {
    if (words.getPlain(slot(base, slot)) != CLAIMED) {
      throw new IllegalStateException("fence slot " + slot + " is not claimed");
    }
  }

  /**
   * Whether no fence of the buffer at {@code base} that a query for {@code usage} sees is pending.
   */
  public boolean isSignaled(long base, Usage usage) {
    if (isUnused(base)) {
      return true;
    }
    return firstPending(base, usage) == EMPTY;
  }

  /** Waits as {@link Reservation#await}. */
  public boolean await(long base, Usage usage, long timeoutNs) {
    long startNs = System.nanoTime();
    while (true) {
      long word = firstPending(base, usage);
      if (word == EMPTY) {
        return true;
      }
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      TimelineState timeline = timelines.state(index(word));
      // No state: the timeline was retired after our look, which signaled the point.
      if (timeline != null && !timeline.await(word & POINT_MASK, leftNs)) {
        return false;
      }
    }
  }

  private long firstPending(long base, Usage usage) {
    for (int i = 0; i < CAPACITY; i++) {
      long word = words.getAcquire(slot(base, i));
      if (word != EMPTY && word != CLAIMED && usage(word) <= usage.ordinal() && !isSignaled(word)) {
        return word;
      }
    }
    return EMPTY;
  }

  private int pending(long base, Usage usage) {
    int count = 0;
    for (int i = 0; i < CAPACITY; i++) {
      long word = words.getAcquire(slot(base, i));
      if (word != EMPTY && word != CLAIMED && usage(word) <= usage.ordinal() && !isSignaled(word)) {
        count++;
      }
    }
    return count;
  }

  /** The claims and pending fences of the buffer at {@code base}. */
  public String describe(long base) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < CAPACITY; i++) {
      long word = words.getAcquire(slot(base, i));
      if (word == EMPTY || (word != CLAIMED && isSettled(word))) {
        continue;
      }
      text.append(text.isEmpty() ? "" : ", ");
      if (word == CLAIMED) {
        text.append("claimed");
      } else {
        TimelineState timeline = timelines.state(index(word));
        text.append(Usage.values()[usage(word)])
            .append(' ')
            .append(timeline == null ? "?" : timeline.name())
            .append(':')
            .append(word & POINT_MASK)
            .append(isSignaled(word) ? " unsettled" : "");
      }
    }
    return text.toString();
  }

  private boolean isSettled(long word) {
    return timelines.isSettled(index(word), word & POINT_MASK);
  }

  private boolean isSignaled(long word) {
    return timelines.isSignaled(index(word), word & POINT_MASK);
  }

  private long slot(long base, int slot) {
    return base + slotsOffset + (long) slot * Words.WORD_BYTES;
  }

  private static long pack(int index, long point, Usage usage) {
    return ((long) usage.ordinal() << USAGE_SHIFT)
        | ((long) index << INDEX_SHIFT)
        | (point & POINT_MASK);
  }

  private static int index(long word) {
    return (int) (word >>> INDEX_SHIFT & INDEX_MASK);
  }

  private static int usage(long word) {
    return (int) (word >>> USAGE_SHIFT);
  }

  /**
   * The reservation of the buffer whose record lies at {@code base}.
   *
   * @param current whether the buffer is still in the use for which the reservation was asked
   */
  public Reservation of(long base, BooleanSupplier current) {
    return new OfBuffer(this, base, current);
  }

  /** One buffer's reservation. */
  public static final class OfBuffer implements Reservation {
    private final ReservationSlots slots;
    private final long base;
    private final BooleanSupplier current;

    OfBuffer(ReservationSlots slots, long base, BooleanSupplier current) {
      this.slots = slots;
      this.base = base;
      this.current = current;
    }

    @Override
    public int reserve() {
      int slot = slots.reserve(base);
      // Looked at behind the claim, which keeps the buffer from being reused from here on.
      if (!current.getAsBoolean()) {
        slots.cancel(base, slot);
        throw new IllegalStateException(
            "the buffer has been released since this reservation was asked for");
      }
      return slot;
    }

    @Override
    public void cancel(int slot) {
      slots.cancel(base, checkSlot(slot));
    }

    @Override
    public void add(int slot, Timeline timeline, long point, Usage usage) {
      TimelineState state = ((IssuedTimeline) timeline).state().checkIssued(point);
      slots.add(base, checkSlot(slot), state, point, usage);
    }

    @Override
    public void add(int slot, Fence fence, Usage usage) {
      TimelinePoint at = TimelinePoint.inReservation(fence);
      slots.add(base, checkSlot(slot), at.state(), at.point(), usage);
    }

    @Override
    public boolean isSignaled(Usage usage) {
      return slots.isSignaled(base, usage);
    }

    @Override
    public boolean await(Usage usage, Duration timeout) {
      return slots.await(base, usage, TimeUnit.NANOSECONDS.convert(timeout));
    }

    @Override
    public int pending(Usage usage) {
      return slots.pending(base, usage);
    }

    @Override
    public String describe() {
      return slots.describe(base);
    }

    private static int checkSlot(int slot) {
      if (slot < 0 || slot >= CAPACITY) {
        throw new IndexOutOfBoundsException("fence slot " + slot + " is not within 0 to 7");
      }
      return slot;
    }
  }
}
