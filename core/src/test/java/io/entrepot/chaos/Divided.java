package io.entrepot.chaos;

import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** What the threads of one reader that divide its frames have seen of them: each frame once. */
final class Divided {
  private final FeedReader reader;
  private final Overflow overflow;
  private final AtomicLong all;
  private final Set<Long> seen = new HashSet<>();

  /** The last frame that was there at the last pause, or -1. */
  private long last = -1;

  /** Frames between two that were seen and that nobody saw. */
  private long missing;

  /**
   * Of a reader with several ports.
   *
   * @param all counts what is seen
   */
  Divided(FeedReader reader, Overflow overflow, AtomicLong all) {
    this.reader = reader;
    this.overflow = overflow;
    this.all = all;
  }

  /** One of the threads has a frame. */
  synchronized void saw(long sequence) {
    if (sequence <= last || !seen.add(sequence)) {
      throw new AssertionError(
          overflow + ": frame " + sequence + " came to two threads that divide them");
    }
    all.incrementAndGet();
  }

  /**
   * All threads wait, and nothing is unread: what none of them saw was dropped, and of a BLOCK
   * reader nothing was.
   */
  synchronized void settle() {
    if (seen.isEmpty()) {
      return;
    }
    long newest = seen.stream().mapToLong(Long::longValue).max().orElseThrow();
    long oldest =
        last >= 0 ? last + 1 : seen.stream().mapToLong(Long::longValue).min().orElseThrow();
    missing += newest - oldest + 1 - seen.size();
    long dropped = reader.dropped();
    if (missing > dropped || (overflow == Overflow.BLOCK && missing > 0)) {
      throw new AssertionError(
          overflow
              + ": "
              + missing
              + " frames to "
              + newest
              + " came to none of the threads that divide them, "
              + dropped
              + " were dropped");
    }
    last = newest;
    seen.clear();
  }
}
