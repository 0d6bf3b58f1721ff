package io.entrepot.internal.flow;

import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import java.util.Objects;
import java.util.function.Function;

/**
 * How readers of this process join a feed, whose writer may be in another: what is asked for is
 * checked before anything is attached, and a join that fails leaves nothing attached.
 */
final class Joining {
  private final Upstream feed;
  private final Runnable checkOpen;
  private final Function<Importer, PoolAttachment> attach;

  /**
   * To a feed.
   *
   * @param checkOpen throws when nobody can join any more
   * @param attach attaches an importer to the feed's pool
   */
  Joining(Upstream feed, Runnable checkOpen, Function<Importer, PoolAttachment> attach) {
    this.feed = feed;
    this.checkOpen = checkOpen;
    this.attach = attach;
  }

  FeedReader join(String reader, Access access, Overflow overflow) {
    return join(reader, access, overflow, Math.min(Feed.DEFAULT_DEPTH, feed.pool().buffers()));
  }

  FeedReader join(String reader, Access access, Overflow overflow, int depth) {
    Importer importer = Importer.viewing(reader, access);
    return join(importer, overflow, depth, Division.EACH, Start.NEXT);
  }

  FeedReader join(Importer importer, Overflow overflow, int depth, Division division, Start start) {
    checkOpen.run();
    checkAsked(importer, overflow, depth, division, start);
    PoolAttachment attachment = attach.apply(importer);
    FeedReader reader = null;
    try {
      reader = new RingReader(feed, attachment, true, overflow, depth, division, start);
      return reader;
    } finally {
      if (reader == null) {
        attachment.close();
      }
    }
  }

  FeedReader join(
      Attachment attachment, Overflow overflow, int depth, Division division, Start start) {
    checkOpen.run();
    checkAsked(attachment.importer(), overflow, depth, division, start);
    PoolAttachment ours = feed.pool().ours(attachment);
    return new RingReader(feed, ours, false, overflow, depth, division, start);
  }

  /** What is missing here would be found by the writer's thread. */
  private void checkAsked(
      Importer importer, Overflow overflow, int depth, Division division, Start start) {
    checkDepth(feed.pool(), importer, depth);
    Objects.requireNonNull(overflow, "overflow");
    Objects.requireNonNull(division, "division");
    Objects.requireNonNull(start, "start");
  }

  /** Throws unless so many unread frames can be asked for. */
  static void checkDepth(PoolCore pool, Importer importer, int depth) {
    if (depth < 1 || depth > pool.buffers()) {
      throw new IllegalArgumentException(
          "depth "
              + depth
              + " of reader '"
              + importer.name()
              + "' is not within 1 to "
              + pool.buffers()
              + ", the buffers of pool '"
              + pool.name()
              + "'");
    }
  }
}
