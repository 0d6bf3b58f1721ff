package io.entrepot.contract;

import static io.entrepot.contract.C9ZeroGarbageTest.ITERATIONS;
import static io.entrepot.contract.C9ZeroGarbageTest.assertSteadyStateIsFree;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C9: frames are written, read and dropped without allocation on either side. */
@InBothForms
class C9ReadersZeroGarbageTest {
  @Parameter Form form;

  @Test
  void publishAndNextAllocateNothing() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var one = place.reach(feed).join("one", Access.READ, Overflow.BLOCK);
        var two = place.reach(feed).join("two", Access.READ, Overflow.DROP_OLDEST);
        var onePort = one.open();
        var twoPort = two.open();
        var writer = feed.writer()) {
      assertSteadyStateIsFree(() -> {
        WritableView slot = writer.acquire(1, TimeUnit.SECONDS);
        slot.putLong(0, slot.getLong(0) + 1);
        writer.publish(7);
        View first = onePort.next(0, TimeUnit.SECONDS);
        View second = twoPort.next(0, TimeUnit.SECONDS);
        assertTrue(first.getLong(0) == second.getLong(0));
      });
      assertTrue(pool.statistics().publishes() >= ITERATIONS);
      assertEquals(0, two.dropped());
    }
  }

  @Test
  void droppingFramesAllocatesNothing() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("lagging", Access.READ, Overflow.DROP_OLDEST);
        var writer = feed.writer()) {
      assertSteadyStateIsFree(() -> {
        assertNotNull(writer.acquire(1, TimeUnit.SECONDS));
        writer.publish();
      });
      assertTrue(reader.dropped() >= ITERATIONS - 4);
    }
  }
}
