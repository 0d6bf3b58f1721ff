package io.entrepot.internal.flow;

import io.entrepot.flow.FeedFailedException;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;

/**
 * Why a port has taken no frame when its wait is over. Asked only then: a frame that is there comes
 * first.
 */
final class NoFrame {
  private final Upstream feed;
  private final PoolCore pool;
  private final PoolAttachment attachment;
  private final ReaderRing ring;
  private final NextEntry next;

  /**
   * Of a port.
   *
   * @param attachment of its reader
   * @param ring what is published from the join on
   * @param next the entry that it looks at
   */
  NoFrame(
      Upstream feed, PoolCore pool, PoolAttachment attachment, ReaderRing ring, NextEntry next) {
    this.feed = feed;
    this.pool = pool;
    this.attachment = attachment;
    this.ring = ring;
    this.next = next;
  }

  /**
   * Whether there may be a frame all the same: kept by a fence, or taken by another thread, in
   * which case the next is waited for. Throws when the feed has failed.
   *
   * @param isReadable what the wait said
   * @param waitedNs how long it was to last
   */
  boolean mayCome(boolean isReadable, long waitedNs) {
    attachment.checkAttachedOrClosed();
    if (!isReadable && waitedNs > 0) {
      // A writer whose thread has died tells nobody: look for it when a wait was in vain.
      pool.reap();
    }
    boolean isEnded = next.isEnded();
    if (isReadable && !isEnded) {
      return true;
    }
    if (isEnded && (ring.isFailed() || feed.isLost())) {
      throw new FeedFailedException(
          "the writer of feed '" + feed.name() + "' has failed", feed.failure(ring));
    }
    return false;
  }

  /** Throws where a process that has died was writing in place to the frame that is looked at. */
  void requireWhole() {
    RingEntry seen = next.seen();
    if (pool.isHalfOverwritten(seen.buffer, seen.generation)) {
      throw new FeedFailedException(
          "a frame of feed '" + feed.name() + "' is half overwritten; nextBuffer goes past it",
          feed.failure(ring));
    }
  }
}
