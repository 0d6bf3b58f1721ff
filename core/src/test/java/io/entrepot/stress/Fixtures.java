package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import io.entrepot.internal.flow.RingWords;
import io.entrepot.internal.memory.SleepSteps;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.ErrorTelling;
import io.entrepot.internal.sync.ReservationWords;
import io.entrepot.internal.sync.TimelineWords;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Off-heap fixtures for the states of stress tests, which take turns on a ring as {@link
 * OffHeapWords} do.
 */
final class Fixtures {
  private static final int BUFFER_OF_ANOTHER = 5;

  private Fixtures() {}

  /** A pool of one free buffer and two lanes. */
  static PoolWords pool() {
    PoolWords pool = Pools.RING.next();
    pool.reset();
    return pool;
  }

  /** A pool of one free buffer and two lanes whose words are on the heap. */
  static PoolWords heapPool() {
    return PoolWords.onHeap(1, 2);
  }

  /** A pool whose buffer is published with one hold, in generation 1, with bytes 1. */
  static PoolWords publishedBuffer() {
    return publish(pool(), 1);
  }

  /** As {@link #publishedBuffer}, where its owner has a hold beside. */
  static PoolWords ownersBuffer() {
    return publish(pool(), 2);
  }

  /** As {@link #ownersBuffer}, in a pool that another process imports. */
  static PoolWords importedBuffer() {
    PoolWords pool = ImportedPools.RING.next();
    pool.reset();
    return publish(pool, 2);
  }

  private static PoolWords publish(PoolWords pool, int holders) {
    long owned = pool.own(0);
    pool.bytes(0, 1);
    pool.publish(0, owned, holders);
    return pool;
  }

  /** A feed over two buffers, of which somebody owns the first. */
  static RingWords emptyFeed() {
    RingWords feed = TwoBufferFeeds.RING.next();
    feed.reset();
    feed.pool().own(0);
    feed.pool().bytes(0, BUFFER_OF_ANOTHER);
    return feed;
  }

  /** A feed over one buffer, which has one frame in it. */
  static RingWords feedWithFrame() {
    RingWords feed = OneBufferFeeds.RING.next();
    feed.reset();
    feed.publish();
    return feed;
  }

  /** As {@link #feedWithFrame}, whose ring is whole. */
  static RingWords wholeFeedWithFrame() {
    RingWords feed = WholeFeeds.RING.next();
    feed.reset();
    feed.publish();
    return feed;
  }

  /** A timeline with point 1 pending. */
  static TimelineWords timeline() {
    TimelineWords timeline = Timelines.RING.next();
    timeline.reset();
    timeline.issue();
    return timeline;
  }

  /** A buffer whose fence slots all have a signaled fence; point 2 of the timeline is pending. */
  static TimelineWords fullReservation() {
    TimelineWords buffer = timeline();
    buffer.fill();
    return buffer;
  }

  /** Two buffers without fences, and two timelines of which so many points are issued. */
  static ReservationWords reservations(int points) {
    ReservationWords words = Reservations.RING.next();
    words.reset();
    return words.issue(points);
  }

  /** A thread that is to sleep until another process lets go, each with words of its own. */
  static SleepSteps sleeper() {
    return new SleepSteps(Words.over(OffHeapWords.sixteen()), Words.over(OffHeapWords.sixteen()));
  }

  /** Sixteen words. */
  static Words words() {
    Words words = SixteenWords.RING.next();
    for (long offset = 0; offset < words.byteSize(); offset += Words.WORD_BYTES) {
      words.setPlain(words.base() + offset, 0);
    }
    return words;
  }

  private static final class Pools {
    static final Ring<PoolWords> RING = new Ring<>(() -> PoolWords.offHeap(1, 2));
  }

  private static final class ImportedPools {
    static final Ring<PoolWords> RING = new Ring<>(() -> PoolWords.offHeap(1, 2).withPeer());
  }

  private static final class OneBufferFeeds {
    static final Ring<RingWords> RING = new Ring<>(() -> RingWords.offHeap(1, 1, 1));
  }

  private static final class WholeFeeds {
    static final Ring<RingWords> RING = new Ring<>(() -> RingWords.offHeap(1, 1, 1).whole());
  }

  private static final class TwoBufferFeeds {
    static final Ring<RingWords> RING = new Ring<>(() -> RingWords.offHeap(2, 1, 1));
  }

  private static final class Timelines {
    static final Ring<TimelineWords> RING = new Ring<>(TimelineWords::offHeap);
  }

  private static final class Reservations {
    static final Ring<ReservationWords> RING = new Ring<>(ReservationWords::offHeap);
  }

  private static final class SixteenWords {
    static final Ring<Words> RING = new Ring<>(() -> Words.offHeap(Words.PAD_BYTES));
  }

  /** More than the states that are alive at once. */
  private static final class Ring<T> {
    private static final int CELLS = 1 << 14;

    private final Object[] cells = new Object[CELLS];
    private final AtomicInteger turn = new AtomicInteger();
    private final Supplier<T> make;

    Ring(Supplier<T> make) {
      this.make = make;
    }

    /** Filled as it is used: to fill it first takes longer than some tests do. */
    @SuppressWarnings("unchecked")
    T next() {
      int cell = turn.getAndIncrement() & (CELLS - 1);
      T next = (T) cells[cell];
      if (next == null) {
        next = make.get();
        cells[cell] = next;
      }
      return next;
    }
  }

  /** A timeline's words that tell of errors at points 1 to 4. */
  static ErrorTelling fourErrors() {
    ErrorTelling errors = new ErrorTelling(Words.over(OffHeapWords.sixteen()));
    for (long point = 1; point <= 4; point++) {
      errors.tell(point, point);
    }
    return errors;
  }
}
