package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.View;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C7: a writer or reader that is revoked holds nobody up. */
@InBothForms
class C7RevokedFeedsTest {
  @Parameter Form form;

  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void aRevokedWriterGetsNothingAndPublishesNothing() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      FeedWriter writer = feed.writer();
      writer.acquire(1, TimeUnit.SECONDS).putLong(0, 1);
      writer.publish();
      pool.revoke(writer.attachment(), Duration.ZERO);
      assertThrows(RevokedException.class, () -> writer.acquire(1, TimeUnit.SECONDS));
      assertThrows(RevokedException.class, () -> writer.acquire(1, TimeUnit.SECONDS));
      assertThrows(IllegalStateException.class, writer::publish, "it has nothing to publish");
      assertEquals(1, port.next(1, TimeUnit.SECONDS).getLong(0));
      assertNull(port.next(0, TimeUnit.SECONDS));
      port.unmap();
      assertEquals(List.of(), pool.holders(), "a failed acquire leaves no buffer behind");
      writer.close();
    }
  }

  @Test
  void aRevokedOwnersPortKeepsThrowingRevoked() {
    try (var place = form.place(64, 2);
        var pool = place.pool()) {
      AtomicReference<Attachment> attached = new AtomicReference<>();
      var port = pool.open("owner");
      attached.set(((io.entrepot.internal.sharing.LanePort) port.port()).attachment());
      pool.revoke(attached.get(), Duration.ZERO);
      for (int i = 0; i < 3; i++) {
        assertThrows(RevokedException.class, port::tryAcquire);
        assertThrows(RevokedException.class, () -> port.acquire(1, TimeUnit.MILLISECONDS));
      }
      assertEquals(List.of(), pool.holders(), "a failed acquire leaves no buffer behind");
      port.close();
    }
  }

  @Test
  void aRevokedReaderHoldsNobodyUp() {
    for (Overflow overflow : Overflow.values()) {
      try (var place = form.place(64, 2);
          var pool = place.pool();
          var feed = pool.broadcast("feed")) {
        var reader =
            place
                .reach(feed)
                .join(Importer.viewing("reader", Access.READ), overflow, 1, Division.EACH);
        var port = reader.open();
        try (FeedWriter writer = feed.writer()) {
          assertNotNull(writer.acquire(1, TimeUnit.SECONDS));
          writer.publish();
          place.assumeAnswered(pool.revoke(place.exported(reader.attachment()), Duration.ZERO));
          for (int i = 0; i < 5; i++) {
            assertNotNull(writer.acquire(30, TimeUnit.SECONDS), overflow + " after its revocation");
            writer.publish();
          }
        }
        assertEquals(List.of(), pool.holders(), overflow::toString);
        assertThrows(RevokedException.class, () -> port.next(1, TimeUnit.SECONDS));
        port.close();
        reader.close();
      }
    }
  }

  @Test
  void theFramesOfARevokedReaderComeBackThoughItDoesNothing() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      try (FeedWriter writer = feed.writer()) {
        Feeds.publish(writer, 0, 2);
      }
      assertNotNull(port.next(1, TimeUnit.SECONDS));
      View kept = port.keep();
      View view = port.next(1, TimeUnit.SECONDS);
      Revocation revocation = place.revoke(reader.attachment(), Duration.ZERO);
      place.assumeAnswered(revocation);
      assertTrue(revocation.isComplete(), revocation::toString);
      try (var one = pool.tryAcquire(64);
          var two = pool.tryAcquire(64)) {
        assertNotNull(one, pool::dump);
        assertNotNull(two, pool::dump);
        assertThrows(RevokedException.class, () -> view.getLong(0));
        assertThrows(RevokedException.class, () -> kept.getLong(0));
        kept.close();
        port.unmap();
        assertNull(pool.tryAcquire(64), "given back once");
      }
    }
  }

  @Test
  void aReaderThatWaitsIsToldAtOnce() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
      var waiting =
          Elsewhere.start(() -> {
            try (var port = reader.open()) {
              return port.next(10, TimeUnit.MINUTES);
            }
          });
      waiting.awaitWaiting();
      pool.revoke(place.exported(reader.attachment()), LONG);
      assertThrows(RevokedException.class, waiting::result);
      reader.close();
    }
  }
}
