package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WrappingExporter;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** C2: memory is as its exporter has promised it, and lanes that are out are said to be. */
class C2ExportersTest {
  private static final SizeClass ONE = new SizeClass(64, 1);

  private static Importer bounded(Need... needs) {
    return Importer.accepting("importer", Release.BOUNDED, needs);
  }

  private static String refusal(BufferPool pool, Importer importer) {
    return assertThrows(AttachRefusedException.class, () -> pool.attach(importer)).getMessage();
  }

  @Test
  void importersAreDetachedBeforeTheMemoryIsFreed() {
    StrictExporter exporter = new StrictExporter();
    try (var pool = BufferPool.of(exporter, ONE)) {
      Need view = Need.of(MappingType.VIEW, Access.READ);
      assertEquals(view, pool.attach(bounded(view).handlingConfidential()).granted());
    }
    assertEquals(
        List.of("match VIEW", "attach importer", "detach importer", "freed"),
        List.copyOf(exporter.told));
  }

  /** Its feed is closed while it is attached. */
  @Test
  void aReaderThatCannotJoinIsDetached() {
    List<String> detached = new ArrayList<>();
    AtomicReference<Broadcast> feed = new AtomicReference<>();
    Exporter closing =
        new HookedExporter(
            ArenaExporter.named("closing"),
            importer -> feed.get().close(),
            importer -> detached.add(importer.name()));
    try (var pool = BufferPool.of(closing, ONE)) {
      feed.set(pool.broadcast("feed"));
      assertThrows(
          IllegalStateException.class,
          () -> feed.get().join("reader", Access.READ, Overflow.DROP_OLDEST));
      assertEquals(List.of("reader"), detached);
      assertEquals(0, Feeds.attachments(pool, "'reader'"));
    }
  }

  @Test
  void aFeedIsClosedThoughItsExporterThrows() {
    Exporter throwing =
        new HookedExporter(
            ArenaExporter.named("throwing"),
            importer -> {},
            importer -> {
              throw new IllegalStateException("not detached: " + importer.name());
            });
    try (var pool = BufferPool.of(throwing, ONE)) {
      Broadcast feed = pool.broadcast("feed");
      FeedReader first = feed.join("first", Access.READ, Overflow.DROP_OLDEST);
      FeedReader second = feed.join("second", Access.READ, Overflow.DROP_OLDEST);
      assertEquals(
          "not detached: first",
          assertThrows(IllegalStateException.class, feed::close).getMessage());
      assertThrows(IllegalStateException.class, first::open);
      assertThrows(IllegalStateException.class, second::open);
      assertEquals(0, Feeds.attachments(pool, "'first'") + Feeds.attachments(pool, "'second'"));
      feed.close();
    }
  }

  @Test
  void aZeroingExportersBuffersComeBackZeroedThroughAnOwnersPortToo() {
    try (var pool =
            BufferPool.of(ArenaExporter.named("zero").zeroingOnReuse(), new SizeClass(64, 1));
        var port = pool.open("owner")) {
      for (int round = 0; round < 3; round++) {
        WritableView view = port.acquire(1, TimeUnit.SECONDS);
        assertEquals(0, view.getLong(56), "round " + round);
        view.fill(0, 64, (byte) 1);
        port.release();
      }
    }
  }

  @Test
  void aZeroingExportersBuffersComeBackZeroed() {
    try (var pool = BufferPool.of(new StrictExporter(), new SizeClass(100, 1))) {
      Importer importer = bounded(Need.of(MappingType.VIEW, Access.WRITE)).handlingConfidential();
      try (var attachment = pool.attach(importer);
          var port = attachment.open()) {
        for (int round = 0; round < 3; round++) {
          try (var buffer = pool.tryAcquire(100)) {
            try (WritableView view = port.mapForWriting(buffer)) {
              for (long at = 0; at < 100; at++) {
                assertEquals(0, view.getByte(at), "round " + round + " byte " + at);
              }
              view.fill(0, 100, (byte) 0x5A);
            }
          }
        }
      }
    }
  }

  @Test
  void aPortThatCannotBeOpenedLeavesNoAttachmentBehind() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed")) {
      Deque<PoolPort> ports = new ArrayDeque<>();
      IllegalStateException full = null;
      while (full == null) {
        try {
          ports.push(pool.open("port"));
        } catch (IllegalStateException e) {
          full = e;
        }
      }
      assertTrue(full.getMessage().contains("ports of pool 'pool' are in use"), full.getMessage());
      String before = pool.dump();
      assertThrows(IllegalStateException.class, () -> pool.open("one too many"));
      assertThrows(IllegalStateException.class, feed::writer);
      assertFalse(pool.dump().contains("one too many"), pool.dump());
      assertEquals(attachments(before), attachments(pool.dump()), pool::dump);
      ports.pop().close();
      feed.writer().close();
      ports.forEach(PoolPort::close);
    }
  }

  @Test
  void everyBufferHasTheAlignmentThatWasGranted() {
    for (long alignment : new long[] {64, 128, 4096, 1 << 16}) {
      for (long size : new long[] {1, 63, 64, 65, 4097}) {
        var exporter = ArenaExporter.named("aligned").withAlignment(alignment);
        try (var pool = BufferPool.of(exporter, new SizeClass(size, 3), new SizeClass(7, 2));
            var attachment =
                pool.attach(
                    bounded(new Need(MappingType.NATIVE_POINTER, Access.READ, alignment, true)))) {
          for (int i = 0; i < 5; i++) {
            try (var buffer = pool.tryAcquire(1);
                var lease = attachment.lease(buffer)) {
              assertEquals(0, lease.address() % alignment, alignment + " size " + size);
            }
          }
        }
      }
    }
  }

  @Test
  void wrappedMemoryPromisesNoMoreAlignmentThanItsBuffersHave() {
    try (Arena arena = Arena.ofShared();
        var pool =
            BufferPool.of(
                WrappingExporter.of("wrapped", arena.allocate(400, 4096), () -> {}),
                new SizeClass(100, 4))) {
      Importer fussy = bounded(new Need(MappingType.NATIVE_POINTER, Access.READ, 64, false));
      assertThrows(
          AttachRefusedException.class,
          () -> pool.attach(fussy),
          "the second buffer lies at offset 100");
      pool.attach(bounded(new Need(MappingType.NATIVE_POINTER, Access.READ, 4, false))).close();
    }
  }

  @Test
  void readOnlyMemoryIsOfferedForReading() {
    try (Arena arena = Arena.ofShared();
        var pool =
            BufferPool.of(
                WrappingExporter.of("rom", arena.allocate(64, 64).asReadOnly(), () -> {}), ONE)) {
      assertTrue(
          refusal(pool, Importer.viewing("importer", Access.WRITE))
              .contains("WRITE asked, READ offered"));
      try (var attachment = pool.attach(Importer.viewing("importer", Access.READ));
          var port = attachment.open();
          var buffer = pool.tryAcquire(64);
          View view = port.map(buffer)) {
        assertEquals(0, view.getLong(0));
      }
    }
  }

  private static long attachments(String dump) {
    return dump.lines().filter(line -> line.strip().startsWith("attachment")).count();
  }
}
