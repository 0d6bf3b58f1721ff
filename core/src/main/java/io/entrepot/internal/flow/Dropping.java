package io.entrepot.internal.flow;

import io.entrepot.flow.Overflow;

/**
 * How a writer that finds the pool empty gets a buffer back from DROP_OLDEST readers. Writer only,
 * in a look of its own, see {@link RingLooks}.
 */
final class Dropping {
  private static final long NONE = -1;

  private final RingBroadcast feed;

  /** From readers of a feed. */
  Dropping(RingBroadcast feed) {
    this.feed = feed;
  }

  /**
   * Drops the oldest frame that only DROP_OLDEST readers have not read yet, so that its buffer
   * comes back, and what these have not read before it. False when there is none: BLOCK or
   * DROP_NEWEST readers have a right to all.
   */
  boolean dropOldest() {
    long oldest = oldestDroppable();
    if (oldest == NONE) {
      return false;
    }
    for (Subscriber to : feed.subscriptions()) {
      ReaderRing ring = to.ring();
      long from = ring.passed();
      if (to.overflow() == Overflow.DROP_OLDEST && !ring.isClosed()) {
        long behind = firstFrom(ring, from, oldest + 1);
        if (behind > from) {
          ring.drop(behind - 1);
        }
      }
    }
    return true;
  }

  private long oldestDroppable() {
    long oldest = NONE;
    for (Subscriber to : feed.subscriptions()) {
      ReaderRing ring = to.ring();
      if (to.overflow() != Overflow.DROP_OLDEST || ring.isClosed()) {
        continue;
      }
      long head = ring.headAcquire();
      for (long at = ring.passed(); at < head; at++) {
        long number = ring.sequence(at);
        if (oldest != NONE && number >= oldest) {
          break;
        }
        if (!isOwedElsewhere(number)) {
          oldest = number;
        }
      }
    }
    return oldest;
  }

  private boolean isOwedElsewhere(long wanted) {
    for (Subscriber to : feed.subscriptions()) {
      ReaderRing ring = to.ring();
      if (to.overflow() == Overflow.DROP_OLDEST || ring.isClosed()) {
        continue;
      }
      long at = firstFrom(ring, ring.passed(), wanted);
      if (at < ring.headAcquire() && ring.sequence(at) == wanted) {
        return true;
      }
    }
    return false;
  }

  /** Position of the first entry from a position on that has a number or a higher one. */
  private static long firstFrom(ReaderRing ring, long position, long number) {
    long low = position;
    long high = Math.max(low, ring.headAcquire());
    while (low < high) {
      long middle = low + high >>> 1;
      if (ring.sequence(middle) < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
