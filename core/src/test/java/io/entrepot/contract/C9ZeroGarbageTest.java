package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Usage;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C9: what is done again and again with flyweights allocates nothing. */
class C9ZeroGarbageTest {
  private static final int ITERATIONS = 1_000_000;

  /**
   * Bursts are measured until one is free of garbage: compilers need an unknown time to warm up.
   */
  private static final int MOST_BURSTS = 40;

  private static void assertSteadyStateIsFree(Runnable once) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = -1;
    for (int burst = 0; burst < MOST_BURSTS && allocated != 0; burst++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < ITERATIONS; i++) {
        once.run();
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertEquals(0, allocated, "bytes in " + ITERATIONS + " rounds, after warming up");
  }

  @Test
  void allocationIsSeenByThisTest() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    byte[] garbage = new byte[1000];
    assertTrue(threads.getCurrentThreadAllocatedBytes() - before >= garbage.length);
  }

  @Test
  void acquireMapPutGetUnmapReleaseAllocatesNothing() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var port = pool.open("owner")) {
      assertSteadyStateIsFree(() -> {
        WritableView view = port.tryAcquire();
        view.putLong(0, view.getLong(0) + 1);
        port.release();
      });
      assertTrue(pool.statistics().acquires() >= ITERATIONS);
    }
  }

  @Test
  void publishAndNextAllocateNothing() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var one = feed.join("one", Access.READ, Overflow.BLOCK);
        var two = feed.join("two", Access.READ, Overflow.DROP_OLDEST);
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
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var feed = pool.broadcast("feed");
        var reader = feed.join("lagging", Access.READ, Overflow.DROP_OLDEST);
        var writer = feed.writer()) {
      assertSteadyStateIsFree(() -> {
        assertNotNull(writer.acquire(1, TimeUnit.SECONDS));
        writer.publish();
      });
      assertTrue(reader.dropped() >= ITERATIONS - 4);
    }
  }

  @Test
  void issueReserveAddSignalAllocateNothing() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var timeline = pool.sync().timeline("t");
        var buffer = pool.tryAcquire(64)) {
      var fences = buffer.reservation();
      assertSteadyStateIsFree(() -> {
        long point = timeline.issue();
        int slot = fences.reserve();
        fences.add(slot, timeline, point, Usage.READ);
        timeline.signal(point);
        assertTrue(fences.isSignaled(Usage.BOOKKEEP));
      });
    }
    assertNotNull(SyncDomain.create(1));
  }
}
