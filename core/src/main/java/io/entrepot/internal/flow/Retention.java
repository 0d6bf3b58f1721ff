package io.entrepot.internal.flow;

import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.sharing.PoolCore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;

/** What a feed retains for readers that join later, and what these get of it. */
final class Retention {
  /** How long a publication that is under way holds a late joiner up. */
  private static final long AWARE_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final RingBroadcast feed;
  private final PoolCore pool;

  /** What is retained, if anything: the last of the feed's subscriptions, until it is closed. */
  private volatile History history;

  /** Nothing yet. */
  Retention(RingBroadcast feed) {
    this.feed = feed;
    this.pool = feed.pool();
  }

  /** What is retained; {@code null} for nothing. */
  History history() {
    return history;
  }

  void retain(int frames) {
    feed.checkOpen();
    if (frames < 0 || frames > pool.buffers()) {
      throw new IllegalArgumentException(
          frames
              + " frames to retain are not within 0 to "
              + pool.buffers()
              + ", the buffers of pool '"
              + pool.name()
              + "'");
    }
    retainFrom(frames);
    feed.left();
  }

  /** Under the lock of who is put into the feed, so that the history stays the last. */
  private void retainFrom(int frames) {
    synchronized (feed) {
      History before = history;
      if (frames == (before == null ? 0 : before.frames())) {
        return;
      }
      if (before != null) {
        before.close();
      }
      history = null;
      if (frames > 0 && !feed.isClosed()) {
        History next = new History(frames);
        feed.putIn(next);
        history = next;
      }
    }
  }

  /**
   * As {@link Upstream#fill}.
   *
   * @param layoutNumber what the backlog says of a buffer's layout
   */
  boolean fill(
      ReaderRing backlog, Subscriber to, int depth, Start start, IntUnaryOperator layoutNumber) {
    if (!feed.publishing().awaitAware(AWARE_NS)) {
      return false;
    }
    History kept = history;
    if (kept == null) {
      return false;
    }
    int most = start == Start.NEWEST ? 1 : depth;
    if (to.overflow() == Overflow.DROP_OLDEST) {
      most = Math.clamp(depth - Backlog.unread(to.ring()), 0, most);
    }
    return Backlog.fill(
            kept.ring(), to.ring(), backlog, most, pool::hold, pool::unhold, layoutNumber)
        > 0;
  }
}
