package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/** C7: at the deadline views are closed by force, after which no thread reads a byte. */
class C7ForcedRevocationTest {
  private static final Duration SHORT = Duration.ofMillis(20);

  @Test
  void noReadInATightLoopSeesAByteWrittenAfterTheRevocation() {
    for (int round = 0; round < 40; round++) {
      readersSeeNothingWrittenLater(4096, 4, view -> view.getByte(0) | view.getByte(4095));
    }
  }

  @Test
  void noBulkOperationSeesAByteWrittenAfterTheRevocation() {
    int size = 3 << 20;
    byte[] copy = new byte[size];
    byte[] zeros = new byte[size];
    int[] ints = new int[size / 4];
    ByteBuffer direct = ByteBuffer.allocateDirect(size);
    List<ToIntFunction<View>> bulk =
        List.of(
            view -> {
              view.copyTo(0, copy, 0, size);
              return copy[0] | copy[size - 1];
            },
            view -> view.crc32c(0, size) == view.crc32c(size / 2, 0) ? 0 : 0,
            view -> (int) Math.max(0, view.mismatch(view) + 1),
            view -> {
              view.copyTo(0, direct.clear());
              return direct.get(0) | direct.get(size - 1);
            },
            view -> {
              view.copyTo(0, ints, 0, size / 4, ByteOrder.BIG_ENDIAN);
              return ints[0] | ints[size / 4 - 1];
            },
            view -> view.mismatch(0, zeros, 0, size) + 1,
            view -> {
              ((WritableView) view).copyTo(0, (WritableView) view, size / 2, size / 2);
              return view.getByte(size - 1);
            });
    for (ToIntFunction<View> operation : bulk) {
      for (int round = 0; round < 3; round++) {
        readersSeeNothingWrittenLater(size, 1, operation);
      }
    }
  }

