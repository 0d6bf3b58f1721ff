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

  /**
   * {@return an empty snapshot, to be filled by {@link Reservation#snapshot(Usage, FenceSnapshot)}}
   */
  static FenceSnapshot create() {
    return new CollectedFences();
  }

  /** {@return number of fences} */
  int size();

  /**
   * {@return usage of a fence}
   *
   * @param index of the fence, 0 to {@code size() - 1}
   */
  Usage usage(int index);

  /**
   * {@return name of a fence's timeline; its number, where it is of another process}
   *
   * @param index of the fence, 0 to {@code size() - 1}
   */
  String timelineName(int index);

  /**
   * {@return point of a fence on its timeline}
   *
   * @param index of the fence, 0 to {@code size() - 1}
   */
  long point(int index);

  /**
   * {@return a fence as an object}
   *
   * <p>One of the process that exports the buffer becomes one of this process, with a point of its
   * own.
   *
   * @param index of the fence, 0 to {@code size() - 1}
   * @throws IllegalStateException when the fence is of another process, and no timeline is free to
   *     stand for it
   */
  Fence fence(int index);

  /** {@return whether all of the fences are signaled by now} */
  boolean isSignaled();

  /**
   * Waits until all of the fences are signaled.
   *
   * @param timeout the longest time to wait; zero only tests
   * @return false when the time was over or the thread interrupted (the interrupt stays set)
   */
  boolean await(Duration timeout);
}
