package io.entrepot.internal.flow;

import io.entrepot.internal.memory.CoarseClock;

/**
 * Since when a reader without room stands where it is. One thread's; the time is the coarse
 * clock's, for a writer that spins looks at it in every round.
 */
final class Stall {
  private long position = ReaderRing.NONE;
  private long sinceMs;

  /** Whether the reader, seen at a position without room, stands there for longer than that. */
  boolean isLongerThan(long limitMs, long at) {
    long nowMs = CoarseClock.millis();
    if (position != at) {
      position = at;
      sinceMs = nowMs;
      return false;
    }
    return nowMs - sinceMs > limitMs;
  }
}
