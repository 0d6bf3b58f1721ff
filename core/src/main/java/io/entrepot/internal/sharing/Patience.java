package io.entrepot.internal.sharing;

import io.entrepot.sharing.Port;
import java.util.concurrent.TimeUnit;

/**
 * How long a call waits for a busy buffer, and what it does then.
 *
 * @param limitNs longest time to wait in nanoseconds; 0 or less only tests
 * @param isStated whether the caller said the time and is answered when it is over; else it gets an
 *     error
 */
record Patience(long limitNs, boolean isStated) {
  /** Of calls that say no time. */
  static final Patience DEFAULT = new Patience(Port.DEFAULT_WAIT.toNanos(), false);

  static Patience of(long timeout, TimeUnit unit) {
    return new Patience(unit.toNanos(timeout), true);
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
