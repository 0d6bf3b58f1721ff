package io.entrepot.contract;

import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static io.entrepot.contract.LateReading.join;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Plane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/**
 * C8: who joins late starts with the newest or the oldest retained frame, as he asks, and goes on
 * with what is published then, without a gap and without seeing a frame twice.
 *
 * <p>Longer than a page: each policy, division and end of a writer meets both starts.
 */
@InBothForms
class C8LateJoinersTest {
  private static final int JOINS_NEAR = 2_000;
  private static final int JOINS_FAR = 200;

  @Parameter Form form;

  /** What a reader that joins now gets before anything else is published. */
  private static List<Long> seen(Feed feed, Overflow overflow, int depth, Start start) {
    try (var reader = join(feed, overflow, depth, start);
        var port = reader.open()) {
      List<Long> numbers = drain(port);
      assertEquals(List.of(0L, 0L), List.of(reader.unread(), reader.dropped()));
      return numbers;
    }
  }

  private static long free(BufferPool pool) {
    return pool.statistics().free();
  }

  // ---------------------------------------------------------------- where it starts

  @Test
  void itStartsWithTheNewestOrTheOldestRetainedFrameAsItAsks() {
    for (Overflow overflow : Overflow.values()) {
      try (var place = form.place(64, 8);
          var pool = place.pool();
          var feed = pool.broadcast("feed")) {
        feed.retain(4);
        Feed reach = place.reach(feed);
        try (var writer = feed.writer()) {
          for (Start start : Start.values()) {
            assertEquals(List.of(), seen(reach, overflow, 8, start), "nothing is retained yet");
          }
          publish(writer, 0);
          publish(writer, 1);
          assertEquals(numbers(0, 2), seen(reach, overflow, 8, Start.OLDEST));
          publish(writer, 2, 10);
          assertEquals(List.of(), seen(reach, overflow, 8, Start.NEXT));
          assertEquals(numbers(9, 10), seen(reach, overflow, 8, Start.NEWEST));
          assertEquals(numbers(9, 10), seen(reach, overflow, 1, Start.NEWEST));
          assertEquals(numbers(6, 10), seen(reach, overflow, 8, Start.OLDEST));
          assertEquals(numbers(6, 10), seen(reach, overflow, 4, Start.OLDEST));
          assertEquals(numbers(7, 10), seen(reach, overflow, 3, Start.OLDEST), "by its depth");
          assertEquals(numbers(9, 10), seen(reach, overflow, 1, Start.OLDEST), "by its depth");
        }
        assertEquals(4, free(pool));
        feed.retain(0);
        assertEquals(8, free(pool));
        assertEquals(List.of(), pool.holders());
      }
    }
  }

  @Test
  void itGoesOnWithWhatIsPublishedThen() {
    for (Overflow overflow : Overflow.values()) {
      try (var place = form.place(64, 12);
          var pool = place.pool();
          var feed = pool.broadcast("feed")) {
        feed.retain(3);
        try (var writer = feed.writer()) {
          publish(writer, 0, 5);
          try (var oldest = join(place.reach(feed), overflow, 8, Start.OLDEST);
              var newest = join(place.reach(feed), overflow, 8, Start.NEWEST);
              var next = join(place.reach(feed), overflow, 8, Start.NEXT)) {
            assertEquals(
                List.of(3L, 1L, 0L), List.of(oldest.unread(), newest.unread(), next.unread()));
            publish(writer, 5, 7);
            try (var ofOldest = oldest.open();
                var ofNewest = newest.open();
                var ofNext = next.open()) {
              assertEquals(numbers(2, 7), drain(ofOldest));
              assertEquals(numbers(4, 7), drain(ofNewest));
              assertEquals(numbers(5, 7), drain(ofNext));
              publish(writer, 7);
              assertEquals(numbers(7, 8), drain(ofOldest));
              assertEquals(numbers(7, 8), drain(ofNewest));
              assertEquals(numbers(7, 8), drain(ofNext));
            }
            for (FeedReader reader : List.of(oldest, newest, next)) {
              assertEquals(List.of(0L, 0L), List.of(reader.unread(), reader.dropped()));
            }
          }
        }
      }
    }
  }

