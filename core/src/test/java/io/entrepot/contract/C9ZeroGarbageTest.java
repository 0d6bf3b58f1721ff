package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Usage;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** C9: what is done again and again with flyweights allocates nothing. */
class C9ZeroGarbageTest {
  static final int ITERATIONS = 1_000_000;

  /**
   * Bursts are measured until one is free of garbage: compilers need an unknown time to warm up.
   */
  private static final int MOST_BURSTS = 40;

  static void assertSteadyStateIsFree(Runnable once) {
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
