package io.entrepot.contract;

import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import java.util.concurrent.TimeUnit;

/**
 * A reader that joins a feed whose writer is at full speed, reads a little and leaves; in whatever
 * process it is, so that it throws by itself what a test would.
 *
 * @param unread how many frames there were when it had joined
 * @param first number of the first frame that it got
 */
record LateReading(long unread, long first) {
  private static final int DEPTH = 6;

  /** More than it can have from before. */
  private static final int FRAMES = 8;

  static FeedReader join(Feed feed, Overflow overflow, int depth, Start start) {
    return feed.join(Importer.viewing("late", Access.READ), overflow, depth, Division.EACH, start);
  }

  /** The policy and start of one join of many, so that all of them meet. */
  static LateReading of(Feed feed, int join) {
    return of(feed, Overflow.values()[join / 2 % 3], join % 2 == 0 ? Start.OLDEST : Start.NEWEST);
  }

  /**
   * Throws unless each frame is whole, and none is missed that the policy keeps, or comes twice.
   */
  private static LateReading of(Feed feed, Overflow overflow, Start start) {
    try (FeedReader reader = join(feed, overflow, DEPTH, start);
        FramePort port = reader.open()) {
      long unread = reader.unread();
      long first = check(port, -1, overflow);
      long last = first;
      for (int i = 1; i < FRAMES; i++) {
        last = check(port, last, overflow);
      }
      if (overflow == Overflow.BLOCK && reader.dropped() != 0) {
        throw new AssertionError(reader.dropped() + " frames were dropped behind " + start);
      }
      return new LateReading(unread, first);
    }
  }

  private static long check(FramePort port, long last, Overflow overflow) {
    View view = port.next(30, TimeUnit.SECONDS);
    if (view == null) {
      throw new AssertionError("no frame behind " + last);
    }
    long number = port.sequence();
    Pattern.check(view, number);
    boolean inOrder = last >= 0 && overflow == Overflow.BLOCK ? number == last + 1 : number > last;
    if (!inOrder || port.timestamp() != number) {
      throw new AssertionError(overflow + ": " + port.frame() + " came behind " + last);
    }
    return number;
  }
}
