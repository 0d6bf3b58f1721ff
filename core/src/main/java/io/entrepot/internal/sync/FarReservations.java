package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.util.function.BooleanSupplier;

/**
 * The reservations of a pool of another process, as who has imported the pool waits for them:
 * {@link FarSlots}, and what becomes of the fences in them when that process is lost.
 *
 * <p>A fence that is pending there when the process is lost was signaled with an error, as those
 * are that were imported ({@link FarFences}): that ends waiting, not protection. So it is lost when
 * it has ended, or when all that is attached here is revoked: a process that lives behind an ended
 * connection goes on writing. What that process writes need not make sense: a fence that it does
 * not have is pending until it is lost, and every wait for it ends at its deadline.
 */
public final class FarReservations {
  private final FarSlots slots;
  private final FarFences fences;
  private final FarSignals signals;
  private final BooleanSupplier lost;

  /**
   * Of one process.
   *
   * @param fences by which its fences become objects of this process
   * @param signals by which this process hears it; woken by whoever has it lost
   * @param lost whether it is heard of no more, and what it may still write is shown to nobody here
   */
  public FarReservations(
      FarSlots slots, FarFences fences, FarSignals signals, BooleanSupplier lost) {
    this.slots = slots;
    this.fences = fences;
    this.signals = signals;
    this.lost = lost;
  }

  /** Whether nobody waits for fences of that process any more. */
  public boolean isLost() {
    return lost.getAsBoolean();
  }

  // ---------------------------------------------------------------- of one buffer

  /**
   * Whether no fence of the buffer whose record lies at {@code base} is pending that a query for
   * {@code usage} sees.
   */
  public boolean isSignaled(long base, Usage usage) {
    return slots.isSignaled(base, usage) || lost.getAsBoolean();
  }

  /** Waits until {@link #isSignaled} says so; false when the time was over. */
  boolean await(long base, Usage usage, long timeoutNs) {
    return isSignaled(base, usage) || signals.await(() -> isSignaled(base, usage), timeoutNs);
  }

  int pending(long base, Usage usage) {
    return lost.getAsBoolean() ? 0 : slots.pending(base, usage);
  }

  /** Its claims and pending fences, and whose they are; empty when there are none. */
  String describe(long base) {
    String text = lost.getAsBoolean() ? "" : slots.describe(base);
    return text.isEmpty() ? "" : text + " in " + fences.process();
  }

  /** Adds the pending fences that a query for {@code usage} sees. */
  void collect(long base, Usage usage, CollectedFences into) {
    if (!lost.getAsBoolean()) {
      slots.collect(base, usage, this, into);
    }
  }

  // ---------------------------------------------------------------- of one fence

  /** Whether a point that was found pending is so no more. */
  boolean isPointSignaled(int record, long point) {
    return fences.isSignaled(record, point) || lost.getAsBoolean();
  }

  /** Waits for a point that was found pending; false when the time was over. */
  boolean awaitPoint(int record, long point, long timeoutNs) {
    return signals.await(() -> isPointSignaled(record, point), timeoutNs);
  }

  /** The fence of this process that stands for a point which was found pending. */
  Fence fence(int record, long point) {
    return fences.foundPoint(record, point);
  }

  /** What a timeline is called: its name is on the heap of the other process. */
  String timelineName(int record) {
    return "timeline " + record + " of " + fences.process();
  }
}
