package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C7: a revocation waits for the fences of the importer's own work. */
@InBothForms
class C7RevokedFencesTest {
  @Parameter Form form;

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);

  @Test
  void fencesOfTheImporterAreWaitedFor() {
    try (var place = form.place(64, 1);
        var pool = place.pool()) {
      AtomicReference<Runnable> signal = new AtomicReference<>();
      Attachment attachment =
          place.attach(Importers.reading().onRevoke(timeLeft -> signal.get().run()));
      var timeline = attachment.timeline("gpu");
      timeline.issue();
      signal.set(() -> Elsewhere.start(() -> timeline.signal(1)));
      Revocation revocation = place.revoke(attachment, LONG);
      assertTrue(revocation.isComplete(), revocation::toString);
      assertEquals(List.of(), revocation.pendingFences());
      assertEquals(1, timeline.signaled());
      assertEquals(List.of(), pool.holders());
      attachment.close();
    }
  }

  @Test
  void fencesThatStayPendingAreNamedAndKeepTheirBuffer() {
    try (var place = form.place(64, 1);
        var pool = place.pool()) {
      Attachment attachment = place.attach(Importers.reading());
      var timeline = attachment.timeline("gpu");
      SharedBuffer owned = pool.tryAcquire(64);
      SharedBuffer buffer = place.reach(owned);
      buffer.reservation().add(timeline.next(), Usage.READ);
      buffer.close();
      owned.close();
      Revocation revocation = place.revoke(attachment, SHORT);
      place.assumeAnswered(revocation);
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
