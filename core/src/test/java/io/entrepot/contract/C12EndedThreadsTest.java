package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C12: what a thread that ended had is taken back. */
class C12EndedThreadsTest {
  private static void abandon(Runnable work) {
    Elsewhere.run(work);
  }

  @Test
  void aReaderWhoseThreadEndedHoldsNothingUp() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
        var writer = feed.writer()) {
      abandon(() -> assertNotNull(reader.open()));
      int inVain = 0;
      for (int i = 0; i < 100; i++) {
        while (writer.acquire(20, TimeUnit.MILLISECONDS) == null) {
          inVain++;
        }
        writer.publish();
      }
      assertTrue(inVain <= 2, "it was held up once: " + inVain);
    }
  }

  @Test
  void theBuffersOfAThreadThatEndedComeBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 2)) {
      SharedBuffer other = pool.tryAcquire(64);
      abandon(() -> assertNotNull(pool.open("careless").tryAcquire()));
      assertNull(pool.tryAcquire(64));
      SharedBuffer reaped = pool.acquire(64, 100, TimeUnit.MILLISECONDS);
      assertNotNull(reaped, "taken back from the thread that ended");
      assertEquals(1, pool.statistics().reapedPorts());
      assertEquals(0, pool.statistics().openMappings());
      reaped.close();
      other.close();
    }
  }

  @Test
  void theMappingsOfAThreadThatEndedAreNoObstacleToClosing() {
    var pool = BufferPool.offHeap("pool", 64, 2);
    var attachment = pool.attach(Importers.of(MappingType.VIEW));
    SharedBuffer one = pool.tryAcquire(64);
    SharedBuffer two = pool.tryAcquire(64);
    abandon(() -> assertNotNull(attachment.open().map(one)));
    abandon(() -> assertNotNull(attachment.open().mapInPlace(two, 0, TimeUnit.SECONDS)));
    one.close();
    two.close();
    assertEquals(2, pool.statistics().openMappings());
    assertEquals(2, pool.holders().size());
    pool.close();
    assertEquals(2, pool.statistics().reapedPorts());
    assertEquals(0, pool.statistics().openMappings());
  }

  @Test
  void theFrameThatAThreadWasWritingInPlaceWhenItEndedIsShownToNobody() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var own = pool.attach(Importers.of(MappingType.VIEW));
        var reading = own.open()) {
      var attachment = pool.attach(Importers.of(MappingType.VIEW));
      SharedBuffer frame = pool.tryAcquire(64);
      assertTrue(writer.publish(frame.share(), null, 0, 1, TimeUnit.SECONDS));
      abandon(() -> attachment.open().mapInPlace(frame, 0, TimeUnit.SECONDS).putLong(0, 1));
      // It is waited for, then found to have ended.
      var refused =
          assertThrows(
              IllegalStateException.class, () -> reading.map(frame, 10, TimeUnit.MILLISECONDS));
      assertTrue(refused.getMessage().contains("half overwritten"), refused.getMessage());
      frame.close();
      assertEquals(1, pool.statistics().free(), pool::dump);
      attachment.close();
    }
  }

  @Test
  void aFeedWhoseWritersThreadEndedFailsAndTakesANewWriter() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      abandon(() -> {
        var writer = feed.writer();
        writer.acquire(1, TimeUnit.SECONDS).putLong(0, 1);
        writer.publish();
        writer.acquire(1, TimeUnit.SECONDS);
      });
      assertEquals(1, port.next(0, TimeUnit.SECONDS).getLong(0));
      port.unmap();
      try (var writer = feed.writer()) {
        WritableView view = writer.acquire(1, TimeUnit.SECONDS);
        assertNotNull(view);
        view.putLong(0, 2);
        writer.publish();
      }
      assertEquals(2, port.next(0, TimeUnit.SECONDS).getLong(0));
      port.unmap();
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aFeedWhoseWritersThreadEndedCanBeClosed() {
    try (var pool = BufferPool.offHeap("pool", 64, 2)) {
      var feed = pool.broadcast("feed");
      abandon(() -> assertNotNull(feed.writer().acquire(1, TimeUnit.SECONDS)));
      feed.close();
      pool.close(Duration.ofSeconds(10));
    }
  }
}
