package io.entrepot.chaos;

import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Bytes that say which frame they are of, from the first to the last: of which exporter, which
 * feed, which number.
 *
 * <p>No two frames of a run have a word in common at the same place, so one that is torn, stale or
 * of another exporter shows at whatever word is wrong.
 */
final class Stamp {
  private static final long STEP = 0x9E37_79B9_7F4A_7C15L;

  /** Times {@link #STEP} that is 1. */
  private static final long STEPS_BACK = inverse(STEP);

  private final long key;
  private final String feed;

  /** The stamps of a feed of a pool. */
  Stamp(String pool, String feed) {
    this.key = (pool.hashCode() * 31L + feed.hashCode()) * STEP;
    this.feed = feed + " of " + pool;
  }

  /** Of an odd number, modulo 2<sup>64</sup>: each turn doubles the bits that are right. */
  private static long inverse(long odd) {
    long found = odd;
    for (int bits = 3; bits < Long.SIZE; bits *= 2) {
      found *= 2 - odd * found;
    }
    return found;
  }

  private long word(long sequence, long offset) {
    return key ^ (sequence + 1) * STEP + offset;
  }

  /** The number that the first word of a frame is of, if it is of any of this feed. */
  long number(long firstWord) {
    return (firstWord ^ key) * STEPS_BACK - 1;
  }

  void put(WritableView view, long sequence) {
    put(view, sequence, 0, view.byteSize());
  }

  /** Of the words from a place on, to another. */
  void put(WritableView view, long sequence, long from, long to) {
    for (long at = from; at < to; at += Long.BYTES) {
      view.putLong(at, word(sequence, at));
    }
  }

  void check(View view, long sequence) {
    for (long at = 0; at < view.byteSize(); at += Long.BYTES) {
      long found = view.getLong(at);
      if (found != word(sequence, at)) {
        throw wrong(sequence, at, found);
      }
    }
  }

  @SuppressWarnings("restricted")
  void check(NativeLease lease, long sequence) {
    MemorySegment bytes = MemorySegment.ofAddress(lease.address()).reinterpret(lease.byteSize());
    for (long at = 0; at < bytes.byteSize(); at += Long.BYTES) {
      long found = bytes.get(ValueLayout.JAVA_LONG, at);
      if (found != word(sequence, at)) {
        throw wrong(sequence, at, found);
      }
    }
  }

  /** What was found is told as the frame that it is of, if it is of this feed. */
  private AssertionError wrong(long sequence, long at, long found) {
    for (long other = Math.max(0, sequence - 10_000); other < sequence + 10_000; other++) {
      if (word(other, at) == found) {
        return new AssertionError(
            "frame " + sequence + " of " + feed + " has what is of " + other + " at " + at);
      }
    }
    return new AssertionError(
        "frame " + sequence + " of " + feed + " has " + Long.toHexString(found) + " at " + at);
  }
}
