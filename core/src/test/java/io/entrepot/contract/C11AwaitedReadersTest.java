package io.entrepot.contract;

import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C11: who waits until readers have joined is told in bounded time, and they miss nothing. */
@InBothForms
class C11AwaitedReadersTest {
  private static final int ROUNDS = 200;

  @Parameter Form form;

  private static boolean areThere(Broadcast feed, int count) {
    return feed.awaitReaders(count, 0, TimeUnit.SECONDS);
  }

  private static Elsewhere<Boolean> waiting(Broadcast feed, int count) {
    return Elsewhere.start(() -> feed.awaitReaders(count, 30, TimeUnit.SECONDS)).awaitWaiting();
  }

  @Test
  void readersCountFromWhenTheyHaveJoinedUntilTheyLeave() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      assertTrue(areThere(feed, 0));
      assertFalse(areThere(feed, 1));
      var near = feed.join("near", Access.READ, Overflow.BLOCK);
      assertTrue(areThere(feed, 1));
      var first = join(place.reach(feed), "first", Overflow.BLOCK, 2, Division.EACH);
      var second = join(place.reach(feed), "second", Overflow.DROP_NEWEST, 2, Division.DIVIDED);
      assertTrue(areThere(feed, 3));
      assertFalse(areThere(feed, 4));
      first.close();
      assertFalse(areThere(feed, 3));
      place.revoke(second.attachment(), Duration.ofSeconds(5));
      assertFalse(areThere(feed, 2), "one that was revoked");
      near.close();
      assertFalse(areThere(feed, 1));
    }
  }

  @Test
  void threadsAndBacklogsOfAReaderDoNotCountByThemselves() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      try (var writer = feed.writer()) {
        publish(writer, 0);
      }
      var importer = Importer.viewing("reader", Access.READ);
      try (var attachment = place.attach(importer);
          var reader =
              place
                  .reach(feed)
                  .join(attachment, Overflow.DROP_OLDEST, 2, Division.EACH, Start.OLDEST);
          var again = place.reach(feed).join(attachment, Overflow.DROP_OLDEST, 2, Division.EACH);
          var first = reader.open();
          var second = reader.open()) {
        assertNotNull(again);
        assertNotNull(second);
        assertTrue(areThere(feed, 1));
        assertFalse(areThere(feed, 2), pool::dump);
        assertEquals(numbers(0, 1), drain(first));
      }
    }
  }

  /** The first frame that is published when one waited for is there: each round another race. */
  @Test
  void whatIsPublishedWhenTheyAreThereIsDeliveredToThem() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      for (long round = 0; round < form.times(ROUNDS); round++) {
        var joining = Elsewhere.start(() -> join(place.reach(feed), Overflow.BLOCK, 2));
        assertTrue(feed.awaitReaders(1, 30, TimeUnit.SECONDS));
        publish(writer, round);
        try (var reader = joining.result();
            var port = reader.open()) {
          assertEquals(numbers(round, round + 1), drain(port));
        }
      }
    }
  }

  @Test
  void aWaitIsOverWhenTheLastHasJoined() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      var waiting = waiting(feed, 2);
      try (var first = join(place.reach(feed), "first", Overflow.BLOCK, 2, Division.EACH)) {
        assertEquals(0, first.unread());
        assertFalse(waiting.isDone(), "one is missing");
        try (var second = join(place.reach(feed), "second", Overflow.BLOCK, 2, Division.EACH)) {
          assertEquals(0, second.unread());
          assertTrue(waiting.result());
        }
      }
    }
  }

  @Test
  void aTimeOutOrAnInterruptLeavesEverythingAsItWas() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 2)) {
      assertEquals(0, reader.unread());
      assertFalse(feed.awaitReaders(2, 1, TimeUnit.MILLISECONDS));
      assertFalse(feed.awaitReaders(2, -1, TimeUnit.SECONDS));
      Thread.currentThread().interrupt();
      assertFalse(feed.awaitReaders(2, 30, TimeUnit.SECONDS));
      assertTrue(Thread.interrupted(), "stays set");
      assertTrue(areThere(feed, 1));
    }
  }

  @Test
  void aFeedOrPoolThatIsClosedIsNotWaitedFor() {
    try (var place = form.place(64, 4);
        var pool = place.pool()) {
      Broadcast feed = pool.broadcast("feed");
      assertEquals(
          "-1 readers of feed 'feed' to wait for are less than 0",
          assertThrows(IllegalArgumentException.class, () -> areThere(feed, -1)).getMessage());
      var waiting = waiting(feed, 1);
      feed.close();
      assertEquals(
          "feed 'feed' is closed",
          assertThrows(IllegalStateException.class, waiting::result).getMessage());
      assertThrows(IllegalStateException.class, () -> areThere(feed, 0));
    }
    BufferPool pool = BufferPool.offHeap("pool", 64, 4);
    var waiting = waiting(pool.broadcast("feed"), 1);
    pool.close();
    assertEquals(
        "pool 'pool' is closed",
        assertThrows(IllegalStateException.class, waiting::result).getMessage());
  }
}
