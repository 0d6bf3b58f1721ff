package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C7: the exporter takes memory back, in order, in time. */
@InBothForms
class C7RevocationOrderTest {
  @Parameter Form form;

  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void nothingOpenNothingForced() {
    try (var place = form.place(64, 1);
        var pool = place.pool()) {
      Attachment attachment = place.attach(Importers.reading());
      Revocation revocation = place.revoke(attachment, LONG);
      assertTrue(revocation.cooperative());
      assertTrue(revocation.isComplete());
      assertEquals("importer", revocation.importer());
      assertTrue(attachment.isRevoked());
      assertEquals(1, pool.statistics().revocations());
      assertEquals(0, place.forcedCloses());
      assertEquals(0, pool.statistics().quarantined());
      attachment.close();
    }
  }

  @Test
  void newMapsFailWhenTheImporterIsTold() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned)) {
      AtomicReference<Attachment> attached = new AtomicReference<>();
      CountDownLatch open = new CountDownLatch(1);
      CountDownLatch told = new CountDownLatch(1);
      CountDownLatch tried = new CountDownLatch(1);
      List<Duration> timesLeft = new ArrayList<>();
      attached.set(
          place.attach(
              Importers.reading()
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
      assertTrue(place.revoke(attached.get(), LONG).cooperative());
      String text = mapping.result().getMessage();
      assertTrue(text.contains("'importer'") && text.contains("attach again"), text);
      assertEquals(1, timesLeft.size());
      assertTrue(timesLeft.getFirst().compareTo(LONG) <= 0);
      attached.get().close();
    }
  }

  @Test
  void anImporterThatLetsGoInTimeIsNotForced() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned)) {
      CountDownLatch told = new CountDownLatch(1);
      CountDownLatch mapped = new CountDownLatch(1);
      Attachment attachment =
          place.attach(Importers.reading().onRevoke(timeLeft -> told.countDown()));
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
      Revocation revocation = place.revoke(attachment, LONG);
      assertTrue(revocation.cooperative());
      assertTrue(revocation.isComplete(), revocation::toString);
      assertEquals(0, (byte) holder.result());
      assertEquals(0, place.openMappings("importer"));
      attachment.close();
    }
  }
}
