package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C12: what is published is nobody's to write any more, whoever reads it. */
@InBothForms
class C12PublishedBuffersTest {
  private static final int ROUNDS = 20_000;

  @Parameter Form form;

  private static boolean publish(FeedWriter writer, SharedBuffer buffer) {
    return writer.publish(buffer, null, 0, 0, TimeUnit.SECONDS);
  }

  private static void assertRefused(FeedWriter writer, SharedBuffer buffer) {
    assertEquals(
        "buffer " + buffer.index() + " cannot be published: it is mapped for writing",
        assertThrows(IllegalStateException.class, () -> publish(writer, buffer)).getMessage());
  }

  @Test
  void aBufferThatIsMappedForWritingIsRefusedThoughNobodyReads() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var buffer = pool.tryAcquire(64)) {
      try (var view = writer.port().mapForWriting(buffer)) {
        assertRefused(writer, buffer);
        view.putLong(0, 1); // as it was
      }
      place.reach(feed).join("left", place.access(), Overflow.BLOCK).close();
      try (var view = writer.port().mapForWriting(buffer)) {
        assertRefused(writer, buffer);
        view.putLong(0, 2);
      }
      assertTrue(publish(writer, buffer), "mapped no more");
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aRefusalCountsAndDropsNothing() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var newest = place.reach(feed).join("newest", Access.READ, Overflow.DROP_OLDEST, 1);
        var first = place.reach(feed).join("first", Access.READ, Overflow.DROP_NEWEST, 1);
        var writer = feed.writer();
        var buffer = pool.tryAcquire(64)) {
      Feeds.publish(writer, 0);
      try (var view = writer.port().mapForWriting(buffer)) {
        assertRefused(writer, buffer);
        view.putLong(0, 1);
      }
      assertEquals(List.of(0L, 0L), List.of(newest.dropped(), first.dropped()));
      assertTrue(publish(writer, buffer));
      assertEquals(List.of(1L, 1L), List.of(newest.dropped(), first.dropped()));
      try (var port = newest.open()) {
        assertEquals(1, port.next(0, TimeUnit.SECONDS).getLong(0));
        assertEquals(1, port.sequence(), "the refused one had no number");
      }
    }
  }

  @Test
  void aBufferIsPublishedThoughNobodyReads() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var buffer = pool.tryAcquire(64)) {
      assertTrue(publish(writer, buffer.share()));
      assertThrows(IllegalStateException.class, () -> writer.port().mapForWriting(buffer));
      try (var view = writer.port().mapInPlace(buffer, 0, TimeUnit.SECONDS)) {
        view.putLong(0, 1);
      }
      try (var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
          var port = reader.open()) {
        assertTrue(publish(writer, buffer));
        assertEquals(1, port.next(0, TimeUnit.SECONDS).getLong(0));
      }
    }
  }

  /** A map for writing that fails is seen for a moment by who publishes: that changes nothing. */
  @Test
  void aFrameThatIsPublishedFurtherStaysPublishedWhileSomebodyTriesToMapIt() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK, 1);
        var port = reader.open();
        var writer = feed.writer();
        var further = pool.broadcast("further");
        var relay = further.writer();
        var trying = pool.attach(Importer.viewing("trying", Access.WRITE));
        var buffer = pool.tryAcquire(64)) {
      assertTrue(publish(writer, buffer.share()));
      View frame = port.next(0, TimeUnit.SECONDS);
      assertNotNull(frame);
      AtomicInteger rounds = new AtomicInteger();
      var tries =
          Elsewhere.start(() -> {
            try (Port own = trying.open()) {
              while (rounds.get() < ROUNDS) {
                assertThrows(IllegalStateException.class, () -> own.mapForWriting(buffer));
              }
            }
            return true;
          });
      while (rounds.getAndIncrement() < ROUNDS && !tries.isDone()) {
        try (SharedBuffer shared = buffer.share()) {
          publish(relay, shared);
        } catch (IllegalStateException seenForAMoment) {
          assertTrue(seenForAMoment.getMessage().contains("mapped for writing"));
        }
      }
      assertTrue(tries.result());
      assertFalse(buffer.isExclusive(), "it is read");
    }
  }
}
