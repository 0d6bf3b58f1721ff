package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.flow.PoolStatistics;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.OutOfBudgetException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WrappingExporter;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Usage;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * C12: closing twice is harmless, closing in use refuses and names who, nothing is freed under a
 * holder.
 */
class C12ClosingAndOwnershipTest {
  private static Importer of(MappingType type) {
    return Importer.accepting("importer", Release.BOUNDED, Need.of(type, Access.WRITE));
  }

  private static String refusal(BufferPool pool) {
    return assertThrows(PoolInUseException.class, pool::close).getMessage();
  }

  // ---------------------------------------------------------------- twice

  @Test
  void closingAnythingTwiceIsHarmless() {
    var pool = BufferPool.offHeap("pool", 64, 4);
    var feed = pool.broadcast("feed");
    var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
    var framePort = reader.open();
    var writer = feed.writer();
    var attachment = pool.attach(of(MappingType.VIEW));
    var leasing = pool.attach(of(MappingType.NATIVE_POINTER));
    var windows = pool.attach(of(MappingType.CPU_WINDOW));
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
    var attachment = pool.attach(of(MappingType.VIEW));
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
            () -> pool.attach(of(MappingType.VIEW)),
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

  // ---------------------------------------------------------------- in use

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

    var attachment = pool.attach(of(MappingType.NATIVE_POINTER));
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
  void anAttachmentInUseRefusesToCloseAndNamesTheUse() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      var viewing = pool.attach(of(MappingType.VIEW));
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

      var leasing = pool.attach(of(MappingType.NATIVE_POINTER));
      var lease = leasing.lease(buffer);
      text = assertThrows(IllegalStateException.class, leasing::close).getMessage();
      assertTrue(text.contains("native lease of buffer 0"), text);
      lease.close();
      leasing.close();
      assertThrows(IllegalStateException.class, () -> leasing.lease(buffer));
    }
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

  private static void closeIt(AutoCloseable what) throws Exception {
    what.close();
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

  // ---------------------------------------------------------------- threads that end

  private static void abandon(Runnable work) {
    Elsewhere.run(work);
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
    var attachment = pool.attach(of(MappingType.VIEW));
    SharedBuffer one = pool.tryAcquire(64);
    SharedBuffer two = pool.tryAcquire(64);
    abandon(() -> assertNotNull(attachment.open().map(one)));
    abandon(() -> assertNotNull(attachment.open().mapInPlace(two, 0)));
    one.close();
    two.close();
    assertEquals(2, pool.statistics().openMappings());
    assertEquals(2, pool.holders().size());
    pool.close();
    assertEquals(2, pool.statistics().reapedPorts());
    assertEquals(0, pool.statistics().openMappings());
  }

  @Test
  void theLanesOfThreadsThatEndedAreUsedAgain() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var attachment = pool.attach(of(MappingType.VIEW))) {
      for (int i = 0; i < 200; i++) {
        abandon(() -> assertNotNull(attachment.open()));
      }
      assertTrue(pool.statistics().reapedPorts() >= 100);
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

  // ---------------------------------------------------------------- memory of others

  @Test
  void wrappedMemoryIsReleasedOnceWhenItsPoolIsClosed(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("mapped");
    Files.write(path, new byte[256]);
    AtomicInteger released = new AtomicInteger();
    try (Arena arena = Arena.ofShared();
        FileChannel file =
            FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, 256, arena);
      var exporter = WrappingExporter.of("file", mapped, released::incrementAndGet);
      assertThrows(
          OutOfBudgetException.class, () -> BufferPool.of(exporter, new SizeClass(257, 1)));
      assertThrows(OutOfBudgetException.class, () -> BufferPool.of(exporter, new SizeClass(64, 5)));
      var pool = BufferPool.of(exporter, new SizeClass(64, 4));
      assertThrows(
          OutOfBudgetException.class,
          () -> BufferPool.of(exporter, new SizeClass(64, 1)),
          "one pool at a time");
      SharedBuffer buffer = pool.tryAcquire(64);
      try (var attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
          var port = attachment.open();
          WritableView view = port.mapForWriting(buffer)) {
        view.putLong(8, 0x1234);
      }
      assertThrows(PoolInUseException.class, pool::close);
      assertEquals(0, released.get(), "not under a holder");
      long at = buffer.index() * 64L + 8;
      buffer.close();
      pool.close();
      pool.close();
      assertEquals(1, released.get());
      mapped.force();
      assertEquals(0x1234, mapped.get(ValueLayout.JAVA_LONG, at));
    }
    assertEquals(1, released.get());
  }

  @Test
  @SuppressWarnings("restricted")
  void mallocedMemoryIsFreedOnceByTheLibrarysOwnCall() throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle malloc =
        linker.downcallHandle(
            linker.defaultLookup().find("malloc").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    MethodHandle free =
        linker.downcallHandle(
            linker.defaultLookup().find("free").orElseThrow(),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    MemorySegment given = ((MemorySegment) malloc.invokeExact(1000L)).reinterpret(1000);
    AtomicInteger freed = new AtomicInteger();
    var pool =
        BufferPool.of(
            WrappingExporter.of(
                "malloc",
                given,
                () -> {
                  freed.incrementAndGet();
                  try {
                    free.invokeExact(given);
                  } catch (Throwable e) {
                    throw new AssertionError(e);
                  }
                }),
            new SizeClass(500, 2));
    try (var port = pool.open("importer")) {
      WritableView view = port.tryAcquire();
      view.fill(0, 500, (byte) 3);
      assertEquals(3, view.getByte(499));
      port.release();
    }
    assertEquals(0, freed.get());
    pool.close();
    pool.close();
    assertEquals(1, freed.get());
  }

  @Test
  void memoryThatCannotBeSharedIsNotWrapped() {
    assertThrows(
        IllegalArgumentException.class,
        () -> WrappingExporter.of("heap", MemorySegment.ofArray(new byte[8]), () -> {}));
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment segment = confined.allocate(8);
      assertThrows(
          IllegalArgumentException.class, () -> WrappingExporter.of("confined", segment, () -> {}));
    }
  }