  @Test
  void aWaitingReaderThatHasReadWhatWasRetainedIsWokenByTheNextFrame() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(1);
      var writer = feed.writer();
      publish(writer, 0);
      try (var reader = join(place.reach(feed), Overflow.BLOCK, 4, Start.NEWEST)) {
        var waiting =
            Elsewhere.start(
                    () -> {
                      try (var port = reader.open()) {
                        long first = port.next(10, TimeUnit.MINUTES).getLong(0);
                        return List.of(first, port.next(10, TimeUnit.MINUTES).getLong(0));
                      }
                    })
                .awaitWaiting();
        publish(writer, 1);
        assertEquals(numbers(0, 2), waiting.result());
      }
      writer.close();
    }
  }

  @Test
  void whatWasSaidOfARetainedFrameIsSaidToLateReaders() {
    FrameLayout layout =
        new FrameLayout(
            FrameLayout.fourcc("GREY"),
            FrameLayout.LINEAR,
            8,
            2,
            List.of(new Plane(0, 8, 8, 2)),
            ColorDescription.UNSPECIFIED);
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      try (var writer = feed.writer()) {
        writer.layout(layout);
        writer.acquire(1, TimeUnit.SECONDS).putLong(8, 42);
        writer.valid(8, 16);
        writer.publish(77);
        writer.layout(null);
        publish(writer, 1);
      }
      try (var reader = join(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST);
          var port = reader.open()) {
        assertEquals(42, port.next(0, TimeUnit.SECONDS).getLong(8));
        assertEquals(layout, port.layout());
        assertEquals(
            List.of(0L, 77L, 8L, 16L),
            List.of(port.sequence(), port.timestamp(), port.validOffset(), port.validLength()));
        assertNotNull(port.next(0, TimeUnit.SECONDS));
        assertNull(port.layout());
      }
    }
  }

  @Test
  void readersUnderAnAttachmentStartAsTheyAskToo() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      try (var writer = feed.writer()) {
        publish(writer, 0, 4);
      }
      Feed reach = place.reach(feed);
      try (var first = join(reach, Overflow.BLOCK, 4, Start.NEXT)) {
        Attachment attachment = first.attachment();
        try (var reader = reach.join(attachment, Overflow.BLOCK, 4, Division.EACH, Start.OLDEST);
            var port = reader.open()) {
          assertEquals(numbers(2, 4), drain(port));
        }
      }
    }
  }

  // ---------------------------------------------------------------- several threads

  @Test
  void theFirstOfItsPortsHasWhatWasRetained() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      try (var writer = feed.writer()) {
        publish(writer, 0, 3);
        try (var reader = join(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST);
            var first = reader.open();
            var second = reader.open()) {
          publish(writer, 3);
          assertEquals(numbers(1, 4), drain(first));
          assertEquals(numbers(3, 4), drain(second));
        }
      }
    }
  }

  @Test
  void portsThatDivideFramesDivideWhatWasRetained() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(3);
      try (var writer = feed.writer()) {
        publish(writer, 0, 4);
        try (var reader =
                place
                    .reach(feed)
                    .join(
                        Importer.viewing("late", Access.READ),
                        Overflow.BLOCK,
                        4,
                        Division.DIVIDED,
                        Start.OLDEST);
            var one = reader.open();
            var other = reader.open()) {
          publish(writer, 4);
          for (long number = 1; number < 5; number++) {
            FramePort port = number % 2 == 0 ? one : other;
            assertEquals(number, port.next(0, TimeUnit.SECONDS).getLong(0));
          }
          assertNull(one.next(0, TimeUnit.SECONDS));
          assertNull(other.next(0, TimeUnit.SECONDS));
          publish(writer, 5);
          assertEquals(5, other.next(0, TimeUnit.SECONDS).getLong(0));
          assertEquals(0, reader.dropped());
        }
      }
    }
  }

  // ---------------------------------------------------------------- falling behind

  @Test
  void aDropOldestReaderLosesWhatWasRetainedFirst() {
    try (var place = form.place(64, 12);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(4);
      try (var writer = feed.writer()) {
        publish(writer, 0, 4);
        try (var reader = join(place.reach(feed), Overflow.DROP_OLDEST, 4, Start.OLDEST);
            var port = reader.open()) {
          publish(writer, 4, 7);
          assertEquals(List.of(4L, 3L), List.of(reader.unread(), reader.dropped()));
          assertEquals(numbers(3, 7), drain(port));
          publish(writer, 7, 13);
          assertEquals(numbers(9, 13), drain(port));
          assertEquals(5, reader.dropped());
        }
      }
    }
  }

  @Test
  void aBlockedReaderLosesNothingOfWhatWasRetained() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(4);
      try (var writer = feed.writer()) {
        publish(writer, 0, 4);
        try (var reader = join(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST);
            var port = reader.open()) {
          assertNull(writer.acquire(0, TimeUnit.SECONDS), "all four are his by right");
          assertEquals(0, port.next(0, TimeUnit.SECONDS).getLong(0));
          assertEquals(1, port.next(0, TimeUnit.SECONDS).getLong(0));
          publish(writer, 4);
          assertEquals(numbers(2, 5), drain(port));
          assertEquals(0, reader.dropped());
        }
      }
    }
  }

  @Test
  void unreadFramesOfBothKindsAreDroppedWhenTheReaderOrItsPortCloses() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      try (var writer = feed.writer()) {
        publish(writer, 0, 2);
        FeedReader unopened = join(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST);
        FeedReader opened = join(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST);
        publish(writer, 2);
        unopened.close();
        assertEquals(List.of(0L, 3L), List.of(unopened.unread(), unopened.dropped()));
        FramePort port = opened.open();
        assertNotNull(port.next(0, TimeUnit.SECONDS));
        port.close();
        assertEquals(List.of(0L, 2L), List.of(opened.unread(), opened.dropped()));
        opened.close();
        feed.retain(0);
        assertEquals(List.of(), pool.holders());
        assertEquals(8, free(pool));
      }
    }
  }

  @Test
  void aRevokedReaderKeepsNothingOfWhatWasRetained() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      try (var writer = feed.writer()) {
        publish(writer, 0, 2);
        try (var reader = join(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST)) {
          feed.retain(0);
          assertEquals(2, free(pool));
          pool.revoke(place.exported(reader.attachment()), Duration.ofSeconds(5));
          publish(writer, 2);
          assertEquals(4, free(pool));
        }
      }
    }
  }

  // ---------------------------------------------------------------- what is retained

  @Test
  void retainedFramesComeBackWhenThePoolIsEmptyOldestFirst() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(4);
      try (var writer = feed.writer()) {
        publish(writer, 0, 4);
        assertEquals(0, free(pool));
        assertNull(pool.tryAcquire(64), "only the feed's writer gives them up");
        publish(writer, 4);
        assertEquals(numbers(1, 5), seen(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST));
        assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
        assertEquals(numbers(2, 5), seen(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST));
        writer.publish(5000);
      }
    }
  }

  @Test
  void aRetainedFrameWhoseBufferIsUsedAgainIsNotShown() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var other = pool.broadcast("other")) {
      feed.retain(2);
      try (var writer = feed.writer();
          var elsewhere = other.writer()) {
        publish(writer, 0, 2);
        // One is given up for a frame that is never published here.
        assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
        assertNull(elsewhere.acquire(0, TimeUnit.SECONDS));
        assertEquals(numbers(1, 2), seen(place.reach(feed), Overflow.BLOCK, 2, Start.OLDEST));
        feed.retain(0);
        assertEquals(List.of(), seen(place.reach(feed), Overflow.BLOCK, 2, Start.OLDEST));
        assertNotNull(elsewhere.acquire(0, TimeUnit.SECONDS), "the other is back as well");
      }
    }
  }

  @Test
  void anotherNumberStartsAnew() {
    try (var place = form.place(64, 8);
        var pool = place.pool()) {
      Broadcast feed = pool.broadcast("feed");
      Feed reach = place.reach(feed);
      feed.retain(2);
      try (var writer = feed.writer()) {
        publish(writer, 0, 3);
        feed.retain(2);
        assertEquals(numbers(1, 3), seen(reach, Overflow.BLOCK, 8, Start.OLDEST), "the same");
        feed.retain(8);
        assertEquals(8, free(pool));
        publish(writer, 3);
        assertEquals(numbers(3, 4), seen(reach, Overflow.BLOCK, 8, Start.OLDEST));
        assertTrue(pool.dump().contains("1 retained"), pool::dump);
      }
      for (int outside : new int[] {-1, 9, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
        String text =
            assertThrows(IllegalArgumentException.class, () -> feed.retain(outside)).getMessage();
        assertTrue(text.contains(outside + " frames") && text.contains("0 to 8"), text);
      }
      feed.close();
      assertThrows(IllegalStateException.class, () -> feed.retain(1));
      assertEquals(8, free(pool));
    }
  }

  // ---------------------------------------------------------------- behind the end

  @Test
  void behindTheEndItGetsWhatWasRetainedAndThenTheEnd() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      try (var writer = feed.writer()) {
        publish(writer, 0, 4);
      }
      try (var reader = join(place.reach(feed), Overflow.BLOCK, 4, Start.OLDEST);
          var port = reader.open()) {
        assertFalse(port.isEnded(), "two are left");
        assertEquals(numbers(2, 4), drain(port));
        assertTrue(port.isEnded());
        assertNull(port.next(10, TimeUnit.MINUTES), "at once");
        try (var writer = feed.writer()) {
          publish(writer, 4);
        }
        assertEquals(numbers(4, 5), drain(port));
      }
    }
  }

  @Test
  void behindAFailureItGetsWhatWasRetainedAndThenTheFailure() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      var writer = feed.writer();
      publish(writer, 0, 4);
      writer.fail(new IllegalStateException("broken disk"));
      try (var reader = join(place.reach(feed), Overflow.BLOCK, 4, Start.NEWEST);
          var port = reader.open()) {
        assertEquals(3, port.next(0, TimeUnit.SECONDS).getLong(0));
        assertThrows(FeedFailedException.class, () -> port.next(0, TimeUnit.SECONDS));
      }
    }
  }

  // ---------------------------------------------------------------- while a writer publishes

  @Test
  void thereIsNoGapAndNoRepetitionWhileAWriterPublishes() {
    int joins = form == Form.NEAR ? JOINS_NEAR : JOINS_FAR;
    try (var place = form.place(256, 16);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(4);
      Feed reach = place.reach(feed);
      List<LateReading> readings = new ArrayList<>();
      try (FullSpeed _ = new FullSpeed(feed)) {
        for (int i = 0; i < joins; i++) {
          readings.add(LateReading.of(reach, i));
        }
      }
      long got = readings.stream().filter(reading -> reading.unread() > 0).count();
      assertTrue(got > joins / 2, () -> "only " + got + " of " + joins + " started in the past");
      assertNotEquals(
          readings.getFirst().first(),
          readings.getLast().first(),
          "the writer has published meanwhile");
      feed.retain(0);
      assertEquals(List.of(), pool.holders());
      assertEquals(16, free(pool));
    }
  }
}
