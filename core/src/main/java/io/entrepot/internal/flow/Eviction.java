package io.entrepot.internal.flow;

import io.entrepot.flow.Overflow;

/**
 * What happens to readers that keep the writer waiting, for room or for a buffer, and stand still
 * for longer than the feed's stall limit: the memory is taken back from them. Writer only, who goes
 * over their rings in a look of its own, see {@link RingLooks}.
 */
final class Eviction {
  private final RingBroadcast feed;

  /** Of readers of a feed. */
  Eviction(RingBroadcast feed) {
    this.feed = feed;
  }

  /** Evicts a reader that has no room if it has stood still for too long; whether it has. */
  boolean evictIfStalled(Subscriber to) {
    if (!isStalled(to)) {
      return false;
    }
    to.evict();
    return true;
  }

  private boolean isStalled(Subscriber to) {
    return to.stall().isLongerThan(feed.stallLimitMs(), passed(to));
  }

  /** How far a reader has come: one that reads its backlog moves, though it has no room yet. */
  private static long passed(Subscriber to) {
    ReaderRing backlog = to.backlog();
    return to.ring().passed() + (backlog == null ? 0 : backlog.passed());
  }

  /**
   * Evicts the reader with the most unread frames among those who have a right to them and have
   * stood still for too long while there was no buffer; whether there was one. The others may be as
   * slow as they like if its frames are enough.
   */
  boolean evictWhoKeepsAll() {
    Subscriber worst = null;
    long most = 0;
    for (Subscriber to : feed.subscriptions()) {
      if (to.reader() == null || to.overflow() == Overflow.DROP_OLDEST || to.isGone()) {
        continue;
      }
      long unread = unread(to);
      // Asked of each in every round, for that is how its time is taken.
      if (unread > 0 && isStalled(to) && unread > most) {
        worst = to;
        most = unread;
      }
    }
    if (worst != null) {
      worst.evict();
    }
    return worst != null;
  }

  /** There was a buffer: who stands still from now on does so anew. */
  void waitIsOver() {
    for (Subscriber to : feed.subscriptions()) {
      to.stall().reset();
    }
  }

  private static long unread(Subscriber to) {
    ReaderRing backlog = to.backlog();
    return Backlog.unread(to.ring()) + (backlog == null ? 0 : Backlog.unread(backlog));
  }
}