  @Test
  void anExporterThatGivesTooFewOrTooSmallBuffersMakesNoPoolAndGetsThemBack() {
    try (Arena arena = Arena.ofShared()) {
      for (List<MemorySegment> given :
          List.of(List.<MemorySegment>of(), List.of(arena.allocate(63)))) {
        AtomicInteger released = new AtomicInteger();
        Exporter broken =
            new Exporter() {
              @Override
              public String name() {
                return "broken";
              }

              @Override
              public List<Offer> offers() {
                return List.of(Offer.of(MappingType.VIEW, Access.WRITE, 1));
              }

              @Override
              public Backing allocate(List<SizeClass> classes) {
                return new Backing() {
                  @Override
                  public List<MemorySegment> buffers() {
                    return given;
                  }

                  @Override
                  public void close() {
                    released.incrementAndGet();
                  }
                };
              }
            };
        String text =
            assertThrows(
                    IllegalStateException.class, () -> BufferPool.of(broken, new SizeClass(64, 1)))
                .getMessage();
        assertTrue(text.contains("exporter 'broken' gave"), text);
        assertEquals(1, released.get());
      }
    }
  }

  // ---------------------------------------------------------------- budgets

  @Test
  void sizesThatMakeNoBufferAreRefused() {
    for (long size : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> new SizeClass(size, 1));
      assertThrows(IllegalArgumentException.class, () -> BufferPool.offHeap("p", size, 1));
    }
    for (int count : new int[] {0, -1, Integer.MIN_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> new SizeClass(1, count));
    }
    assertThrows(IllegalArgumentException.class, () -> BufferPool.of(ArenaExporter.named("none")));
    assertThrows(
        IllegalArgumentException.class,
        () -> BufferPool.offHeap("many", 1, Integer.MAX_VALUE),
        "more buffers than a pool can name");
  }

  @Test
  void aBudgetIsKeptAndItsMessageSaysTheNumbers() {
    var exporter = ArenaExporter.named("e").withBudget(1024);
    try (var pool = BufferPool.of(exporter, new SizeClass(64, 10))) {
      assertEquals(640, exporter.usedBytes());
      for (SizeClass tooMuch :
          List.of(
              new SizeClass(64, 7),
              new SizeClass(1L << 31, 1),
              new SizeClass(1L << 32, 1),
              new SizeClass(1L << 32, 1 << 20),
              new SizeClass(Long.MAX_VALUE / 2, 1),
              new SizeClass(Long.MAX_VALUE - 100, 1),
              new SizeClass(Long.MAX_VALUE, 1),
              new SizeClass(Long.MAX_VALUE, 1 << 20))) {
        String text =
            assertThrows(OutOfBudgetException.class, () -> BufferPool.of(exporter, tooMuch))
                .getMessage();
        assertTrue(text.contains("exporter 'e' cannot allocate"), text);
        assertEquals(640, exporter.usedBytes(), tooMuch::toString);
      }
      String text =
          assertThrows(
                  OutOfBudgetException.class, () -> BufferPool.of(exporter, new SizeClass(64, 7)))
              .getMessage();
      assertTrue(text.contains("448 bytes: 640 of its budget of 1024"), text);
      BufferPool.of(exporter, new SizeClass(64, 6)).close();
      assertNotNull(pool.name());
    }
    assertEquals(0, exporter.usedBytes());
    assertThrows(IllegalArgumentException.class, () -> exporter.withBudget(0));
    for (long alignment : new long[] {0, 1, 32, 96, -64, 1L << 22, 1L << 31, Long.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> exporter.withAlignment(alignment));
    }
  }

  @Test
  void sizesThatNoMachineHasAreOutOfBudgetToo() {
    for (var exporter :
        List.of(ArenaExporter.named("huge"), ArenaExporter.named("small").withoutHugePages())) {
      for (SizeClass tooMuch :
          List.of(
              new SizeClass(1L << 62, 1),
              new SizeClass(Long.MAX_VALUE - 63, 1),
              new SizeClass(Long.MAX_VALUE - 64, 1),
              new SizeClass(Long.MAX_VALUE - 200, 1),
              new SizeClass(Long.MAX_VALUE, 1),
              new SizeClass(Long.MAX_VALUE / 2, 3))) {
        assertThrows(
            OutOfBudgetException.class,
            () -> BufferPool.of(exporter, tooMuch),
            () -> exporter.name() + " " + tooMuch);
        assertEquals(0, exporter.usedBytes());
      }
    }
    try (Arena arena = Arena.ofShared()) {
      var wrapped = WrappingExporter.of("wrapped", arena.allocate(64), () -> {});
      assertThrows(
          OutOfBudgetException.class,
          () -> BufferPool.of(wrapped, new SizeClass(Long.MAX_VALUE, 1 << 20)));
      BufferPool.of(wrapped, new SizeClass(64, 1)).close();
    }
  }
}
