package io.entrepot.contract;

import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C8: what a late joiner that has not read what was retained may keep, and from whom. */
@InBothForms
class C8BacklogsTest {
  private static final long STALL_LIMIT_MS = 200;
  private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(STALL_LIMIT_MS / 3);

  @Parameter Form form;

  private static FeedReader late(Feed feed, Overflow overflow, int depth) {
    return LateReading.join(feed, overflow, depth, Start.OLDEST);
  }

  /** Time that a reader takes for a frame: what is told does not hang on how long it is. */
  private static void work() {
    long startNs = System.nanoTime();
    Elsewhere.await("a step is over", () -> System.nanoTime() - startNs > STEP_NS);
  }

  @Test
  void aBlockReaderThatMovesInItsBacklogDoesNotStandStill() {
    try (var place = form.place(64, 20);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(6);
      feed.stallLimit(Duration.ofMillis(STALL_LIMIT_MS));
      try (var writer = feed.writer()) {
        publish(writer, 0, 6);
        try (var reader = late(place.reach(feed), Overflow.BLOCK, 6);
            var port = reader.open()) {
          publish(writer, 6, 12);
          for (long number = 0; number < 6; number++) {
            assertEquals(number, port.next(0, TimeUnit.SECONDS).getLong(0));
            assertNull(writer.acquire(0, TimeUnit.SECONDS), "it has no room, and yet it moves");
            work();
          }
          assertEquals(numbers(6, 12), drain(port));
          publish(writer, 12);
          assertEquals(numbers(12, 13), drain(port));
          assertEquals(0, reader.dropped());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Overflow.class, names = "DROP_OLDEST", mode = EnumSource.Mode.EXCLUDE)
  void aReaderThatStandsStillWithAllBuffersInItsBacklogIsEvicted(Overflow overflow) {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(4);
      feed.stallLimit(Duration.ofMillis(30));
      try (var writer = feed.writer()) {
        publish(writer, 0, 4);
        try (var reader = late(place.reach(feed), overflow, 4)) {
          publish(writer, 4);
          place.awaitEvicted(reader);
          assertEquals(1, pool.statistics().revocations());
        }
        feed.retain(0);
        assertEquals(List.of(), pool.holders());
      }
    }
  }

  @Test
  void aBlockReaderThatStandsStillWithTheLastBuffersIsEvicted() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = Feeds.join(place.reach(feed), Overflow.BLOCK, 4);
        var port = reader.open()) {
      feed.stallLimit(Duration.ofMillis(30));
      publish(writer, 0, 4);
      assertNotNull(port.next(0, TimeUnit.SECONDS), "one is mapped, three are unread");
      publish(writer, 4);
      place.awaitEvicted(reader);
    }
  }

  @Test
  void retainedFramesComeBackThoughOlderOnesAreOwedToSomebody() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      feed.retain(8);
      try (var writer = feed.writer()) {
        publish(writer, 0, 8);
        try (var reader = late(place.reach(feed), Overflow.DROP_NEWEST, 2);
            var port = reader.open()) {
          // Of eight buffers it keeps four: two of before and two of after it came.
          publish(writer, 8, 40);
          assertEquals(numbers(6, 10), drain(port));
          assertEquals(30, reader.dropped());
        }
      }
    }
  }
}
