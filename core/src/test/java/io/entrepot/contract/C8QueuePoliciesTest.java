package io.entrepot.contract;

import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.Parameter;

/** C8: what a full queue does is chosen by its reader, and nothing else happens. */
@InBothForms
class C8QueuePoliciesTest {
  @Parameter Form form;

  @Test
  void blockLosesNothingAndHoldsTheWriter() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 3);
        var port = reader.open()) {
      publish(writer, 0, 3);
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
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 1)) {
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
    assertThreeOfTenAreKept(Overflow.DROP_OLDEST, numbers(7, 10));
  }

  @Test
  void dropNewestKeepsTheFirstFramesAndCountsTheRest() {
    assertThreeOfTenAreKept(Overflow.DROP_NEWEST, numbers(0, 3));
  }

  private void assertThreeOfTenAreKept(Overflow policy, List<Long> kept) {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), policy, 3);
        var port = reader.open()) {
      publish(writer, 0, 10);
      assertEquals(7, reader.dropped());
      assertEquals(kept, drain(port));
      publish(writer, 10);
      assertEquals(numbers(10, 11), drain(port));
      assertEquals(7, reader.dropped());
    }
  }

  @Test
  void aPoolThatIsEmptyIsRefilledFromTheOldestFrames() {
    try (var place = form.place(64, 3);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.DROP_OLDEST, 3);
        var port = reader.open()) {
      publish(writer, 0, 10);
      assertEquals(7, reader.dropped());
      assertEquals(numbers(7, 10), drain(port));
    }
  }

  @Test
  void aFrameThatABlockReaderHasNotReadIsNotDroppedForAnother() {
    try (var place = form.place(64, 3);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var patient = join(place.reach(feed), "patient", Overflow.BLOCK, 3, Division.EACH);
        var hasty = join(place.reach(feed), "hasty", Overflow.DROP_OLDEST, 3, Division.EACH);
        var patientPort = patient.open();
        var hastyPort = hasty.open()) {
      publish(writer, 0, 3);
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
    try (var place = form.place(64, 32);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var oldest = join(place.reach(feed), "oldest", Overflow.DROP_OLDEST, 2, Division.EACH);
        var newest = join(place.reach(feed), "newest", Overflow.DROP_NEWEST, 2, Division.EACH);
        var block = join(place.reach(feed), "block", Overflow.BLOCK, 20, Division.EACH);
        var oldestPort = oldest.open();
        var newestPort = newest.open();
        var blockPort = block.open()) {
      publish(writer, 0, 20);
      assertEquals(numbers(18, 20), drain(oldestPort));
      assertEquals(numbers(0, 2), drain(newestPort));
      assertEquals(numbers(0, 20), drain(blockPort));
      assertEquals(
          List.of(18L, 18L, 0L), List.of(oldest.dropped(), newest.dropped(), block.dropped()));
    }
  }

  @Test
  void droppedFramesStayCountedAfterAPortIsClosed() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.DROP_NEWEST, 1)) {
      try (var port = reader.open()) {
        publish(writer, 0, 5);
        assertEquals(4, reader.dropped());
        assertEquals(numbers(0, 1), drain(port));
      }
      assertEquals(4, reader.dropped(), "over all its threads");
    }
  }

  @Test
  void framesThatNobodyReadsComeStraightBack() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      publish(writer, 0, 100);
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aBlockReaderThatStandsStillIsEvicted() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 1)) {
      feed.stallLimit(Duration.ofMillis(30));
      publish(writer, 0);
      publish(writer, 1);
      place.awaitEvicted(reader);
      String text = assertThrows(IllegalStateException.class, reader::open).getMessage();
      assertTrue(text.contains("'reader'"), text);
      assertEquals(1, pool.statistics().revocations());
      publish(writer, 2);
      assertEquals(List.of(), pool.holders(), "its frames came back");
    }
  }

  @Test
  void aDropNewestReaderThatStandsStillWithAllBuffersIsEvicted() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.DROP_NEWEST, 4)) {
      publish(writer, 0, 4);
      assertNull(writer.acquire(20, TimeUnit.MILLISECONDS), "all are its by right");
      assertEquals(4, reader.unread());
      feed.stallLimit(Duration.ofMillis(30));
      publish(writer, 4);
      place.awaitEvicted(reader);
      assertThrows(IllegalStateException.class, reader::open);
      assertEquals(List.of(0L, 4L), List.of(reader.unread(), reader.dropped()));
      assertEquals(1, pool.statistics().revocations());
      assertEquals(List.of(), pool.holders(), "its frames came back");
    }
  }

  @Test
  void aDropNewestReaderThatLeavesBuffersMayStandStill() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.DROP_NEWEST, 3)) {
      feed.stallLimit(Duration.ZERO);
      publish(writer, 0, 3);
      for (long round = 0; round < 5; round++) {
        pause();
        publish(writer, 3 + round);
      }
      assertEquals(0, pool.statistics().revocations());
      assertEquals(List.of(3L, 5L), List.of(reader.unread(), reader.dropped()));
    }
  }

  /**
   * Two waits are longer than the limit, and each is not: a frame in between begins anew. Of a
   * writer that is stopped in the midst of one a quarter of the limit counts.
   */
  @Test
  void aReaderStandsStillOnlyWhileTheWriterWaits() {
    for (Overflow overflow : List.of(Overflow.BLOCK, Overflow.DROP_NEWEST)) {
      try (var place = form.place(64, 5);
          var pool = place.pool();
          var feed = pool.broadcast("feed");
          var writer = feed.writer();
          var reader = join(place.reach(feed), overflow, 5)) {
        feed.stallLimit(Duration.ofMillis(400));
        publish(writer, 0, 3);
        var ours = pool.tryAcquire(64);
        try (var last = pool.tryAcquire(64)) {
          assertNull(writer.acquire(250, TimeUnit.MILLISECONDS), last::toString);
        }
        publish(writer, 3);
        assertNull(writer.acquire(250, TimeUnit.MILLISECONDS));
        assertEquals(0, pool.statistics().revocations());
        publish(writer, 4);
        place.awaitEvicted(reader);
        ours.close();
      }
    }
  }

  /** A source may stand still as long as its reader: neither keeps the other waiting then. */
  @Test
  void betweenTwoWaitsOfTheWriterAReaderMayStandStill() {
    for (Overflow overflow : List.of(Overflow.BLOCK, Overflow.DROP_NEWEST)) {
      try (var place = form.place(64, 2);
          var pool = place.pool();
          var feed = pool.broadcast("feed");
          var writer = feed.writer();
          var reader = join(place.reach(feed), overflow, 2)) {
        feed.stallLimit(Duration.ofMillis(400));
        publish(writer, 0, 2);
        assertNull(writer.acquire(40, TimeUnit.MILLISECONDS));
        pause(500);
        assertNull(writer.acquire(0, TimeUnit.SECONDS));
        assertEquals(List.of(2L, 0L), List.of(reader.unread(), pool.statistics().revocations()));
        publish(writer, 2);
        place.awaitEvicted(reader);
      }
    }
  }

  private static void pause() {
    pause(25);
  }

  private static void pause(int ms) {
    long startNs = System.nanoTime();
    Elsewhere.await(
        "the clock has ticked",
        () -> System.nanoTime() - startNs > Duration.ofMillis(ms).toNanos());
  }

  /** The other would be as much to blame by the clock, but what it has would help nobody. */
  @Test
  void ofReadersThatStandStillTheOneWithTheMostFramesIsEvicted() {
    try (var place = form.place(64, 6);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var few = join(place.reach(feed), "few", Overflow.DROP_NEWEST, 1, Division.EACH);
        var many = join(place.reach(feed), "many", Overflow.DROP_NEWEST, 6, Division.EACH)) {
      publish(writer, 0, 6);
      feed.stallLimit(Duration.ofMillis(30));
      publish(writer, 6);
      place.awaitEvicted(many);
      publish(writer, 7, 20);
      assertEquals(List.of(1L, 0L), List.of(few.unread(), many.unread()));
      assertEquals(1, pool.statistics().revocations());
    }
  }

  @Test
  void aStallLimitMayBeForEverButNotNegative() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 1)) {
      assertThrows(IllegalArgumentException.class, () -> feed.stallLimit(Duration.ofMillis(-1)));
      feed.stallLimit(Duration.ofSeconds(Long.MAX_VALUE));
      publish(writer, 0);
      assertNull(writer.acquire(20, TimeUnit.MILLISECONDS));
      assertEquals(List.of(1L, 0L), List.of(reader.unread(), pool.statistics().revocations()));
      feed.stallLimit(Duration.ZERO);
      publish(writer, 1);
      place.awaitEvicted(reader);
      assertEquals(List.of(0L, 1L), List.of(reader.unread(), pool.statistics().revocations()));
    }
  }

  @Test
  void anEvictedReadersOpenViewThrowsRevoked() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 1);
        var port = reader.open()) {
      feed.stallLimit(Duration.ofMillis(30));
      publish(writer, 0);
      View view = port.next(0, TimeUnit.SECONDS);
      publish(writer, 1);
      publish(writer, 2);
      place.awaitEvicted(reader);
      assertThrows(RevokedException.class, () -> view.getLong(0));
      assertThrows(RevokedException.class, () -> port.next(0, TimeUnit.SECONDS));
      assertEquals(1, pool.statistics().forcedCloses());
    }
  }

  @Test
  void badDepthsAreRefused() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      for (int depth : new int[] {0, -1, Integer.MIN_VALUE, 3, Integer.MAX_VALUE}) {
        String text =
            assertThrows(
                    IllegalArgumentException.class,
                    () -> place.reach(feed).join("hasty", Access.READ, Overflow.BLOCK, depth))
                .getMessage();
        assertEquals(
            "depth "
                + depth
                + " of reader 'hasty' is not within 1 to 2, the buffers of pool 'pool'",
            text);
        assertThrows(
            IllegalArgumentException.class, () -> join(place.reach(feed), Overflow.BLOCK, depth));
      }
      place.reach(feed).join("reader", Access.READ, Overflow.BLOCK, 1).close();
      place.reach(feed).join("reader", Access.READ, Overflow.BLOCK, 2).close();
      assertEquals(2, pool.statistics().attaches());
    }
  }

  @Test
  void whoDoesNotChooseIsRefused() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      var reach = place.reach(feed);
      var importer = Importer.viewing("undecided", Access.READ);
      for (Executable attempt :
          List.<Executable>of(
              () -> reach.join("undecided", Access.READ, null),
              () -> reach.join("undecided", null, Overflow.BLOCK),
              () -> reach.join(importer, null, 1, Division.EACH),
              () -> reach.join(importer, Overflow.BLOCK, 1, null),
              () -> reach.join(importer, Overflow.BLOCK, 1, Division.EACH, null))) {
        assertThrows(NullPointerException.class, attempt);
      }
      assertEquals(0, pool.statistics().attaches());
    }
  }
}
