package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.flow.PoolStatistics;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WrappingExporter;
import io.entrepot.sync.Usage;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** C12: closing twice is harmless, closing in use refuses and names who. */
class C12ClosingTest {
  private static String refusal(BufferPool pool) {
    return assertThrows(PoolInUseException.class, pool::close).getMessage();
  }

  @Test
  void aThreadThatWaitsForAFrameOfAPoolThatClosesIsTold() {
    try (Arena arena = Arena.ofShared()) {
      AtomicInteger released = new AtomicInteger();
      var pool =
          BufferPool.of(
              WrappingExporter.of("w", arena.allocate(64), released::incrementAndGet),
              new SizeClass(64, 1));
      var reader = pool.broadcast("feed").join("reader", Access.READ, Overflow.BLOCK);
      var waiting =
          Elsewhere.start(() -> {
            try (var port = reader.open()) {
              return port.next(10, TimeUnit.MINUTES) == null && port.isEnded();
            }
          });
      waiting.awaitWaiting();
      pool.close();
      assertEquals(1, released.get());
      assertTrue(waiting.result(), "there is no frame to come");
    }
  }

  @Test
  void closingAFeedGivesEverythingBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 4)) {
      var feed = pool.broadcast("feed");
      var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
      try (var writer = feed.writer()) {
        for (int i = 0; i < 3; i++) {
          writer.acquire(1, TimeUnit.SECONDS);
          writer.publish();
        }
      }
      feed.close();
      assertThrows(IllegalStateException.class, reader::open);
      assertThrows(IllegalStateException.class, feed::writer);
      assertThrows(IllegalStateException.class, () -> feed.join("x", Access.READ, Overflow.BLOCK));
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void closingAnythingTwiceIsHarmless() {
    var pool = BufferPool.offHeap("pool", 64, 4);
    var feed = pool.broadcast("feed");
    var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
    var framePort = reader.open();
    var writer = feed.writer();
    var attachment = pool.attach(Importers.of(MappingType.VIEW));
    var leasing = pool.attach(Importers.of(MappingType.NATIVE_POINTER));
    var windows = pool.attach(Importers.of(MappingType.CPU_WINDOW));
    var windowPort = windows.open();
    var port = attachment.open();
    var owner = pool.open("owner");
    var timeline = attachment.timeline("t");
    var buffer = pool.tryAcquire(64);
    var lease = leasing.lease(buffer);
    var window = windowPort.cpuWindow(buffer);
    var view = port.map(buffer);
    var slice = view.slice(0, 8);
    for (AutoCloseable closing :
        List.of(
            slice,
            view,
            window,
            lease,
            buffer,
            timeline,
            owner,
            port,
            windowPort,
            windows,
            leasing,
            attachment,
            writer,
            framePort,
            reader,
            feed,
            pool)) {
      for (int i = 0; i < 3; i++) {
        try {
          closing.close();
        } catch (Exception e) {
          throw new AssertionError(closing + ", time " + i, e);
        }
      }
    }
    PoolStatistics statistics = pool.statistics();
    assertEquals(0, statistics.openMappings());
    assertEquals(statistics.leases(), statistics.leasesReturned());
    assertEquals(1, statistics.windows());
  }

  @Test
  void aBufferClosedByTwoThreadsAtOnceIsGivenBackOnce() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      for (int round = 0; round < 300; round++) {
        SharedBuffer buffer = pool.tryAcquire(64);
        SharedBuffer guard = buffer.share();
        var one = Elsewhere.start(() -> closed(buffer));
        assertTrue(closed(buffer));
        assertTrue(one.result());
        assertNull(pool.tryAcquire(64), "the guard's hold was not dropped for it");
        guard.close();
      }
    }
  }

  private static boolean closed(SharedBuffer buffer) {
    buffer.close();
    return true;
  }

  @Test
  void everyCallOnAClosedPoolSaysSo() {
    var pool = BufferPool.offHeap("gone", 64, 1);
    var attachment = pool.attach(Importers.of(MappingType.VIEW));
    var feed = pool.broadcast("feed");
    SharedBuffer stale = pool.tryAcquire(64);
    stale.close();
    var port = attachment.open();
    pool.close();
    for (var call :
        List.<org.junit.jupiter.api.function.Executable>of(
            () -> pool.tryAcquire(64),
            () -> pool.acquire(64, 1, TimeUnit.SECONDS),
            () -> pool.open("x"),
            () -> pool.attach(Importers.of(MappingType.VIEW)),
            () -> pool.broadcast("x"),
            () -> feed.join("x", Access.READ, Overflow.BLOCK),
            feed::writer,
            attachment::open,
            stale::share,
            () -> port.map(stale))) {
      assertThrows(IllegalStateException.class, call);
    }
    assertEquals(1, pool.statistics().acquires(), "numbers stay readable");
    assertTrue(pool.dump().contains("gone"));
    assertTrue(pool.toString().contains("gone"));
    port.close();
    attachment.close();
    feed.close();
  }

  @Test
  void closingInUseNamesEachHolderAndSinceWhen() {
    var pool = BufferPool.offHeap("pool", 64, 8);
    List<Runnable> ends = new ArrayList<>();

    SharedBuffer reference = pool.tryAcquire(64);
    String text = refusal(pool);
    assertTrue(text.contains("pool 'pool' is in use"), text);
    assertTrue(text.matches("(?s).*acquired by reference \\d+ ms ago.*"), text);
    ends.add(reference::close);

    var owner = pool.open("owner");
    assertNotNull(owner.tryAcquire());
    text = refusal(pool);
    assertTrue(text.contains("acquired by port"), text);
    assertTrue(text.contains("importer 'owner' (thread '"), text);
    ends.add(owner::close);

    var attachment = pool.attach(Importers.of(MappingType.NATIVE_POINTER));
    var lease = attachment.lease(reference);
    text = refusal(pool);
    assertTrue(text.contains("native lease of buffer " + reference.index()), text);
    ends.add(lease::close);

    var timeline = pool.sync().timeline("gpu");
    reference.reservation().add(timeline.next(), Usage.READ);
    text = refusal(pool);
    assertTrue(text.contains("fences: READ gpu:1"), text);
    ends.add(() -> timeline.signal(1));

    var feed = pool.broadcast("feed");
    var reader = feed.join("slow reader", Access.READ, Overflow.BLOCK);
    try (var writer = feed.writer()) {
      writer.acquire(1, TimeUnit.SECONDS);
      writer.publish();
    }
    text = refusal(pool);
    assertTrue(text.contains("PUBLISHED"), text);
    assertTrue(pool.dump().contains("1 unread by 'slow reader'"), pool.dump());
    ends.add(reader::close);

    for (Runnable end : ends) {
      refusal(pool);
      end.run();
    }
    pool.close();
    pool.close();
  }

  @Test
  void aFeedWithAnOpenWriterRefusesToClose() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed")) {
      try (var writer = feed.writer()) {
        assertThrows(IllegalStateException.class, () -> closeIt(feed));
        assertNotNull(writer.acquire(0, TimeUnit.SECONDS), "it stays as it was");
      }
    }
  }

  @Test
  void aClosedPoolNamesNobodyWhoHoldsAnything() {
    var pool = BufferPool.offHeap("pool", 64, 2);
    pool.tryAcquire(64).close();
    pool.close();
    assertEquals(List.of(), pool.holders());
    String dump = pool.dump();
    assertTrue(dump.startsWith("pool 'pool' of exporter 'pool': 2 buffers, closed\n"), dump);
    assertFalse(dump.contains("buffer 0"), dump);
  }

  private static void closeIt(AutoCloseable what) throws Exception {
    what.close();
  }
}
