package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Frame;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.Test;

/** C8: what an empty pool and a full queue do is chosen by the caller, and nothing else happens. */
class C8EmptyPoolAndQueuesTest {
  private static FeedReader join(
      Broadcast feed, String name, Overflow overflow, int depth, Division division) {
    return feed.join(Importer.viewing(name, Access.READ), overflow, depth, division);
  }

  private static FeedReader join(Broadcast feed, Overflow overflow, int depth) {
    return join(feed, "reader", overflow, depth, Division.EACH);
  }

  private static void publish(FeedWriter writer, long number) {
    WritableView view = writer.acquire(30, TimeUnit.SECONDS);
    assertNotNull(view, () -> "no buffer for frame " + number);
    view.putLong(0, number);
    writer.publish(number * 1000);
  }

  /** Reads to the end what there is: the numbers in the frames, checked against what they say. */
  private static List<Long> drain(FramePort port) {
    List<Long> numbers = new ArrayList<>();
    while (port.next(0, TimeUnit.SECONDS) instanceof View view) {
      long number = view.getLong(0);
      assertEquals(number, port.sequence());
      assertEquals(number * 1000, port.timestamp());
      numbers.add(number);
    }
    return numbers;
  }

  private static List<Long> numbers(long from, long toExclusive) {
    return LongStream.range(from, toExclusive).boxed().toList();
  }

  // ---------------------------------------------------------------- the empty pool

