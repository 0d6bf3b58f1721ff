package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** C7: at the deadline views for writing are closed by force too, after which no thread writes. */
class C7RevokedWritersTest {
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
}
