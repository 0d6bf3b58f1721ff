package io.entrepot.contract;

import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C8: what was published for a reader was taken, or is unread, or was dropped; nothing else. */
@InBothForms
class C8ReaderNumbersTest {
  @Parameter Form form;

  private static void assertNumbers(FeedReader reader, long unread, long dropped) {
    assertEquals(List.of(unread, dropped), List.of(reader.unread(), reader.dropped()));
  }

  @Test
  void unreadFramesAreDroppedWhenTheirReaderCloses() {
    for (Overflow overflow : Overflow.values()) {
      try (var place = form.place(64, 8);
          var pool = place.pool();
          var feed = pool.broadcast("feed");
          var writer = feed.writer()) {
        FeedReader reader = join(place.reach(feed), overflow, 4);
        for (int i = 0; i < 4; i++) {
          publish(writer, i);
        }
        assertNumbers(reader, 4, 0);
        FramePort port = reader.open();
        assertEquals(0, port.next(0, TimeUnit.SECONDS).getLong(0));
        assertNumbers(reader, 3, 0);
        reader.close();
        assertNumbers(reader, 0, 3);
        publish(writer, 4);
        assertNumbers(reader, 0, 3);
        port.close();
        publish(writer, 5);
        assertNumbers(reader, 0, 3);
      }
    }
  }

  @Test
  void unreadFramesAreDroppedWhenTheirPortCloses() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 8)) {
      for (int round = 1; round <= 5; round++) {
        try (var port = reader.open()) {
          for (int i = 0; i < 6; i++) {
            publish(writer, i);
          }
          assertNotNull(port.next(0, TimeUnit.SECONDS));
          assertNotNull(port.next(0, TimeUnit.SECONDS));
        }
        assertNumbers(reader, 0, 4L * round);
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void framesOfDividingThreadsStayForTheOthers() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      FeedReader reader = join(place.reach(feed), "reader", Overflow.BLOCK, 8, Division.DIVIDED);
      for (int i = 0; i < 6; i++) {
        publish(writer, i);
      }
      try (var port = reader.open()) {
        assertNotNull(port.next(0, TimeUnit.SECONDS));
      }
      assertNumbers(reader, 5, 0);
      try (var port = reader.open()) {
        assertEquals(1, port.next(0, TimeUnit.SECONDS).getLong(0));
      }
      reader.close();
      assertNumbers(reader, 0, 4);
    }
  }

  @Test
  void framesOfARevokedReaderAreDropped() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 8);
        var port = reader.open()) {
      for (int i = 0; i < 5; i++) {
        publish(writer, i);
      }
      assertNotNull(port.next(0, TimeUnit.SECONDS));
      place.assumeAnswered(pool.revoke(place.exported(reader.attachment()), Duration.ZERO));
      publish(writer, 5);
      assertNumbers(reader, 0, 4);
    }
  }

  @Test
  void framesThatAClosedFeedStillHadAreDropped() {
    try (var place = form.place(64, 8);
        var pool = place.pool()) {
      var feed = pool.broadcast("feed");
      var reader = join(place.reach(feed), Overflow.DROP_NEWEST, 2);
      try (var writer = feed.writer()) {
        for (int i = 0; i < 5; i++) {
          publish(writer, i);
        }
      }
      assertNumbers(reader, 2, 3);
      feed.close();
      assertNumbers(reader, 0, 5);
    }
  }

  @Test
  void theNumbersAddUpWhoeverLeavesWhen() {
    int frames = 5_000;
    for (Overflow overflow : Overflow.values()) {
      try (var place = form.place(64, 8);
          var pool = place.pool();
          var feed = pool.broadcast("feed");
          var reader = join(place.reach(feed), "reader", overflow, 3, Division.EACH);
          var last = reader.open()) {
        var leaving =
            Elsewhere.start(() -> {
              List<Long> seen = new ArrayList<>();
              FeedReader leaver = join(place.reach(feed), "leaver", overflow, 3, Division.DIVIDED);
              try (var port = leaver.open()) {
                while (seen.size() < 100 && !port.isEnded()) {
                  if (port.next(10, TimeUnit.MILLISECONDS) != null) {
                    seen.add(port.sequence());
                  }
                }
                leaver.close();
              }
              return seen.isEmpty()
                  ? List.of(0L, 0L)
                  : List.of(leaver.dropped() + seen.size(), seen.getLast() - seen.getFirst() + 1);
            });
        var writing =
            Elsewhere.start(() -> {
              try (var writer = feed.writer()) {
                for (long i = 0; i < frames; i++) {
                  publish(writer, i);
                }
              }
              return null;
            });
        long taken = 0;
        while (!last.isEnded()) {
          taken += last.next(1, TimeUnit.SECONDS) == null ? 0 : 1;
        }
        writing.result();
        assertEquals(frames, taken + reader.dropped() + reader.unread(), overflow.toString());
        List<Long> left = leaving.result();
        assertTrue(left.get(0) >= left.get(1), () -> overflow + " " + left);
      }
    }
  }

  @Test
  void aReaderThatIsClosedUnderItsThreadsLosesCountOfNothing() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      for (int round = 0; round < 300; round++) {
        FeedReader reader = join(place.reach(feed), "reader", Overflow.BLOCK, 4, Division.DIVIDED);
        var one = Elsewhere.start(() -> takenToTheEnd(reader));
        var two = Elsewhere.start(() -> takenToTheEnd(reader));
        int frames = 1 + round % 20;
        for (int i = 0; i < frames; i++) {
          publish(writer, i);
        }
        reader.close();
        publish(writer, frames); // finds that it has left
        assertEquals(frames, one.result() + two.result() + reader.dropped());
        assertEquals(0, reader.unread());
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void nextOfAClosedReaderEndsAtOnceThoughFramesAreUnread() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      FeedReader reader = join(place.reach(feed), "reader", Overflow.BLOCK, 4, Division.EACH);
      try (var port = reader.open()) {
        publish(writer, 0);
        publish(writer, 1);
        reader.close();
        assertNull(port.next(10, TimeUnit.MINUTES));
        assertTrue(port.isEnded());
      }
      assertEquals(2, reader.dropped());
    }
  }

  private static long takenToTheEnd(FeedReader reader) {
    long taken = 0;
    try (var port = reader.open()) {
      while (!port.isEnded()) {
        taken += port.next(1, TimeUnit.SECONDS) == null ? 0 : 1;
      }
    } catch (IllegalStateException left) {
      assertTrue(left.getMessage().contains("has left"), left.getMessage());
    }
    return taken;
  }

  @Test
  void theDefaultDepthFitsASmallPool() {
    try (var place = form.place(64, 3);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      for (int i = 0; i < 3; i++) {
        publish(writer, i);
      }
      assertEquals(numbers(0, 3), drain(port));
    }
  }
}
