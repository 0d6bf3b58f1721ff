package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** C7: the exporter takes memory back, in order, in time. */
class C7RevocationOrderTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);

  @Test
  void nothingOpenNothingForced() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      Attachment attachment = pool.attach(Importers.viewing());
      Revocation revocation = pool.revoke(attachment, LONG);
      assertTrue(revocation.cooperative());
      assertTrue(revocation.isComplete());
      assertEquals("importer", revocation.importer());
      assertTrue(attachment.isRevoked());
      assertEquals(1, pool.statistics().revocations());
      assertEquals(0, pool.statistics().forcedCloses());
      assertEquals(0, pool.statistics().quarantined());
      attachment.close();
    }
  }

  @Test
  void newMapsFailWhenTheImporterIsTold() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var buffer = pool.tryAcquire(64)) {
      AtomicReference<Attachment> attached = new AtomicReference<>();
      CountDownLatch open = new CountDownLatch(1);
      CountDownLatch told = new CountDownLatch(1);
      CountDownLatch tried = new CountDownLatch(1);
      List<Duration> timesLeft = new ArrayList<>();
      attached.set(
          pool.attach(
              Importers.viewing()
                  .onRevoke(timeLeft -> {
                    timesLeft.add(timeLeft);
                    assertThrows(RevokedException.class, () -> attached.get().open());
                    told.countDown();
                    Elsewhere.await("it tried", () -> tried.getCount() == 0);
                  })));
      var mapping =
          Elsewhere.start(() -> {
            try (var port = attached.get().open()) {
              open.countDown();
              told.await();
              return assertThrows(RevokedException.class, () -> port.map(buffer));
            } finally {
              tried.countDown();
            }
          });
      Elsewhere.await("the port is open", () -> open.getCount() == 0);
      assertTrue(pool.revoke(attached.get(), LONG).cooperative());
      String text = mapping.result().getMessage();
      assertTrue(text.contains("'importer'") && text.contains("attach again"), text);
      assertEquals(1, timesLeft.size());
      assertTrue(timesLeft.getFirst().compareTo(LONG) <= 0);
      attached.get().close();
    }
  }

  @Test
  void anImporterThatLetsGoInTimeIsNotForced() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      CountDownLatch told = new CountDownLatch(1);
      CountDownLatch mapped = new CountDownLatch(1);
      Attachment attachment =
          pool.attach(Importers.viewing().onRevoke(timeLeft -> told.countDown()));
      var holder =
          Elsewhere.start(() -> {
            try (var port = attachment.open();
                View view = port.map(buffer)) {
              mapped.countDown();
              told.await();
              return view.getByte(0);
            }
          });
      Elsewhere.await("it is mapped", () -> mapped.getCount() == 0);
      Revocation revocation = pool.revoke(attachment, LONG);
      assertTrue(revocation.cooperative());
      assertTrue(revocation.isComplete(), revocation::toString);
      assertEquals(0, (byte) holder.result());
      assertEquals(0, pool.statistics().openMappings());
      attachment.close();
    }
  }

  @Test
  void fencesOfTheImporterAreWaitedFor() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      AtomicReference<Runnable> signal = new AtomicReference<>();
      Attachment attachment =
          pool.attach(Importers.viewing().onRevoke(timeLeft -> signal.get().run()));
      var timeline = attachment.timeline("gpu");
      timeline.issue();
      signal.set(() -> Elsewhere.start(() -> timeline.signal(1)));
      Revocation revocation = pool.revoke(attachment, LONG);
      assertEquals(List.of(), revocation.pendingFences());
      assertEquals(1, timeline.signaled());
      attachment.close();
    }
  }

  @Test
  void fencesThatStayPendingAreNamedAndKeepTheirBuffer() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      Attachment attachment = pool.attach(Importers.viewing());
      var timeline = attachment.timeline("gpu");
      SharedBuffer buffer = pool.tryAcquire(64);
      buffer.reservation().add(timeline.next(), io.entrepot.sync.Usage.WRITE);
      buffer.close();
      Revocation revocation = pool.revoke(attachment, SHORT);
      assertFalse(revocation.isComplete());
      assertEquals(1, revocation.pendingFences().size());
      assertTrue(revocation.pendingFences().getFirst().contains("'gpu'"));
      assertNull(pool.tryAcquire(64), "the memory may still be written");
      timeline.signal(1);
      SharedBuffer again = pool.tryAcquire(64);
      assertNotNull(again);
      again.close();
      attachment.close();
    }
  }
}
