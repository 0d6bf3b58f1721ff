package io.entrepot.contract;

import static io.entrepot.contract.Waits.assertInterruptEnds;
import static io.entrepot.contract.Waits.assertInterruptEndsWhileWaiting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Usage;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/**
 * C11: a reader waits as long as it says, and a frame that it waited for in vain is still there.
 */
@InBothForms
class C11ReadersWaitingTest {
  @Parameter Form form;

  @Test
  void waitingInVainForAFrameTakesNothing() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var writer = feed.writer()) {
      BooleanSupplier next =
          () -> {
            try (var port = reader.open()) {
              assertNull(port.next(0, TimeUnit.SECONDS));
              assertNull(port.next(1, TimeUnit.MILLISECONDS));
              assertNull(port.nextBuffer(-1, TimeUnit.MILLISECONDS));
              boolean got = port.next(10, TimeUnit.MINUTES) != null;
              assertFalse(port.isEnded());
              return got;
            }
          };
      assertInterruptEnds(next);
      assertInterruptEndsWhileWaiting(next);
      try (var port = reader.open()) {
        writer.acquire(1, TimeUnit.SECONDS);
        writer.publish();
        assertNotNull(port.next(0, TimeUnit.SECONDS));
        assertNull(port.next(1, TimeUnit.MILLISECONDS));
        assertEquals(0, port.sequence(), "still tells of the frame that was taken last");
        assertEquals(0, place.openMappings("reader"));
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aFrameThatAFenceHoldsBackIsWaitedForInTimeAndNotLost() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var timeline = pool.sync().timeline("gpu");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open();
        var writer = feed.writer()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      buffer.reservation().add(timeline.next(), Usage.WRITE);
      assertTrue(writer.publish(buffer, null, 5, 1, TimeUnit.SECONDS));
      var waiting =
          Elsewhere.start(() -> {
            try (var other = reader.open()) {
              return other.next(1, TimeUnit.MILLISECONDS);
            }
          });
      assertNull(waiting.result());
      assertNull(port.next(0, TimeUnit.SECONDS));
      assertNull(port.next(5, TimeUnit.MILLISECONDS));
      assertEquals(0, place.openMappings("reader"));
      timeline.signal(1);
    }
  }

  @Test
  void aFrameWaitedForInVainIsStillThere() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var timeline = pool.sync().timeline("gpu");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var writer = feed.writer()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      buffer.reservation().add(timeline.next(), Usage.WRITE);
      assertTrue(writer.publish(buffer, null, 5, 1, TimeUnit.SECONDS));
      var reading =
          Elsewhere.start(() -> {
            try (var port = reader.open()) {
              assertNull(port.next(0, TimeUnit.SECONDS));
              assertNull(port.next(2, TimeUnit.MILLISECONDS));
              timeline.signal(1);
              assertNotNull(port.next(0, TimeUnit.SECONDS));
              return port.timestamp();
            }
          });
      assertEquals(5, reading.result());
      assertEquals(0, reader.dropped());
    }
  }

  @Test
  void aFrameIsLeasedWhenItsFencesAreSignaledAndNotLostBefore() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var timeline = pool.sync().timeline("gpu");
        var reader =
            place
                .reach(feed)
                .join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 2, Division.EACH);
        var writer = feed.writer();
        var port = reader.open()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      buffer.reservation().add(timeline.next(), Usage.WRITE);
      buffer.reservation().add(timeline.next(), Usage.READ);
      assertTrue(writer.publish(buffer, null, 5, 1, TimeUnit.SECONDS));
      assertNull(port.nextLease(0, TimeUnit.SECONDS));
      assertNull(port.nextLease(2, TimeUnit.MILLISECONDS));
      Thread.currentThread().interrupt();
      assertNull(port.nextLease(10, TimeUnit.MINUTES));
      assertTrue(Thread.interrupted());
      assertEquals(1, reader.unread());
      assertEquals(0, pool.statistics().leases());
      timeline.signal(1);
      port.nextLease(0, TimeUnit.SECONDS).close();
      assertEquals(5, port.timestamp());
      timeline.signal(2);
      assertEquals(List.of(), pool.holders());
    }
  }
}
