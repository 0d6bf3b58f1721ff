package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** C7: a revocation waits for the fences of the importer's own work. */
class C7RevokedFencesTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);

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
      buffer.reservation().add(timeline.next(), Usage.WRITE);
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
