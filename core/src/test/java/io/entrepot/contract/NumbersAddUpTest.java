package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.flow.PoolStatistics;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a pool says about itself is true: numbers add up, the dump names whatever is held. */
class NumbersAddUpTest {
  @Test
  void everyEventIsCountedOnce() {
    try (var pool = BufferPool.offHeap("pool", 64, 4)) {
      try (var owner = pool.open("owner")) {
        for (int i = 0; i < 10; i++) {
          owner.tryAcquire();
          owner.release();
        }
      }
      PoolStatistics now = pool.statistics();
      assertEquals(List.of(10L, 10L, 10L, 0L), counts(now));
      try (var feed = pool.broadcast("feed");
          var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
          var port = reader.open();
          var writer = feed.writer()) {
        for (int i = 0; i < 5; i++) {
          writer.acquire(1, TimeUnit.SECONDS);
          writer.publish();
          port.next(1, TimeUnit.SECONDS);
        }
        writer.acquire(1, TimeUnit.SECONDS);
        assertEquals(2, pool.statistics().openMappings());
      }
      now = pool.statistics();
      assertEquals(List.of(16L, 11L, 21L, 5L), counts(now), "given up without publishing: 11");
      assertEquals(now.acquires(), now.releases() + now.publishes());
      assertEquals(0, now.openMappings());
      assertEquals(3, now.attaches());
      assertEquals(List.of(), pool.holders());
      assertEquals(4, pool.statistics().free());
      assertEquals(4, now.buffers());
      assertTrue(now.reclaimed() <= now.publishes());
      assertTrue(now.reclaims() <= now.reclaimed());
    }
  }

  private static List<Long> counts(PoolStatistics now) {
    return List.of(now.acquires(), now.releases(), now.maps(), now.publishes());
  }

  @Test
  void whatAThreadThatEndedHadIsCountedAsReleased() {
    try (var pool = BufferPool.offHeap("pool", 64, 2)) {
      Elsewhere.run(() -> pool.open("careless").tryAcquire());
      assertEquals(List.of(1L, 0L, 1L, 0L), counts(pool.statistics()));
      pool.close(Duration.ofSeconds(30));
      assertEquals(1, pool.statistics().reapedPorts());
      PoolStatistics now = pool.statistics();
      assertEquals(now.acquires(), now.releases() + now.publishes(), now::toString);
    }
  }

  @Test
  void countsNeverStepBackWhilePortsComeAndGo() {
    int rounds = 400;
    AtomicInteger left = new AtomicInteger(2 * rounds);
    try (var pool = BufferPool.offHeap("pool", 64, 8)) {
      Runnable coming =
          () -> {
            for (int i = 0; i < rounds; i++) {
              try (var owner = pool.open("owner")) {
                for (int j = 0; j < 5; j++) {
                  owner.tryAcquire();
                  owner.release();
                }
                owner.tryAcquire();
              }
              left.getAndDecrement();
            }
          };
      var one = Elsewhere.start(() -> runs(coming));
      var another = Elsewhere.start(() -> runs(coming));
      long acquires = 0;
      long releases = 0;
      while (left.get() > 0) {
        PoolStatistics now = pool.statistics();
        assertTrue(now.acquires() >= acquires, () -> "acquires step back: " + now);
        assertTrue(now.releases() >= releases, () -> "releases step back: " + now);
        acquires = now.acquires();
        releases = now.releases();
      }
      assertTrue(one.result() && another.result());
      long all = 2L * rounds * 6;
      assertEquals(List.of(all, all, all, 0L), counts(pool.statistics()), "and none is lost");
    }
  }

  private static boolean runs(Runnable action) {
    action.run();
    return true;
  }

