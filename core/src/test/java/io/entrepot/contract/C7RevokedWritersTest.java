package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** C7: at the deadline views for writing are closed by force too, after which no thread writes. */
class C7RevokedWritersTest {
  private static final long LIMIT_SECONDS = 30;

  @Test
  void noCopyInAViewWritesAByteAfterTheRevocation() {
    int size = 3 << 20;
    for (int round = 0; round < 3; round++) {
      try (var pool = BufferPool.offHeap("pool", size, 1);
          var exporting = pool.attach(Importer.viewing("exporter's own", Access.WRITE));
          var port = exporting.open();
          var buffer = pool.tryAcquire(size);
          var mine = port.mapForWriting(buffer)) {
        mine.fill(0, size / 2, (byte) 2);
        Attachment attachment = pool.attach(Importers.viewing());
        CountDownLatch copying = new CountDownLatch(1);
        var spinning =
            Elsewhere.start(() -> {
              try (var theirs = attachment.open();
                  WritableView view = theirs.mapForWriting(buffer)) {
                while (true) {
                  view.copyTo(0, view, size / 2, size / 2);
                  copying.countDown();
                }
              } catch (RevokedException ended) {
                return true;
              }
            });
        Elsewhere.await("it copies", () -> copying.getCount() == 0);
        Revocation revocation = pool.revoke(attachment, Duration.ZERO);
        mine.fill(0, size, (byte) 1);
        assertFalse(revocation.cooperative());
        assertTrue(revocation.isComplete(), revocation::toString);
        assertTrue(spinning.result());
        byte[] ones = new byte[size];
        java.util.Arrays.fill(ones, (byte) 1);
        assertEquals(-1, mine.mismatch(0, ones, 0, size));
        attachment.close();
      }
    }
  }

