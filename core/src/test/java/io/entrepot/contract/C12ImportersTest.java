package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.View;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/**
 * C12: what an importer has in use is not closed under it, and what its threads left is taken back.
 */
@InBothForms
class C12ImportersTest {
  @Parameter Form form;

  @Test
  void anAttachmentWhoseCloseWasRefusedGoesOnAndCanBeRevoked() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned)) {
      var attachment = place.attach(Importers.reading(MappingType.VIEW));
      var port = attachment.open();
      View view = port.map(buffer);
      String refused = assertThrows(IllegalStateException.class, attachment::close).getMessage();
      assertTrue(refused.contains("is in use: [1 mappings by port 0"), refused);
      assertEquals(0, view.getByte(0));
      view.close();
      port.map(buffer).close();
      assertTrue(place.revoke(attachment, Duration.ofSeconds(5)).cooperative());
      assertThrows(RevokedException.class, () -> port.map(buffer));
      port.close();
      attachment.close();
    }
  }

  @Test
  void anAttachmentInUseRefusesToCloseAndNamesTheUse() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned)) {
      var viewing = place.attach(Importers.reading(MappingType.VIEW));
      var port = viewing.open();
      View view = port.map(buffer);
      String text = assertThrows(IllegalStateException.class, viewing::close).getMessage();
      assertTrue(text.contains("1 mappings by port"), text);
      assertEquals(0, view.getByte(0), "it stays as it was");
      view.close();
      viewing.close();
      assertThrows(IllegalStateException.class, () -> port.map(buffer));
      assertThrows(IllegalStateException.class, viewing::open);
      port.close();

      var leasing = place.attach(Importers.reading(MappingType.NATIVE_POINTER));
      var lease = leasing.lease(buffer);
      text = assertThrows(IllegalStateException.class, leasing::close).getMessage();
      assertTrue(text.contains("native lease of buffer 0"), text);
      lease.close();
      leasing.close();
      assertThrows(IllegalStateException.class, () -> leasing.lease(buffer));
    }
  }

  @Test
  void theLanesOfThreadsThatEndedAreUsedAgain() {
    try (var place = form.place(64, 2);
        var _ = place.pool();
        var attachment = place.attach(Importers.reading(MappingType.VIEW))) {
      for (int i = 0; i < 200; i++) {
        Elsewhere.run(() -> assertNotNull(attachment.open()));
      }
      assertTrue(place.reapedPorts() >= 100, place::dump);
    }
  }

  @Test
  void aReaderIsToldThatItsFeedIsClosedAndHoldsNothing() {
    try (var place = form.place(64, 4);
        var pool = place.pool()) {
      var feed = pool.broadcast("feed");
      var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
      try (var port = reader.open()) {
        try (var writer = feed.writer()) {
          for (int i = 0; i < 3; i++) {
            writer.acquire(1, TimeUnit.SECONDS);
            writer.publish();
          }
        }
        feed.close();
        assertNull(port.next(10, TimeUnit.MINUTES), "there is no frame to come");
        assertTrue(port.isEnded());
      }
      assertEquals(List.of(), pool.holders());
      reader.close();
    }
  }
}
