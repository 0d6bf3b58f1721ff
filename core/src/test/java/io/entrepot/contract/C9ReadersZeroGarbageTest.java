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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
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

  @Test
  void copiesToAndFromSegmentsAndSumsAllocateNothing() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open();
        var writer = feed.writer();
        var arena = Arena.ofConfined()) {
      MemorySegment onHeap = MemorySegment.ofArray(new long[8]);
      MemorySegment offHeap = arena.allocate(64);
      CRC32C sum = new CRC32C();
      assertSteadyStateIsFree(() -> {
        WritableView slot = writer.acquire(1, TimeUnit.SECONDS);
        slot.copyFrom(0, onHeap, 8, 32);
        slot.copyFrom(32, offHeap, 0, 32);
        int written = slot.crc32c(0, 64);
        writer.publish();
        View frame = port.next(0, TimeUnit.SECONDS);
        frame.copyTo(0, onHeap, 0, 64);
        frame.copyTo(32, offHeap, 0, 32);
        sum.reset();
        frame.crc32c(sum, 0, 64);
        assertTrue(frame.crc32c(0, 64) == written && (int) sum.getValue() == written);
      });
    }
  }

  @Test
  void abortingAllocatesNothing() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var writer = feed.writer()) {
      assertSteadyStateIsFree(() -> {
        assertNotNull(writer.acquire(1, TimeUnit.SECONDS));
        writer.abort();
      });
      assertEquals(0, pool.statistics().publishes());
      assertEquals(0, reader.dropped());
    }
  }
}