  /** Readers spin over zeros until they are revoked; ones that are written then are never seen. */
  private static void readersSeeNothingWrittenLater(
      int size, int readers, ToIntFunction<View> read) {
    try (var pool = BufferPool.offHeap("pool", size, 1);
        var exporting = pool.attach(Importer.viewing("exporter's own", Access.WRITE));
        var port = exporting.open();
        var buffer = pool.tryAcquire(size);
        var mine = port.mapForWriting(buffer)) {
      mine.fill(0, size, (byte) 0);
      Attachment attachment = pool.attach(Importers.viewing());
      CountDownLatch reading = new CountDownLatch(readers);
      List<Elsewhere<Integer>> spinning = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        spinning.add(
            Elsewhere.start(() -> {
              int seen = 0;
              try (var theirs = attachment.open();
                  View view = theirs.mapForWriting(buffer)) {
                reading.countDown();
                while (true) {
                  seen |= read.applyAsInt(view);
                }
              } catch (RevokedException ended) {
                return seen;
              }
            }));
      }
      Elsewhere.await("all read", () -> reading.getCount() == 0);
      Revocation revocation = pool.revoke(attachment, Duration.ZERO);
      mine.fill(0, size, (byte) 1);
      assertFalse(revocation.cooperative());
      assertTrue(revocation.isComplete(), revocation::toString);
      for (Elsewhere<Integer> reader : spinning) {
        assertEquals(0, reader.result());
      }
      assertEquals(1, mine.getByte(0));
      assertEquals(1, pool.statistics().forcedCloses());
      attachment.close();
    }
  }

  @Test
  void aForcedViewThrowsRevokedAndItsBufferComesBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      Attachment attachment = pool.attach(Importers.viewing());
      Port port = attachment.open();
      SharedBuffer buffer = pool.tryAcquire(64);
      WritableView view = port.mapForWriting(buffer);
      View slice = view.slice(0, 8);
      buffer.close();
      assertNull(pool.tryAcquire(64));
      assertFalse(pool.revoke(attachment, SHORT).cooperative());
      assertThrows(RevokedException.class, () -> view.getByte(0));
      assertThrows(RevokedException.class, () -> view.putByte(0, (byte) 1));
      assertThrows(RevokedException.class, () -> slice.getByte(0));
      SharedBuffer again = pool.tryAcquire(64);
      assertNotNull(again, "nobody can touch it any more");
      view.close();
      assertThrows(ViewClosedException.class, () -> view.getByte(0));
      port.close();
      attachment.close();
      again.close();
      assertEquals(0, pool.statistics().openMappings());
    }
  }

  @Test
  void revokingOneImporterLeavesOthersAlone() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var other = pool.attach(Importer.viewing("other", Access.WRITE));
        var otherPort = other.open();
        var buffer = pool.tryAcquire(64);
        var otherView = otherPort.mapForWriting(buffer)) {
      Attachment attachment = pool.attach(Importers.viewing());
      Port port = attachment.open();
      View view = port.map(buffer);
      pool.revoke(attachment, Duration.ZERO);
      assertThrows(RevokedException.class, () -> view.getByte(0));
      otherView.putLong(0, 42);
      try (View more = otherPort.map(buffer)) {
        assertEquals(42, more.getLong(0));
      }
      assertFalse(other.isRevoked());
      assertEquals(1, pool.statistics().openMappings());
      port.close();
      attachment.close();
    }
  }

  @Test
  void revokingTwiceIsHarmlessAndCountedOnce() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      AtomicInteger told = new AtomicInteger();
      Attachment attachment =
          pool.attach(
              Importers.of(MappingType.NATIVE_POINTER)
                  .onRevoke(timeLeft -> told.incrementAndGet()));
      SharedBuffer buffer = pool.tryAcquire(64);
      NativeLease lease = attachment.lease(buffer);
      buffer.close();
      Revocation first = pool.revoke(attachment, SHORT);
      Revocation second = pool.revoke(attachment, SHORT);
      assertEquals(first.quarantined(), second.quarantined());
      Elsewhere.await("it is told", () -> told.get() > 0);
      assertEquals(1, told.get());
      assertEquals(1, pool.statistics().revocations());
      assertEquals(1, pool.statistics().quarantined(), "one buffer is in quarantine");
      lease.close();
      assertTrue(pool.revoke(attachment, SHORT).isComplete());
      attachment.close();
      pool.revoke(attachment, SHORT);
    }
  }

  @Test
  void twoThreadsMayRevokeAtOnce() {
    for (int round = 0; round < 20; round++) {
      try (var pool = BufferPool.offHeap("pool", 64, 1);
          var buffer = pool.tryAcquire(64)) {
        Attachment attachment = pool.attach(Importers.viewing());
        Port port = attachment.open();
        View view = port.map(buffer);
        var one = Elsewhere.start(() -> pool.revoke(attachment, Duration.ZERO));
        var two = Elsewhere.start(() -> pool.revoke(attachment, Duration.ZERO));
        assertTrue(one.result().isComplete());
        assertTrue(two.result().isComplete());
        assertThrows(RevokedException.class, () -> view.getByte(0));
        port.close();
        attachment.close();
      }
    }
  }

  @Test
  void attachingAgainIsReadmission() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      Attachment revoked = pool.attach(Importers.viewing());
      Port oldPort = revoked.open();
      View oldView = oldPort.map(buffer);
      pool.revoke(revoked, Duration.ZERO);
      Attachment readmitted = pool.attach(Importers.viewing());
      Port newPort = readmitted.open();
      WritableView newView = newPort.mapForWriting(buffer);
      newView.putLong(0, 7);
      assertThrows(RevokedException.class, () -> oldView.getLong(0));
      assertThrows(RevokedException.class, () -> oldPort.map(buffer));
      oldView.close();
      oldPort.close();
      revoked.close();
      assertEquals(7, newView.getLong(0), "what was taken back does not end what was given");
      assertEquals(1, pool.statistics().openMappings());
      newPort.close();
      readmitted.close();
    }
  }

  @Test
  void aListenerThatThrowsKeepsNothing() {
    var before = Thread.getDefaultUncaughtExceptionHandler();
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.set(thrown));
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      RuntimeException fault = new IllegalStateException("the importer's own fault");
      Attachment attachment =
          pool.attach(
              Importers.viewing()
                  .onRevoke(timeLeft -> {
                    throw fault;
                  }));
      Port port = attachment.open();
      View view = port.map(buffer);
      assertTrue(pool.revoke(attachment, SHORT).isComplete());
      assertThrows(RevokedException.class, () -> view.getByte(0));
      Elsewhere.await("it is told to whoever asked", () -> uncaught.get() == fault);
      port.close();
      attachment.close();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void aListenerThatDoesNotReturnKeepsNothing() {
    CountDownLatch never = new CountDownLatch(1);
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      Attachment attachment =
          pool.attach(
              Importers.viewing()
                  .onRevoke(timeLeft ->
                      Elsewhere.await("the test is over", () -> never.getCount() == 0)));
      Port port = attachment.open();
      View view = port.map(buffer);
      assertTrue(pool.revoke(attachment, SHORT).isComplete());
      assertThrows(RevokedException.class, () -> view.getByte(0));
      port.close();
      attachment.close();
    } finally {
      never.countDown();
    }
  }

  @Test
  void anAttachmentOfAnotherPoolIsRefused() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var other = BufferPool.offHeap("other", 64, 1);
        var attachment = other.attach(Importers.viewing())) {
      assertThrows(IllegalArgumentException.class, () -> pool.revoke(attachment, SHORT));
      assertFalse(attachment.isRevoked());
    }
  }
}
