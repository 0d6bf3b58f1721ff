package io.entrepot.sync;

import io.entrepot.internal.sync.CollectedFences;
import java.time.Duration;

/**
 * Fences that were pending in one or several reservations when it was taken, as the kernel's {@code
 * dma_resv_get_fences} gives them.
 *
 * <p>Of each timeline and usage it holds the latest point alone, whose signal implies those of the
 * points before it. Later fences of the reservation are not in it: waiting for a snapshot ends,
 * whatever others add meanwhile.
 *
 * <p><b>Threads.</b> Taking one anew and reading it is for one thread at a time. Taking a snapshot
 * into an object that had as many fences before allocates nothing; {@link #fence(int)} makes an
 * object.
 */
public sealed interface FenceSnapshot permits CollectedFences {

  /** An empty snapshot, to be filled by {@link Reservation#snapshot(Usage, FenceSnapshot)}. */
  static FenceSnapshot create() {
    return new CollectedFences();
  }

  /** Number of fences. */
  int size();

  /** Usage of a fence, 0 to {@code size() - 1}. */
  Usage usage(int index);

  /** Name of a fence's timeline. */
  String timelineName(int index);

  /** Point of a fence on its timeline. */
  long point(int index);

  /** A fence as an object. */
  Fence fence(int index);

  /** Whether all of the fences are signaled by now. */
  boolean isSignaled();

  /**
   * Waits until all of the fences are signaled.
   *
   * @return false when the time was over or the thread interrupted (the interrupt stays set)
   */
  boolean await(Duration timeout);
}