  @Test
  void anEmptyPoolAnswersNoneOrWaitsAsTheCallerChooses() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var owner = pool.open("owner")) {
      SharedBuffer only = pool.tryAcquire(64);
      assertNull(pool.tryAcquire(64));
      assertNull(pool.acquire(64, 1, TimeUnit.MILLISECONDS));
      assertNull(owner.tryAcquire());
      assertNull(owner.acquire(1, TimeUnit.MILLISECONDS));
      assertEquals(2, pool.statistics().timeouts());
      var waiting = Elsewhere.start(() -> pool.acquire(64, 30, TimeUnit.SECONDS)).awaitWaiting();
      only.close();
      SharedBuffer got = waiting.result();
      assertEquals(only.index(), got.index());
      got.close();
      assertNotNull(owner.acquire(0, TimeUnit.SECONDS));
      owner.release();
    }
  }

  @Test
  void everyWaiterGetsABufferInTheEnd() {
    try (var pool = BufferPool.offHeap("pool", 64, 2)) {
      List<Elsewhere<Integer>> waiters = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        waiters.add(
            Elsewhere.start(() -> {
              int got = 0;
              for (int round = 0; round < 200; round++) {
                try (SharedBuffer buffer = pool.acquire(64, 30, TimeUnit.SECONDS)) {
                  got += buffer == null ? 0 : 1;
                }
              }
              return got;
            }));
      }
      for (var waiter : waiters) {
        assertEquals(200, waiter.result());
      }
      assertEquals(0, pool.statistics().timeouts());
    }
  }

  @Test
  void aSizeClassIsTheSmallestThatFitsThenALargerOne() {
    try (var pool =
        BufferPool.of(
            io.entrepot.sharing.ArenaExporter.named("classes"),
            new io.entrepot.sharing.SizeClass(1000, 1),
            new io.entrepot.sharing.SizeClass(10, 2))) {
      SharedBuffer small = pool.tryAcquire(10);
      SharedBuffer large = pool.tryAcquire(11);
      assertEquals(10, small.byteSize());
      assertEquals(1000, large.byteSize());
      assertNull(pool.tryAcquire(1000), "a smaller one would not do");
      SharedBuffer second = pool.tryAcquire(1);
      assertEquals(10, second.byteSize());
      large.close();
      SharedBuffer fallback = pool.tryAcquire(1);
      assertEquals(1000, fallback.byteSize(), "a larger one does when the small ones are gone");
      List.of(small, second, fallback).forEach(SharedBuffer::close);
      for (long size : new long[] {1001, 1L << 31, 1L << 32, Long.MAX_VALUE}) {
        String text =
            assertThrows(IllegalArgumentException.class, () -> pool.tryAcquire(size)).getMessage();
        assertTrue(text.contains(size + " bytes; the largest are of 1000"), text);
      }
      assertThrows(IllegalArgumentException.class, () -> pool.tryAcquire(-1));
      assertEquals(List.of(), pool.holders());
    }
  }

  // ---------------------------------------------------------------- the policies

  @Test
  void blockLosesNothingAndHoldsTheWriter() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.BLOCK, 3);
        var port = reader.open()) {
      for (int i = 0; i < 3; i++) {
        publish(writer, i);
      }
      assertNull(writer.acquire(0, TimeUnit.SECONDS), "the reader has no room");
      assertNull(writer.acquire(1, TimeUnit.MILLISECONDS));
      assertThrows(IllegalStateException.class, writer::publish);
      assertEquals(0, port.next(0, TimeUnit.SECONDS).getLong(0));
      publish(writer, 3);
      assertNull(writer.acquire(0, TimeUnit.SECONDS));
      assertEquals(numbers(1, 4), drain(port));
      assertEquals(0, reader.dropped());
    }
  }

  @Test
  void blockGivesTheWriterRoomAsSoonAsAFrameIsTaken() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var feed = pool.broadcast("feed");
        var reader = join(feed, Overflow.BLOCK, 1)) {
      CountDownLatch full = new CountDownLatch(1);
      var writing =
          Elsewhere.start(() -> {
            try (var writer = feed.writer()) {
              for (int i = 0; i < 100; i++) {
                publish(writer, i);
                full.countDown();
              }
            }
            return null;
          });
      List<Long> seen = new ArrayList<>();
      try (var port = reader.open()) {
        while (port.next(30, TimeUnit.SECONDS) instanceof View view) {
          seen.add(view.getLong(0));
        }
        assertTrue(port.isEnded());
      }
      writing.result();
      assertEquals(numbers(0, 100), seen);
      assertEquals(0, reader.dropped());
    }
  }

  @Test
  void dropOldestKeepsTheNewestFramesAndCountsTheRest() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.DROP_OLDEST, 3);
        var port = reader.open()) {
      for (int i = 0; i < 10; i++) {
        publish(writer, i);
      }
      assertEquals(7, reader.dropped());
      assertEquals(numbers(7, 10), drain(port));
      assertEquals(7, reader.dropped());
      publish(writer, 10);
      assertEquals(numbers(10, 11), drain(port));
      assertEquals(7, reader.dropped());
    }
  }

  @Test
  void dropNewestKeepsTheFirstFramesAndCountsTheRest() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.DROP_NEWEST, 3);
        var port = reader.open()) {
      for (int i = 0; i < 10; i++) {
        publish(writer, i);
      }
      assertEquals(7, reader.dropped());
      assertEquals(numbers(0, 3), drain(port));
      publish(writer, 10);
      assertEquals(numbers(10, 11), drain(port));
      assertEquals(7, reader.dropped());
    }
  }

  @Test
  void aPoolThatIsEmptyIsRefilledFromTheOldestFrames() {
    try (var pool = BufferPool.offHeap("pool", 64, 3);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.DROP_OLDEST, 3);
        var port = reader.open()) {
      for (int i = 0; i < 10; i++) {
        publish(writer, i);
      }
      assertEquals(7, reader.dropped());
      assertEquals(numbers(7, 10), drain(port));
    }
  }

  @Test
  void aFrameThatABlockReaderHasNotReadIsNotDroppedForAnother() {
    try (var pool = BufferPool.offHeap("pool", 64, 3);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var patient = join(feed, "patient", Overflow.BLOCK, 3, Division.EACH);
        var hasty = join(feed, "hasty", Overflow.DROP_OLDEST, 3, Division.EACH);
        var patientPort = patient.open();
        var hastyPort = hasty.open()) {
      for (int i = 0; i < 3; i++) {
        publish(writer, i);
      }
      assertNull(writer.acquire(1, TimeUnit.MILLISECONDS), "the patient one has a right to all");
      assertEquals(numbers(0, 3), drain(patientPort));
      publish(writer, 3);
      assertEquals(numbers(1, 4), drain(hastyPort));
      assertEquals(1, hasty.dropped());
      assertEquals(0, patient.dropped());
    }
  }

  @Test
  void everyReaderHasItsOwnPolicyAndCount() {
    try (var pool = BufferPool.offHeap("pool", 64, 32);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var oldest = join(feed, "oldest", Overflow.DROP_OLDEST, 2, Division.EACH);
        var newest = join(feed, "newest", Overflow.DROP_NEWEST, 2, Division.EACH);
        var block = join(feed, "block", Overflow.BLOCK, 20, Division.EACH);
        var oldestPort = oldest.open();
        var newestPort = newest.open();
        var blockPort = block.open()) {
      for (int i = 0; i < 20; i++) {
        publish(writer, i);
      }
      assertEquals(numbers(18, 20), drain(oldestPort));
      assertEquals(numbers(0, 2), drain(newestPort));
      assertEquals(numbers(0, 20), drain(blockPort));
      assertEquals(
          List.of(18L, 18L, 0L), List.of(oldest.dropped(), newest.dropped(), block.dropped()));
    }
  }

  @Test
  void droppedFramesStayCountedAfterAPortIsClosed() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.DROP_NEWEST, 1)) {
      try (var port = reader.open()) {
        for (int i = 0; i < 5; i++) {
          publish(writer, i);
        }
        assertEquals(4, reader.dropped());
        assertEquals(numbers(0, 1), drain(port));
      }
      assertEquals(4, reader.dropped(), "over all its threads");
    }
  }

  @Test
  void framesThatNobodyReadsComeStraightBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      for (int i = 0; i < 100; i++) {
        publish(writer, i);
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  // ---------------------------------------------------------------- stalled readers

  @Test
  void aBlockReaderThatStandsStillIsEvicted() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.BLOCK, 1)) {
      feed.stallLimit(Duration.ofMillis(30));
      publish(writer, 0);
      publish(writer, 1);
      String text = assertThrows(IllegalStateException.class, reader::open).getMessage();
      assertTrue(text.contains("has left"), text);
      assertEquals(1, pool.statistics().revocations());
      publish(writer, 2);
      assertEquals(List.of(), pool.holders(), "its frames came back");
    }
  }

  @Test
  void anEvictedReadersOpenViewThrowsRevoked() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.BLOCK, 1);
        var port = reader.open()) {
      feed.stallLimit(Duration.ofMillis(30));
      publish(writer, 0);
      View view = port.next(0, TimeUnit.SECONDS);
      publish(writer, 1);
      publish(writer, 2);
      assertThrows(RevokedException.class, () -> view.getLong(0));
      assertThrows(RevokedException.class, () -> port.next(0, TimeUnit.SECONDS));
      assertEquals(1, pool.statistics().forcedCloses());
    }
  }

  // ---------------------------------------------------------------- the end of a stream

  @Test
  void theEndComesAfterTheRemainingFrames() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var reader = join(feed, Overflow.BLOCK, 8);
        var port = reader.open()) {
      try (var writer = feed.writer()) {
        for (int i = 0; i < 3; i++) {
          publish(writer, i);
        }
        assertFalse(port.isEnded());
      }
      assertFalse(port.isEnded(), "three are left");
      assertEquals(numbers(0, 3), drain(port));
      assertTrue(port.isEnded());
      assertNull(port.next(10, TimeUnit.MINUTES), "at once");
    }
  }

  @Test
  void aFailureComesAfterTheRemainingFrames() {
    IllegalStateException cause = new IllegalStateException("broken disk");
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var reader = join(feed, Overflow.BLOCK, 8);
        var port = reader.open()) {
      var writer = feed.writer();
      publish(writer, 0);
      publish(writer, 1);
      assertNotNull(writer.acquire(1, TimeUnit.SECONDS));
      writer.fail(cause);
      writer.close();
      assertEquals(0, port.next(1, TimeUnit.SECONDS).getLong(0));
      assertEquals(1, port.next(1, TimeUnit.SECONDS).getLong(0));
      for (int i = 0; i < 2; i++) {
        var failed = assertThrows(FeedFailedException.class, () -> port.next(10, TimeUnit.MINUTES));
        assertSame(cause, failed.getCause());
        assertTrue(failed.getMessage().contains("'feed'"), failed.getMessage());
      }
      assertThrows(FeedFailedException.class, () -> port.nextBuffer(10, TimeUnit.MINUTES));
      assertEquals(List.of(), pool.holders(), "what was not published came back");
    }
  }

  @Test
  void waitingReadersLearnOfTheEnd() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var reader = join(feed, Overflow.BLOCK, 8)) {
      var writer = feed.writer();
      var parked =
          Elsewhere.start(
                  () -> {
                    try (var port = reader.open()) {
                      return port.next(10, TimeUnit.MINUTES) == null && port.isEnded();
                    }
                  })
              .awaitWaiting();
      var spinning =
          Elsewhere.start(() -> {
            try (var port = reader.open(new YieldingIdleStrategy())) {
              return port.next(10, TimeUnit.MINUTES) == null && port.isEnded();
            }
          });
      writer.close();
      assertTrue(parked.result());
      assertTrue(spinning.result());
    }
  }

  @Test
  void aNewWriterGoesOnWithTheNumbersOfTheFeed() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var reader = join(feed, Overflow.BLOCK, 8);
        var port = reader.open()) {
      try (var writer = feed.writer()) {
        publish(writer, 0);
        publish(writer, 1);
        assertThrows(IllegalStateException.class, feed::writer, "there is one already");
        publish(writer, 2);
      }
      try (var writer = feed.writer()) {
        publish(writer, 3);
      }
      assertEquals(numbers(0, 4), drain(port));
      assertTrue(port.isEnded());
    }
  }

  // ---------------------------------------------------------------- readers come and go

  @Test
  void aLateReaderSeesWhatIsPublishedAfterItJoined() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      publish(writer, 0);
      publish(writer, 1);
      try (var reader = join(feed, Overflow.BLOCK, 8)) {
        publish(writer, 2);
        try (var first = reader.open();
            var second = reader.open()) {
          publish(writer, 3);
          assertEquals(numbers(2, 4), drain(first), "since it joined");
          assertEquals(numbers(3, 4), drain(second), "since it was opened");
        }
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aReaderThatLeavesGivesItsUnreadFramesBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      for (int round = 0; round < 5; round++) {
        var reader = join(feed, Overflow.BLOCK, 4);
        var port = reader.open();
        for (int i = 0; i < 4; i++) {
          publish(writer, i + round * 4L);
        }
        View frame = port.next(0, TimeUnit.SECONDS);
        assertNotNull(frame);
        assertNull(writer.acquire(0, TimeUnit.SECONDS));
        reader.close();
        reader.close();
        assertTrue(port.isEnded());
        assertEquals(3, 4 - pool.holders().size(), "all but the one that is mapped");
        assertEquals(round * 4L, frame.getLong(0), "which stays until it is let go");
        port.close();
        assertThrows(ViewClosedException.class, () -> frame.getLong(0));
        assertEquals(List.of(), pool.holders());
      }
      assertEquals(0, attachments(pool, "'reader'"), pool::dump);
    }
  }

  private static long attachments(BufferPool pool, String name) {
    return pool.dump()
        .lines()
        .filter(line -> line.contains("attachment") && line.contains(name))
        .count();
  }

  @Test
  void aWriterThatWaitsForRoomGoesOnWhenTheReaderLeaves() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var feed = pool.broadcast("feed")) {
      var reader = join(feed, Overflow.BLOCK, 1);
      var writing =
          Elsewhere.start(() -> {
            try (var writer = feed.writer()) {
              publish(writer, 0);
              return writer.acquire(30, TimeUnit.SECONDS) != null;
            }
          });
      writing.awaitWaiting();
      reader.close();
      assertTrue(writing.result());
    }
  }

  @Test
  void readersComeAndGoWhileTheWriterWrites() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed")) {
      int frames = 20_000;
      CountDownLatch done = new CountDownLatch(1);
      var writing =
          Elsewhere.start(() -> {
            try (var writer = feed.writer()) {
              for (long i = 0; i < frames; i++) {
                publish(writer, i);
              }
            } finally {
              done.countDown();
            }
            return null;
          });
      List<Elsewhere<Long>> readers = new ArrayList<>();
      for (Overflow overflow : Overflow.values()) {
        readers.add(
            Elsewhere.start(() -> {
              long seen = 0;
              while (done.getCount() > 0) {
                try (var reader = join(feed, overflow.name(), overflow, 3, Division.EACH);
                    var port = reader.open()) {
                  long last = -1;
                  for (int i = 0; i < 50 && !port.isEnded(); i++) {
                    if (port.next(10, TimeUnit.MILLISECONDS) instanceof View view) {
                      long number = view.getLong(0);
                      assertEquals(port.sequence(), number, overflow.toString());
                      assertTrue(number > last, overflow.toString());
                      assertTrue(
                          overflow != Overflow.BLOCK || last < 0 || number == last + 1,
                          "BLOCK loses nothing");
                      last = number;
                      seen++;
                    }
                  }
                }
              }
              return seen;
            }));
      }
      writing.result();
      for (var reader : readers) {
        assertTrue(reader.result() >= 0);
      }
      assertEquals(List.of(), pool.holders());
      assertEquals(0, pool.statistics().openMappings());
    }
  }

  // ---------------------------------------------------------------- several threads

  @Test
  void eachThreadSeesEveryFrameOrTheyAreDividedAmongThem() {
    int frames = 3000;
    for (Division division : Division.values()) {
      try (var pool = BufferPool.offHeap("pool", 64, 16);
          var feed = pool.broadcast("feed");
          var reader = join(feed, "reader", Overflow.BLOCK, 8, division)) {
        Set<Long> all = ConcurrentHashMap.newKeySet();
        CountDownLatch open = new CountDownLatch(3);
        List<Elsewhere<List<Long>>> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          threads.add(
              Elsewhere.start(() -> {
                List<Long> seen = new ArrayList<>();
                try (var port = reader.open()) {
                  open.countDown();
                  while (!port.isEnded()) {
                    if (port.next(30, TimeUnit.SECONDS) instanceof View view) {
                      assertEquals(port.sequence(), view.getLong(0));
                      seen.add(view.getLong(0));
                      boolean firstTime = all.add(view.getLong(0));
                      assertTrue(firstTime || division == Division.EACH, "divided, and seen twice");
                    }
                  }
                }
                return seen;
              }));
        }
        Elsewhere.await("all are open", () -> open.getCount() == 0);
        try (var writer = feed.writer()) {
          for (long i = 0; i < frames; i++) {
            publish(writer, i);
          }
        }
        long total = 0;
        for (var thread : threads) {
          List<Long> seen = thread.result();
          total += seen.size();
          assertEquals(seen.stream().sorted().toList(), seen, "in order");
          if (division == Division.EACH) {
            assertEquals(numbers(0, frames), seen);
          }
        }
        assertEquals(division == Division.EACH ? 3L * frames : frames, total);
        assertEquals(frames, all.size());
        assertEquals(0, reader.dropped());
      }
    }
  }

  @Test
  void dividedReadersThatLagDropAndCountExactly() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, "reader", Overflow.DROP_OLDEST, 2, Division.DIVIDED);
        var port = reader.open()) {
      for (int i = 0; i < 6; i++) {
        publish(writer, i);
      }
      assertEquals(4, port.next(0, TimeUnit.SECONDS).getLong(0));
      long second =
          Elsewhere.call(() -> {
            try (var other = reader.open(BusySpinIdleStrategy.INSTANCE)) {
              return other.next(1, TimeUnit.SECONDS).getLong(0);
            }
          });
      assertEquals(5, second);
      assertNull(port.next(0, TimeUnit.SECONDS));
      assertEquals(4, reader.dropped());
    }
  }

  // ---------------------------------------------------------------- taking frames out

  @Test
  void keptViewsStayMappedWhateverComesNext() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.BLOCK, 8);
        var port = reader.open()) {
      assertThrows(IllegalStateException.class, port::keep);
      assertThrows(IllegalStateException.class, port::hold);
      List<View> kept = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        publish(writer, i);
        View view = port.next(0, TimeUnit.SECONDS);
        View keeping = port.keep();
        assertSame(view, keeping);
        kept.add(keeping);
        assertThrows(IllegalStateException.class, port::keep, "it was taken out");
      }
      for (int i = 0; i < 5; i++) {
        assertEquals(i, kept.get(i).getLong(0));
      }
      assertEquals(5, pool.statistics().openMappings());
      kept.get(2).close();
      kept.get(2).close();
      publish(writer, 5);
      assertEquals(5, port.next(0, TimeUnit.SECONDS).getLong(0));
      assertThrows(ViewClosedException.class, () -> kept.get(2).getLong(0));
      assertEquals(4, kept.get(4).getLong(0));
      kept.forEach(View::close);
      port.unmap();
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aHeldFrameTravelsToAnotherThreadAndFeed() {
    FrameLayout layout =
        new FrameLayout(
            FrameLayout.fourcc("R8  "),
            FrameLayout.LINEAR,
            8,
            1,
            List.of(new Plane(0, 8, 8, 1)),
            ColorDescription.UNSPECIFIED);
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var first = pool.broadcast("first");
        var second = pool.broadcast("second");
        var reader = join(first, Overflow.BLOCK, 4);
        var port = reader.open();
        var next = join(second, Overflow.BLOCK, 1);
        var nextPort = next.open();
        var writer = first.writer();
        var forwarding = second.writer()) {
      writer.layout(layout);
      writer.acquire(1, TimeUnit.SECONDS).putLong(8, 42);
      writer.valid(8, 16);
      writer.publish(99);
      View view = port.next(0, TimeUnit.SECONDS);
      assertEquals(new Frame(0, 99, layout, 8, 16, port.frame().buffer()), port.frame());
      SharedBuffer held = port.hold();
      SharedBuffer again = held.share();
      assertTrue(forwarding.publish(held, null, 100, 1, TimeUnit.SECONDS));
      held.close();
      assertThrows(
          StaleBufferException.class,
          () -> forwarding.publish(held, null, 0, 0, TimeUnit.SECONDS),
          "it was consumed");
      assertFalse(
          forwarding.publish(again, null, 101, 1, TimeUnit.MILLISECONDS), "no room in time");
      again.share().close();
      again.close();
      port.unmap();
      assertThrows(ViewClosedException.class, () -> view.getLong(8));
      assertEquals(42, nextPort.next(0, TimeUnit.SECONDS).getLong(8));
      assertEquals(100, nextPort.timestamp());
      assertEquals(8, nextPort.validOffset());
      assertEquals(16, nextPort.validLength());
      assertSame(layout, nextPort.layout());
      nextPort.unmap();
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void validBytesAreCheckedAndDefaultToAll() {
    try (var pool = BufferPool.offHeap("pool", 100, 2);
        var feed = pool.broadcast("feed");
        var reader = join(feed, Overflow.BLOCK, 2);
        var port = reader.open();
        var writer = feed.writer()) {
      assertThrows(IllegalStateException.class, () -> writer.valid(0, 1));
      assertThrows(IllegalStateException.class, port::sequence);
      writer.acquire(1, TimeUnit.SECONDS);
      for (long[] range :
          new long[][] {{-1, 1}, {0, 101}, {1, 100}, {101, 0}, {0, -1}, {1, Long.MAX_VALUE}}) {
        assertThrows(IndexOutOfBoundsException.class, () -> writer.valid(range[0], range[1]));
      }
      writer.valid(40, 10);
      writer.publish();
      writer.acquire(1, TimeUnit.SECONDS);
      writer.publish();
      port.next(0, TimeUnit.SECONDS);
      assertEquals(40, port.validOffset());
      assertEquals(10, port.validLength());
      port.next(0, TimeUnit.SECONDS);
      assertEquals(0, port.validOffset(), "what was said of one frame is not said of the next");
      assertEquals(100, port.validLength());
      assertNull(port.layout());
    }
  }

  @Test
  void aBufferThatWasNotPublishedIsGivenBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed")) {
      try (var writer = feed.writer()) {
        for (int i = 0; i < 10; i++) {
          assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
        }
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void framesAreTakenAsLeasesAndReferencesToo() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      var reader =
          feed.join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 8, Division.EACH);
      var port = reader.open();
      for (int i = 0; i < 4; i++) {
        publish(writer, i);
      }
      NativeLease first = port.nextLease(0, TimeUnit.SECONDS);
      assertEquals(0, port.sequence());
      SharedBuffer second = port.nextBuffer(0, TimeUnit.SECONDS);
      assertEquals(1, port.sequence());
      assertEquals(1000, port.timestamp());
      assertThrows(
          IllegalStateException.class, () -> port.next(0, TimeUnit.SECONDS), "views: not agreed");
      NativeLease third = port.nextLease(0, TimeUnit.SECONDS);
      assertEquals(2, port.sequence());
      NativeLease fourth = reader.attachment().lease(second);
      second.close();
      SharedBuffer last = port.nextBuffer(0, TimeUnit.SECONDS);
      last.close();
      assertNull(port.nextLease(0, TimeUnit.SECONDS));
      port.close();
      reader.close();
      assertEquals(3, pool.holders().size(), () -> "" + pool.holders());
      assertEquals(1, attachments(pool, "'codec'"), "it goes with its last lease");
      List.of(first, third, fourth).forEach(NativeLease::close);
      assertEquals(0, attachments(pool, "'codec'"));
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aLeaseCannotBeTakenByAReaderOfViewsAndTheFrameIsNotLost() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.BLOCK, 2);
        var port = reader.open()) {
      publish(writer, 0);
      assertThrows(IllegalStateException.class, () -> port.nextLease(0, TimeUnit.SECONDS));
      assertEquals(numbers(0, 1), drain(port));
    }
  }

  @Test
  void badDepthsAreRefused() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed")) {
      for (int depth : new int[] {0, -1, Integer.MIN_VALUE, 3, Integer.MAX_VALUE}) {
        String text =
            assertThrows(
                    IllegalArgumentException.class,
                    () -> feed.join("hasty", Access.READ, Overflow.BLOCK, depth))
                .getMessage();
        assertEquals(
            "depth "
                + depth
                + " of reader 'hasty' is not within 1 to 2, the buffers of pool 'pool'",
            text);
        assertThrows(IllegalArgumentException.class, () -> join(feed, Overflow.BLOCK, depth));
      }
      feed.join("reader", Access.READ, Overflow.BLOCK, 1).close();
      feed.join("reader", Access.READ, Overflow.BLOCK, 2).close();
      assertEquals(2, pool.statistics().attaches());
    }
  }
}