  @Test
  void aForcedViewForWritingThrowsRevokedAndItsBufferComesBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      Attachment attachment = pool.attach(Importers.viewing());
      Port port = attachment.open();
      SharedBuffer buffer = pool.tryAcquire(64);
      WritableView view = port.mapForWriting(buffer);
      buffer.close();
      assertFalse(pool.revoke(attachment, Duration.ZERO).cooperative());
      assertThrows(RevokedException.class, () -> view.putByte(0, (byte) 1));
      assertThrows(RevokedException.class, () -> view.getByte(0));
      SharedBuffer again = pool.tryAcquire(64);
      assertNotNull(again, "nobody can touch it any more");
      again.close();
      port.close();
      attachment.close();
    }
  }

  /** A frame that is read elsewhere, so that a writer in place has to wait. */
  @Test
  void aWriterInPlaceThatWaitsForItsTurnIsRevokedInPeace() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var own = pool.attach(Importer.viewing("own", Access.WRITE));
        var reading = own.open();
        var buffer = pool.tryAcquire(64)) {
      publish(writer, buffer);
      Attachment attachment = pool.attach(Importers.viewing());
      View read = reading.map(buffer);
      var waiting =
          Elsewhere.start(() -> {
            try (Port port = attachment.open()) {
              assertThrows(
                  RevokedException.class,
                  () -> port.mapInPlace(buffer, LIMIT_SECONDS, TimeUnit.SECONDS));
              return true;
            }
          });
      waiting.awaitWaiting();
      assertTrue(pool.revoke(attachment, Duration.ofSeconds(LIMIT_SECONDS)).cooperative());
      assertTrue(waiting.result());
      // Nobody is kept out by one who has not begun.
      try (View again = reading.map(buffer, 0, TimeUnit.SECONDS)) {
        assertNotNull(again);
      }
      read.close();
      attachment.close();
    }
  }

  @Test
  void aFrameWhoseWriterInPlaceWasRevokedByForceIsShownToNobodyAndComesBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var own = pool.attach(Importer.viewing("own", Access.WRITE));
        var reading = own.open()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      publish(writer, buffer);
      Attachment attachment = pool.attach(Importers.viewing());
      Port port = attachment.open();
      WritableView view = port.mapInPlace(buffer, 0, TimeUnit.SECONDS);
      view.putLong(0, 1);
      assertNull(reading.map(buffer, 0, TimeUnit.SECONDS), "it waits for the writer");
      assertFalse(pool.revoke(attachment, Duration.ZERO).cooperative());
      // Though the writer's thread has done nothing yet.
      assertHalfOverwritten(() -> reading.map(buffer, LIMIT_SECONDS, TimeUnit.SECONDS));
      assertHalfOverwritten(() -> reading.mapInPlace(buffer, LIMIT_SECONDS, TimeUnit.SECONDS));
      buffer.close();
      assertEquals(2, pool.statistics().free(), pool::dump);
      assertThrows(RevokedException.class, () -> view.putLong(0, 2));
      view.close();
      port.close();
      attachment.close();
      requireUsable(pool, writer, reading);
    }
  }

  @Test
  void whenAWriterInPlaceIsRevokedNobodyWaitsForItAndNothingIsLost() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var own = pool.attach(Importer.viewing("own", Access.WRITE));
        var reading = own.open()) {
      for (int round = 0; round < 200; round++) {
        SharedBuffer buffer = pool.tryAcquire(64);
        publish(writer, buffer);
        Attachment attachment = pool.attach(Importers.viewing());
        CountDownLatch writing = new CountDownLatch(1);
        var revoked =
            Elsewhere.start(() -> {
              try (Port port = attachment.open()) {
                while (true) {
                  try (WritableView view = port.mapInPlace(buffer, 1, TimeUnit.SECONDS)) {
                    view.putLong(0, 1);
                    writing.countDown();
                  }
                }
              } catch (RevokedException told) {
                return true;
              }
            });
        Elsewhere.await("it writes", () -> writing.getCount() == 0);
        for (int i = round % 100; i > 0; i--) {
          Thread.onSpinWait();
        }
        pool.revoke(attachment, Duration.ZERO);
        requireAnswered(reading, buffer);
        assertTrue(revoked.result());
        buffer.close();
        attachment.close();
        assertEquals(2, pool.statistics().free(), pool::dump);
      }
    }
  }

  /** Shown, or known to be half overwritten; at once. */
  private static void requireAnswered(Port reading, SharedBuffer buffer) {
    try (View view = reading.map(buffer, LIMIT_SECONDS, TimeUnit.SECONDS)) {
      assertNotNull(view);
    } catch (IllegalStateException refused) {
      assertTrue(refused.getMessage().contains("half overwritten"), refused.getMessage());
    }
  }

  /** Every buffer, and for a writer in place too. */
  private static void requireUsable(BufferPool pool, FeedWriter writer, Port reading) {
    SharedBuffer one = pool.tryAcquire(64);
    SharedBuffer two = pool.tryAcquire(64);
    for (SharedBuffer buffer : new SharedBuffer[] {one, two}) {
      publish(writer, buffer);
      try (WritableView view = reading.mapInPlace(buffer, 0, TimeUnit.SECONDS)) {
        view.putLong(0, 3);
      }
      try (View view = reading.map(buffer, 0, TimeUnit.SECONDS)) {
        assertEquals(3, view.getLong(0));
      }
      buffer.close();
    }
    assertEquals(2, pool.statistics().free(), pool::dump);
  }

  /** What its owner has not published its owner may put right. */
  @Test
  void aBufferThatIsNoFrameYetIsItsOwnersAfterAForcedRevocation() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var own = pool.attach(Importer.viewing("own", Access.WRITE));
        var owning = own.open();
        var buffer = pool.tryAcquire(64)) {
      Attachment attachment = pool.attach(Importers.viewing());
      Port port = attachment.open();
      assertNotNull(port.mapInPlace(buffer, 0, TimeUnit.SECONDS));
      assertFalse(pool.revoke(attachment, Duration.ZERO).cooperative());
      try (WritableView view = owning.mapForWriting(buffer, 0, TimeUnit.SECONDS)) {
        view.putLong(0, 1);
      }
      port.close();
      attachment.close();
    }
  }

  private static void publish(FeedWriter writer, SharedBuffer buffer) {
    assertTrue(writer.publish(buffer.share(), null, 0, LIMIT_SECONDS, TimeUnit.SECONDS));
  }

  private static void assertHalfOverwritten(Executable use) {
    String refused = assertThrows(IllegalStateException.class, use).getMessage();
    assertTrue(refused.contains("half overwritten"), refused);
  }
}
