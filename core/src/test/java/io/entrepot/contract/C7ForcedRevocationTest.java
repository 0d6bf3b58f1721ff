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
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C7: at the deadline views are closed by force, after which no thread reads a byte. */
@InBothForms
class C7ForcedRevocationTest {
  @Parameter Form form;

  private static final Duration SHORT = Duration.ofMillis(20);

  @Test
  void noReadInATightLoopSeesAByteWrittenAfterTheRevocation() {
    for (int round = 0; round < form.times(40); round++) {
      readersSeeNothingWrittenLater(
          4096, form.times(4), view -> view.getByte(0) | view.getByte(4095));
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
            view -> view.mismatch(0, zeros, 0, size) + 1);
    for (ToIntFunction<View> operation : bulk) {
      for (int round = 0; round < form.times(3); round++) {
        readersSeeNothingWrittenLater(size, 1, operation);
      }
    }
  }

  /** Readers spin over zeros until they are revoked; ones that are written then are never seen. */
  private void readersSeeNothingWrittenLater(int size, int readers, ToIntFunction<View> read) {
    try (var place = form.place(size, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(size);
        var own = place.own(owned);
        var buffer = place.reach(owned)) {
      WritableView mine = own.view();
      Attachment attachment = place.attach(Importers.reading());
      CountDownLatch reading = new CountDownLatch(readers);
      List<Elsewhere<Integer>> spinning = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        spinning.add(
            Elsewhere.start(() -> {
              int seen = 0;
              try (var theirs = attachment.open();
                  View view = theirs.map(buffer)) {
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
      Revocation revocation = place.revoke(attachment, Duration.ZERO);
      mine.fill(0, size, (byte) 1);
      List<Integer> seen = spinning.stream().map(Elsewhere::result).toList();
      attachment.close();
      place.assumeAnswered(revocation);
      assertFalse(revocation.cooperative());
      assertTrue(revocation.isComplete(), revocation::toString);
      assertEquals(Collections.nCopies(readers, 0), seen);
      assertEquals(1, mine.getByte(0));
      assertEquals(1, place.forcedCloses());
    }
  }

  @Test
  void aForcedViewThrowsRevokedAndItsBufferComesBack() {
    try (var place = form.place(64, 1);
        var pool = place.pool()) {
      Attachment attachment = place.attach(Importers.reading());
      Port port = attachment.open();
      SharedBuffer owned = pool.tryAcquire(64);
      SharedBuffer buffer = place.reach(owned);
      View view = port.map(buffer);
      View slice = view.slice(0, 8);
      buffer.close();
      owned.close();
      assertNull(pool.tryAcquire(64));
      Revocation revocation = place.revoke(attachment, SHORT);
      place.assumeAnswered(revocation);
      assertFalse(revocation.cooperative());
      assertThrows(RevokedException.class, () -> view.getByte(0));
      assertThrows(RevokedException.class, () -> slice.getByte(0));
      SharedBuffer again = pool.tryAcquire(64);
      assertNotNull(again, "nobody can touch it any more");
      view.close();
      assertThrows(ViewClosedException.class, () -> view.getByte(0));
      port.close();
      attachment.close();
      again.close();
      assertEquals(0, place.openMappings("importer"));
    }
  }

  @Test
  void revokingOneImporterLeavesOthersAlone() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var own = place.own(owned);
        var other = place.attach(Importer.viewing("other", Access.READ));
        var otherPort = other.open();
        var buffer = place.reach(owned);
        var otherView = otherPort.map(buffer)) {
      Attachment attachment = place.attach(Importers.reading());
      Port port = attachment.open();
      View view = port.map(buffer);
      place.assumeAnswered(place.revoke(attachment, Duration.ZERO));
      assertThrows(RevokedException.class, () -> view.getByte(0));
      own.view().putLong(0, 42);
      assertEquals(42, otherView.getLong(0));
      try (View more = otherPort.map(buffer)) {
        assertEquals(42, more.getLong(0));
      }
      assertFalse(other.isRevoked());
      assertEquals(1, place.openMappings("other"));
      port.close();
      attachment.close();
    }
  }

  @Test
  void revokingTwiceIsHarmlessAndCountedOnce() {
    try (var place = form.place(64, 1);
        var pool = place.pool()) {
      AtomicInteger told = new AtomicInteger();
      Attachment attachment =
          place.attach(
              Importers.reading(MappingType.NATIVE_POINTER)
                  .onRevoke(timeLeft -> told.incrementAndGet()));
      Attachment exported = place.exported(attachment);
      SharedBuffer owned = pool.tryAcquire(64);
      SharedBuffer buffer = place.reach(owned);
      NativeLease lease = attachment.lease(buffer);
      buffer.close();
      owned.close();
      Revocation first = pool.revoke(exported, SHORT);
      place.assumeAnswered(first);
      Revocation second = pool.revoke(exported, SHORT);
      assertEquals(first.quarantined(), second.quarantined());
      Elsewhere.await("it is told", () -> told.get() > 0);
      assertEquals(1, told.get());
      assertEquals(1, pool.statistics().revocations());
      assertEquals(1, pool.statistics().quarantined(), "one buffer is in quarantine");
      lease.close();
      place.cameBack(attachment);
      assertTrue(pool.revoke(exported, SHORT).isComplete());
      attachment.close();
      pool.revoke(exported, SHORT);
    }
  }

  @Test
  void twoThreadsMayRevokeAtOnce() {
    for (int round = 0; round < form.times(20); round++) {
      try (var place = form.place(64, 1);
          var pool = place.pool();
          var owned = pool.tryAcquire(64);
          var buffer = place.reach(owned)) {
        Attachment attachment = place.attach(Importers.reading());
        Attachment exported = place.exported(attachment);
        Port port = attachment.open();
        View view = port.map(buffer);
        var one = Elsewhere.start(() -> pool.revoke(exported, Duration.ZERO));
        var two = Elsewhere.start(() -> pool.revoke(exported, Duration.ZERO));
        for (Revocation revocation : List.of(one.result(), two.result())) {
          place.assumeAnswered(revocation);
          assertTrue(revocation.isComplete(), revocation::toString);
        }
        assertThrows(RevokedException.class, () -> view.getByte(0));
        port.close();
        attachment.close();
      }
    }
  }

  @Test
  void attachingAgainIsReadmission() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var own = place.own(owned);
        var buffer = place.reach(owned)) {
      Attachment revoked = place.attach(Importers.reading());
      Port oldPort = revoked.open();
      View oldView = oldPort.map(buffer);
      place.assumeAnswered(place.revoke(revoked, Duration.ZERO));
      Attachment readmitted = place.attach(Importers.reading());
      Port newPort = readmitted.open();
      View newView = newPort.map(buffer);
      own.view().putLong(0, 7);
      assertThrows(RevokedException.class, () -> oldView.getLong(0));
      assertThrows(RevokedException.class, () -> oldPort.map(buffer));
      oldView.close();
      oldPort.close();
      revoked.close();
      assertEquals(7, newView.getLong(0), "what was taken back does not end what was given");
      assertEquals(1, place.openMappings("importer"));
      newPort.close();
      readmitted.close();
    }
  }

  @Test
  void aListenerThatThrowsKeepsNothing() {
    var before = Thread.getDefaultUncaughtExceptionHandler();
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.set(thrown));
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned)) {
      RuntimeException fault = new IllegalStateException("the importer's own fault");
      Attachment attachment =
          place.attach(
              Importers.reading()
                  .onRevoke(timeLeft -> {
                    throw fault;
                  }));
      Port port = attachment.open();
      View view = port.map(buffer);
      Revocation revocation = place.revoke(attachment, SHORT);
      place.assumeAnswered(revocation);
      assertTrue(revocation.isComplete(), revocation::toString);
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
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned)) {
      Attachment attachment =
          place.attach(
              Importers.reading()
                  .onRevoke(timeLeft ->
                      Elsewhere.await("the test is over", () -> never.getCount() == 0)));
      Port port = attachment.open();
      View view = port.map(buffer);
      Revocation revocation = place.revoke(attachment, SHORT);
      place.assumeAnswered(revocation);
      assertTrue(revocation.isComplete(), revocation::toString);
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
