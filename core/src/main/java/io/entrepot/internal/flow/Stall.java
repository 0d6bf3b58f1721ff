package io.entrepot.internal.flow;

import io.entrepot.internal.memory.CoarseClock;
import java.util.concurrent.TimeUnit;

/**
 * How long a reader that keeps the writer waiting stands where it is. One thread's.
 *
 * <p>A writer that spins asks in every round, so the time is read only when the coarse clock has
 * ticked: what is said is late by two ticks, or two looks of a writer that sleeps, at most, and
 * never early.
 *
 * <p>Nobody tells here when a wait is over in vain, and a writer may look for buffers again and
 * again without waiting. So the time between two looks counts, but no more of it than one part in
 * {@value #PARTS} of the limit: a source that was at rest for an hour has not been kept waiting.
 */
final class Stall {
  private static final int PARTS = 4;

  private static final long NONE = -1;

  /** Counts in any case, for limits that are shorter than looks are apart. */
  private static final long LEAST_NS = TimeUnit.MILLISECONDS.toNanos(2 * CoarseClock.TICK_MS);

  private long position = NONE;
  private long tick;
  private long seenNs;
  private long waitedNs;
  private boolean isTimed;

  /** It keeps nobody waiting any more. */
  void reset() {
    position = NONE;
  }

  /**
   * Whether the reader, seen at a position where it keeps the writer waiting, stands there for
   * longer than that.
   */
  boolean isLongerThan(long limitMs, long at) {
    long now = CoarseClock.millis();
    if (position != at) {
      position = at;
      tick = now;
      isTimed = false;
      return false;
    }
    if (now == tick) {
      return false;
    }
    tick = now;
    // Not the coarse clock's own time, which is the wall's and may be put on.
    long nowNs = System.nanoTime();
    if (!isTimed) {
      isTimed = true;
      seenNs = nowNs;
      waitedNs = 0;
      return false;
    }
    long mostNs = Math.max(LEAST_NS, TimeUnit.MILLISECONDS.toNanos(limitMs) / PARTS);
    waitedNs += Math.min(nowNs - seenNs, mostNs);
    seenNs = nowNs;
    return TimeUnit.NANOSECONDS.toMillis(waitedNs) > limitMs;
  }
}
