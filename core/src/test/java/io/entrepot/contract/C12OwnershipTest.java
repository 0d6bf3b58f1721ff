package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.OutOfBudgetException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WrappingExporter;
import io.entrepot.sharing.WritableView;
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
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** C12: memory of others is given back once, and never under a holder; budgets are kept. */
class C12OwnershipTest {
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

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "what is left is read from /proc")
  void moreThanTheMachineHasLeftIsRefusedBeforeAPageIsTouched() {
    var exporter = ArenaExporter.named("e");
    long bytes = 1L << 45;
    for (var asking : List.of(exporter, exporter.withoutHugePages())) {
      String text =
          assertThrows(
                  OutOfBudgetException.class, () -> BufferPool.of(asking, new SizeClass(bytes, 1)))
              .getMessage();
      assertTrue(text.startsWith("memory 'e' needs " + bytes + " bytes, the "), text);
      assertTrue(text.contains(" left "), text);
      assertEquals(0, asking.usedBytes());
    }
  }
}
