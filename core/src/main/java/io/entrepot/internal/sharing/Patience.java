package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.WaitList;
import io.entrepot.sharing.Port;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What a call waits for at a busy buffer, for how long, and what it does then.
 *
 * @param after what to wait for instead of the buffer's own fences; {@code null} for those
 * @param limitNs longest time to wait in nanoseconds, 0 or more; 0 only tests
 * @param isStated whether the caller said the time and is answered when it is over; else it gets an
 *     error
 */
record Patience(Fence after, long limitNs, boolean isStated) {
  /** Of calls that say no time. */
  static final Patience DEFAULT = new Patience(null, Port.DEFAULT_WAIT.toNanos(), false);

  /** With the fences of the buffer, for as long as the caller says. */
  static Patience of(long timeout, TimeUnit unit) {
    return new Patience(null, limitNs(timeout, unit), true);
  }

  /** With explicit synchronisation. */
  static Patience after(Fence after, long timeout, TimeUnit unit) {
    return new Patience(Objects.requireNonNull(after, "after"), limitNs(timeout, unit), true);
  }

  /** No less than 0: of the longest negative time nothing could be taken off. */
  private static long limitNs(long timeout, TimeUnit unit) {
    return Math.max(0, unit.toNanos(timeout));
  }

  /**
   * Waits for the fence that the caller gave, if it gave one. The caller has taken nothing yet that
   * somebody else might wait for.
   *
   * @return the time that is left for the buffer, 0 or more; -1 when all of it is over
   */
  long awaitFence() {
    if (after == null) {
      return limitNs;
    }
    long startNs = System.nanoTime();
    return after.await(Duration.ofNanos(limitNs)) ? WaitList.left(startNs, limitNs) : -1;
  }

  /**
   * The fences of the buffer that are waited for: those that a query for this usage sees. Moves of
   * the exporter are waited for by everybody, whatever else they say.
   */
  Usage awaited(boolean write) {
    return after == null ? Usage.awaitedBy(write) : Usage.MOVE;
  }

  /** The wait for a buffer was in vain: throws unless the caller is to be answered. */
  void end(PoolCore pool, int buffer) {
    if (isStated) {
      return;
    }
    throw new IllegalStateException(
        (Thread.currentThread().isInterrupted()
                ? "interrupted while waiting for a busy buffer of pool '"
                : "waited " + Port.DEFAULT_WAIT.toSeconds() + " s for a busy buffer of pool '")
            + pool.name()
            + "'; give a time-out to be answered instead: "
            + PoolDump.buffer(pool, buffer));
  }
}