  @Test
  void theMostBuffersInUseStayKnown() {
    var pool = BufferPool.offHeap("pool", 64, 4);
    try (pool;
        var timeline = pool.sync().timeline("gpu")) {
      assertEquals(0, pool.statistics().maxInUse());
      try (var owner = pool.open("owner")) {
        owner.tryAcquire();
        assertEquals(1, pool.statistics().maxInUse());
        owner.release();
        var one = pool.tryAcquire(64);
        assertEquals(1, pool.statistics().maxInUse(), "what a port keeps is free");
        var two = pool.tryAcquire(64);
        assertEquals(2, pool.statistics().maxInUse());
        one.reservation().add(timeline.next(), Usage.BOOKKEEP);
        one.close();
        two.close();
        var three = pool.tryAcquire(64);
        var four = pool.tryAcquire(64);
        assertEquals(3, pool.statistics().maxInUse(), "what has a fence pending is in use");
        timeline.signal(1);
        three.close();
        four.close();
        PoolStatistics now = pool.statistics();
        assertEquals(4, now.free());
        assertEquals(3, now.maxInUse());
      }
    }
    assertEquals(3, pool.statistics().maxInUse(), "nobody uses what is closed");
  }

  @Test
  void aPoolThatWasEmptyHadAllBuffersInUse() {
    try (var pool = BufferPool.offHeap("pool", 64, 3)) {
      var buffers = Stream.generate(() -> pool.tryAcquire(64)).limit(3).toList();
      assertNull(pool.tryAcquire(64));
      buffers.forEach(SharedBuffer::close);
      assertEquals(3, pool.statistics().maxInUse());
    }
  }

  @Test
  void aCloseThatIsRefusedUsesNoBuffer() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var last = pool.tryAcquire(64)) {
      assertThrows(PoolInUseException.class, pool::close);
      assertEquals(3, pool.statistics().free());
      assertEquals(1, last.generation());
      assertEquals(1, pool.statistics().maxInUse());
    }
  }

  @Test
  void leasesWindowsWaitsAndRefusalsAreCounted() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      var attachment =
          pool.attach(
              Importer.accepting(
                  "codec", Release.UNBOUNDED, Need.of(MappingType.NATIVE_POINTER, Access.WRITE)));
      try (var buffer = pool.tryAcquire(64)) {
        var lease = attachment.lease(buffer);
        assertEquals(1, pool.statistics().leases());
        assertEquals(0, pool.statistics().leasesReturned());
        lease.close();
        assertEquals(1, pool.statistics().leasesReturned());
        assertFalse(pool.acquire(64, 1, TimeUnit.MILLISECONDS) != null);
        assertEquals(1, pool.statistics().waits());
        assertEquals(1, pool.statistics().timeouts());
      }
      attachment.close();
      assertEquals(0, pool.statistics().refusals());
      assertEquals(0, pool.statistics().bounces());
    }
  }

  @Test
  void theDumpNamesBuffersHoldersMappingsAndFences() {
    try (var pool = BufferPool.offHeap("frames", 64, 4);
        var attachment = pool.attach(Importer.viewing("analyser", Access.WRITE));
        var port = attachment.open();
        var timeline = attachment.timeline("gpu");
        var buffer = pool.tryAcquire(64);
        var view = port.map(buffer)) {
      assertEquals(0, view.getByte(0));
      buffer.reservation().add(timeline.next(), Usage.READ);
      String dump = pool.dump();
      for (String part :
          List.of(
              "pool 'frames' of exporter 'frames': 4 buffers, 3 free",
              "buffer " + buffer.index() + " OWNED holds=1 generation=1",
              "acquired by reference",
              "mapped for READ by port",
              "importer 'analyser' (thread '" + Thread.currentThread().getName() + "')",
              "fences: READ gpu:1",
              "attachment 'analyser' VIEW/WRITE ATTACHED",
              "1 mappings by port")) {
        assertTrue(dump.contains(part), () -> "'" + part + "' is not in " + dump);
      }
      assertEquals(1, pool.holders().size());
      timeline.signal(1);
      assertFalse(pool.dump().contains("fences:"), pool.dump());
      assertEquals("pool 'frames' with 3 of 4 buffers free", pool.toString());
    }
  }
}
