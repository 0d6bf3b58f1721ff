package io.entrepot.internal.flow;

import io.entrepot.internal.memory.CoarseClock;
import java.util.concurrent.TimeUnit;

/**
 * Since when a reader that keeps the writer waiting stands where it is. One thread's.
 *
 * <p>A writer that spins asks in every round, so the time is read only when the coarse clock has
 * ticked: what is said is late by two ticks, or two looks of a writer that sleeps, at most, and
 * never early.
 */
final class Stall {
  private long position = ReaderRing.NONE;
  private long tick;
  private long sinceNs;
  private boolean isTimed;

  /** It keeps nobody waiting any more. */
  void reset() {
    position = ReaderRing.NONE;
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
      sinceNs = nowNs;
      return false;
    }
    return TimeUnit.NANOSECONDS.toMillis(nowNs - sinceNs) > limitMs;
  }
}
