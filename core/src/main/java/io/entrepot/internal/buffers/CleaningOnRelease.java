package io.entrepot.internal.buffers;

import io.entrepot.internal.sync.ReservationSlots;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Cleans buffers when their last use ends, in the thread that ends it, and not when somebody looks
 * for a free one.
 *
 * <p><b>Who is the last.</b> Two that let go of a buffer at the same time each change their word
 * (slot, hold), then, behind a full fence, look at those of all others: at least one of them sees
 * that nobody is left. Where the passes of several meet, the one that marks the buffer last sees
 * what the others had changed before they marked it, see {@link Reclaimer}.
 *
 * <p><b>Fences.</b> A buffer that only a pending fence keeps is watched by a callback on that, one
 * at a time, which looks again.
 */
final class CleaningOnRelease implements Runnable {
  private static final int NOBODY = 0;
  private static final int WATCHED = 1;

  private final PoolDescriptor layout;
  private final BufferStates states;
  private final ReservationSlots reservations;
  private final Runnable pass;
  private final AtomicIntegerArray watches;

  /**
   * Of the buffers of a pool.
   *
   * @param pass what {@link Reclaimer#reclaim} does
   */
  CleaningOnRelease(
      PoolDescriptor layout, BufferStates states, ReservationSlots reservations, Runnable pass) {
    this.layout = layout;
    this.states = states;
    this.reservations = reservations;
    this.pass = pass;
    this.watches = new AtomicIntegerArray(layout.buffers());
  }

  /** Something was let go of. */
  @Override
  public void run() {
    VarHandle.fullFence();
    pass.run();
    if (isLeft()) {
      pass.run();
    }
  }

  /**
   * Watches the buffers that fences keep; whether there are retired ones that none keeps now: they
   * are mapped, and whoever unmaps them looks again, or their fences were signaled just now.
   */
  private boolean isLeft() {
    boolean left = false;
    for (int buffer = 0; buffer < watches.length(); buffer++) {
      if (BufferStates.isRetired(states.acquire(buffer))) {
        left |= !isWatched(buffer);
      }
    }
    return left;
  }

  /** Whether a pending fence of the buffer is watched, after which it is looked at again. */
  private boolean isWatched(int buffer) {
    while (!reservations.isSignaled(layout.buffer(buffer), Usage.BOOKKEEP)) {
      if (!watches.compareAndSet(buffer, NOBODY, WATCHED) || watch(buffer)) {
        return true;
      }
      // Signaled meanwhile. Others have counted on the watch: their fences are looked at again.
    }
    return false;
  }

  private boolean watch(int buffer) {
    boolean watched = false;
    try {
      Fence pending =
          reservations
              .of(layout.buffer(buffer), () -> true)
              .exportFence(Usage.BOOKKEEP, "use of buffer " + buffer + " that is to be cleaned");
      watched = pending.onSignal(() -> signaled(buffer)) != null;
      return watched;
    } finally {
      if (!watched) {
        watches.set(buffer, NOBODY);
      }
    }
  }

  private void signaled(int buffer) {
    watches.set(buffer, NOBODY);
    run();
  }
}
