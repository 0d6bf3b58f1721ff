package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One buffer's reservation. That of a buffer which another process exports has two parts: the slots
 * of this process, to which it adds, and those of the exporter, which queries see as well.
 */
public final class BufferReservation implements Reservation {
  private final ReservationSlots slots;
  private final long base;
  private final BooleanSupplier current;

  /** The exporter's; {@code null} where that is this process. */
  private final FarReservations far;

  private final long farBase;

  BufferReservation(
      ReservationSlots slots,
      long base,
      FarReservations far,
      long farBase,
      BooleanSupplier current) {
    this.slots = slots;
    this.base = base;
    this.far = far;
    this.farBase = farBase;
    this.current = current;
  }

  ReservationSlots slots() {
    return slots;
  }

  long base() {
    return base;
  }

  /** Whether the buffer is still in the use for which this reservation was asked. */
  boolean isCurrent() {
    return current.getAsBoolean();
  }

  /**
   * Throws unless it is current. Behind the change of a slot, which keeps it so; and before, so
   * that one which is over for long changes nothing that its buffer's owner was told of.
   */
  void checkCurrent() {
    if (!isCurrent()) {
      throw new IllegalStateException(
          "the buffer has been released since by the reference or view that this reservation was"
              + " asked of");
    }
  }

  @Override
  public int reserve() {
    checkCurrent();
    int slot = slots.reserve(base);
    if (!isCurrent()) {
      slots.cancel(base, slot);
      checkCurrent();
    }
    return slot;
  }

  @Override
  public void cancel(int slot) {
    slots.cancel(base, checkSlot(slot));
  }

  @Override
  public void add(int slot, Timeline timeline, long point, Usage usage) {
    slots.add(base, checkSlot(slot), issued(timeline, point), point, usage);
  }

  @Override
  public void add(int slot, Fence fence, Usage usage) {
    TimelinePoint at = TimelinePoint.inReservation(fence);
    slots.add(base, checkSlot(slot), at.state(), at.point(), usage);
  }

  @Override
  public void add(Fence fence, Usage usage) {
    TimelinePoint at = TimelinePoint.inReservation(fence);
    checkCurrent();
    slots.add(base, at.state(), at.point(), usage);
    checkCurrent();
  }

  @Override
  public void add(Timeline timeline, long point, Usage usage) {
    TimelineState state = issued(timeline, point);
    checkCurrent();
    slots.add(base, state, point, usage);
    checkCurrent();
  }

  @Override
  public int replace(Timeline timeline, Fence by, Usage usage) {
    TimelinePoint at = TimelinePoint.inReservation(by);
    return slots.replace(base, state(timeline), at.state(), at.point(), usage);
  }

  @Override
  public boolean promote(Fence fence, Usage usage) {
    TimelinePoint at = TimelinePoint.inReservation(fence);
    return slots.promote(base, at.state(), at.point(), usage);
  }

  @Override
  public void copyFrom(Reservation source) {
    BufferReservation from = (BufferReservation) source;
    if (from.slots.timelines() != slots.timelines()) {
      throw new IllegalArgumentException(
          "the fences are of another sync domain than this buffer's");
    }
    checkCurrent();
    long[] fences = from.words(collected(from, Usage.BOOKKEEP, new CollectedFences()));
    int[] claimed = new int[fences.length];
    int claims = 0;
    try {
      while (claims < claimed.length) {
        claimed[claims] = reserve();
        claims++;
      }
    } catch (IllegalStateException noSlot) {
      while (claims > 0) {
        slots.cancel(base, claimed[--claims]);
      }
      throw noSlot;
    }
    for (int i = 0; i < claimed.length; i++) {
      slots.fill(base, claimed[i], fences[i]);
    }
  }

  /** The fences as this process's slots hold them; EMPTY for those that have ended. */
  private long[] words(CollectedFences fences) {
    long[] words = new long[fences.size()];
    for (int i = 0; i < words.length; i++) {
      if (!fences.isFar(i)) {
        words[i] = fences.word(i);
      } else if (fences.fence(i) instanceof TimelinePoint here) {
        words[i] = FenceWord.of(here.state(), here.point(), fences.usage(i));
      }
    }
    return words;
  }

  @Override
  public FenceSnapshot snapshot(Usage usage) {
    return collected(this, usage, new CollectedFences());
  }

  @Override
  public void snapshot(Usage usage, FenceSnapshot into) {
    collected(this, usage, (CollectedFences) into);
  }

  private static CollectedFences collected(
      BufferReservation from, Usage usage, CollectedFences into) {
    from.slots.collect(from.base, usage, into.reset(from.slots.timelines()));
    from.collectFar(usage, into);
    return into;
  }

  /** Adds what the exporter's process has pending, where that is another. */
  void collectFar(Usage usage, CollectedFences into) {
    if (far != null) {
      far.collect(farBase, usage, into);
    }
  }

  @Override
  public int importFence(Fence fence, Usage usage) {
    ImportedFences points = ImportedFences.of(slots.timelines(), fence, usage);
    checkCurrent();
    int added = points.addTo(slots, base);
    checkCurrent();
    return added;
  }

  @Override
  public Fence exportFence(Usage usage, String name) {
    CollectedFences pending = collected(this, usage, new CollectedFences());
    Fence[] fences = new Fence[pending.size()];
    for (int i = 0; i < fences.length; i++) {
      fences[i] = pending.fence(i);
    }
    return Flattening.merge(name, fences);
  }

  @Override
  public boolean isSignaled(Usage usage) {
    return slots.isSignaled(base, usage) && (far == null || far.isSignaled(farBase, usage));
  }

  @Override
  public boolean await(Usage usage, Duration timeout) {
    // Far below zero, what is left of it would wrap to for ever.
    long timeoutNs = Math.max(0, TimeUnit.NANOSECONDS.convert(timeout));
    return far == null
        ? slots.await(base, usage, timeoutNs)
        : awaitBoth(usage, System.nanoTime(), timeoutNs);
  }

  /**
   * Until neither has one, in one look at both: fences are added to one during the wait for other.
   */
  private boolean awaitBoth(Usage usage, long startNs, long timeoutNs) {
    do {
      if (!slots.await(base, usage, timeoutNs - (System.nanoTime() - startNs))
          || !far.await(farBase, usage, timeoutNs - (System.nanoTime() - startNs))) {
        return false;
      }
    } while (!slots.isSignaled(base, usage));
    return true;
  }

  @Override
  public void hintDeadline(Usage usage, long deadlineNs) {
    CollectedFences pending = collected(this, usage, new CollectedFences());
    for (int i = 0; i < pending.size(); i++) {
      // Issuers in the exporter's process are told nothing from here.
      if (!pending.isFar(i)) {
        pending.fence(i).hintDeadline(deadlineNs);
      }
    }
  }

  @Override
  public int pending(Usage usage) {
    int here = slots.queries().pending(base, usage);
    return far == null ? here : here + far.pending(farBase, usage);
  }

  @Override
  public String describe() {
    String here = slots.describe(base);
    String there = far == null ? "" : far.describe(farBase);
    return here + (here.isEmpty() || there.isEmpty() ? "" : ", ") + there;
  }

  private static TimelineState state(Timeline timeline) {
    return ((IssuedTimeline) timeline).state();
  }

  private static TimelineState issued(Timeline timeline, long point) {
    return state(timeline).checkIssued(point);
  }

  private static int checkSlot(int slot) {
    if (slot < 0 || slot >= CAPACITY) {
      throw new IndexOutOfBoundsException("fence slot " + slot + " is not within 0 to 7");
    }
    return slot;
  }
}
