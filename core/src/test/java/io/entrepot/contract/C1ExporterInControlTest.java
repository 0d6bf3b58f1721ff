package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.CpuAccess;
import io.entrepot.sharing.CpuWindow;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Fence;
import io.entrepot.sync.SyncDomain;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C1: only exporter code touches raw memory; importers get what they negotiated. */
class C1ExporterInControlTest {
  private static Importer accepting(MappingType type, Access access) {
    return Importer.accepting("importer", Release.BOUNDED, Need.of(type, access));
  }

  // ---------------------------------------------------------------- no address gets out

  @Test
  void noMessageOfAViewForWritingTellsAnAddress() {
    List<MemorySegment> raw = new ArrayList<>();
    var exporter =
        new TappedExporter(ArenaExporter.named("tapped"), backing -> raw.addAll(backing.buffers()));
    try (var pool = BufferPool.of(exporter, new SizeClass(64, 1));
        var attachment = pool.attach(accepting(MappingType.VIEW, Access.WRITE));
        var port = attachment.open();
        var buffer = pool.tryAcquire(64)) {
      WritableView view = port.mapForWriting(buffer);
      long address = raw.getFirst().address();
      List<RuntimeException> thrown = new ArrayList<>();
      thrown.add(assertThrows(RuntimeException.class, () -> view.getAndAddInt(2, 1)));
      thrown.add(assertThrows(RuntimeException.class, () -> view.putLong(64, 1)));
      thrown.add(assertThrows(RuntimeException.class, () -> view.putLongVolatile(3, 1)));
      thrown.add(assertThrows(RuntimeException.class, () -> view.fill(0, 65, (byte) 0)));
      view.close();
      thrown.add(assertThrows(RuntimeException.class, () -> view.putLong(0, 1)));
      for (RuntimeException e : thrown) {
        for (Throwable at = e; at != null; at = at.getCause()) {
          String text = at + "";
          for (long offset = 0; offset < 64; offset++) {
            assertFalse(text.contains("" + (address + offset)), text);
            assertFalse(text.contains(Long.toHexString(address + offset)), text);
          }
        }
      }
      assertFalse(pool.dump().contains("" + address), pool.dump());
    }
  }

  // ---------------------------------------------------------------- windows

  @Test
  void cpuAccessIsToldBeforeAndAfterAttaching() {
    try (var pool = BufferPool.of(new StrictExporter(), new SizeClass(64, 1))) {
      Importer importer = accepting(MappingType.VIEW, Access.READ).handlingConfidential();
      CpuAccess before = pool.cpuAccess(importer);
      assertFalse(before.available());
      assertTrue(before.reason().contains("offers no CPU window"), before.reason());
      try (var attachment = pool.attach(importer)) {
        assertEquals(before, attachment.cpuAccess());
      }
    }
    try (var pool =
        BufferPool.of(
            new StrictExporter(MappingType.VIEW, MappingType.CPU_WINDOW), new SizeClass(64, 1))) {
      CpuAccess refused = pool.cpuAccess(accepting(MappingType.CPU_WINDOW, Access.READ));
      assertFalse(refused.available());
      assertTrue(refused.reason().contains("confidential"), refused.reason());
      Importer fit = accepting(MappingType.CPU_WINDOW, Access.READ).handlingConfidential();
      CpuAccess granted = pool.cpuAccess(fit);
      assertTrue(granted.available(), granted.reason());
      assertEquals("", granted.reason());
      assertTrue(granted.mustBracket());
      assertFalse(granted.coherent(), "the strict exporter wants its brackets");
      assertFalse(granted.revocation().isEmpty());
      assertEquals(List.of(), granted.openWindows());
      try (var attachment = pool.attach(fit);
          var port = attachment.open();
          var buffer = pool.tryAcquire(64);
          var window = port.cpuWindow(buffer)) {
        assertEquals(64, window.segment().byteSize());
        List<String> open = attachment.cpuAccess().openWindows();
        assertEquals(1, open.size(), () -> "" + open);
        assertTrue(open.getFirst().contains("'importer'"), open.getFirst());
      }
      assertEquals(List.of(), pool.cpuAccess(fit).openWindows());
    }
  }

  @Test
  void aWindowIsBracketedByTheExporterAndDeadAfterItsClose() {
    StrictExporter exporter = new StrictExporter(MappingType.CPU_WINDOW);
    try (var pool = BufferPool.of(exporter, new SizeClass(64, 1))) {
      Importer importer = accepting(MappingType.CPU_WINDOW, Access.WRITE).handlingConfidential();
      try (var attachment = pool.attach(importer);
          var port = attachment.open();
          var buffer = pool.tryAcquire(64)) {
        exporter.told.clear();
        CpuWindow window = port.cpuWindow(buffer);
        MemorySegment segment = window.segment();
        segment.set(ValueLayout.JAVA_INT, 0, 42);
        assertEquals(List.of("begin WRITE"), List.copyOf(exporter.told));
        assertThrows(
            WrongThreadException.class,
            () -> Elsewhere.call(() -> segment.get(ValueLayout.JAVA_INT, 0)));
        assertThrows(WrongThreadException.class, () -> Elsewhere.run(window::close));
        assertEquals(42, segment.get(ValueLayout.JAVA_INT, 0), "the window is still open");
        window.close();
        window.close();
        assertEquals(List.of("begin WRITE", "end WRITE"), List.copyOf(exporter.told));
        assertThrows(
            IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_INT, 0), "dead");
      }
      assertEquals(1, pool.statistics().windows());
    }
  }

  @Test
  void anExporterThatRefusesAWindowLeavesNothingBehind() {
    StrictExporter exporter = new StrictExporter(MappingType.CPU_WINDOW);
    try (var pool = BufferPool.of(exporter, new SizeClass(64, 1))) {
      Importer importer = accepting(MappingType.CPU_WINDOW, Access.WRITE).handlingConfidential();
      SharedBuffer buffer = pool.tryAcquire(64);
      try (var attachment = pool.attach(importer);
          var port = attachment.open()) {
        exporter.noWindow = new IllegalStateException("not now");
        assertThrows(IllegalStateException.class, () -> port.cpuWindow(buffer));
        assertEquals(0, pool.statistics().windows());
        assertEquals(List.of(), attachment.cpuAccess().openWindows());
        buffer.close();
        assertEquals(List.of(), pool.holders());
      }
    }
  }

  @Test
  void theExporterIsToldOfAWindowsEndOnlyWhenItsFenceIsIn() {
    StrictExporter exporter = new StrictExporter(MappingType.CPU_WINDOW);
    Importer importer = accepting(MappingType.CPU_WINDOW, Access.WRITE).handlingConfidential();
    try (var strict = BufferPool.of(exporter, new SizeClass(64, 1));
        var timeline = strict.sync().timeline("gpu");
        var attachment = strict.attach(importer);
        var port = attachment.open();
        var other = strict.tryAcquire(64)) {
      exporter.told.clear();
      Fence own = timeline.next();
      assertNull(port.cpuWindow(other, own, 0, TimeUnit.SECONDS));
      assertEquals(List.of(), List.copyOf(exporter.told), "not asked");
      timeline.signal(own.point());
      CpuWindow window = port.cpuWindow(other, own, 0, TimeUnit.SECONDS);
      assertThrows(
          IllegalArgumentException.class,
          () -> window.close(SyncDomain.create(1).timeline("elsewhere").next()));
      assertEquals(List.of("begin WRITE"), List.copyOf(exporter.told));
      Fence work = timeline.next();
      window.close(work);
      assertEquals(List.of("begin WRITE", "end WRITE"), List.copyOf(exporter.told));
      timeline.signal(work.point());
    }
  }

  // ---------------------------------------------------------------- channels

  /** A channel of somebody else, which keeps what it is given. */
  private static final class Keeping implements ReadableByteChannel {
    ByteBuffer kept;

    @Override
    public int read(ByteBuffer target) {
      kept = target;
      int length = target.remaining();
      while (target.hasRemaining()) {
        target.put((byte) 7);
      }
      return length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void aForeignSourceGetsNoMemoryAndACopyOnlyWhereItIsAllowedAndCounted() throws IOException {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      Keeping foreign = new Keeping();
      try (var attachment = pool.attach(accepting(MappingType.CHANNEL_IO, Access.WRITE));
          var port = attachment.open()) {
        IllegalStateException refused =
            assertThrows(IllegalStateException.class, () -> port.readFrom(foreign, buffer, 0, 64));
        assertTrue(refused.getMessage().contains("bounce"), refused.getMessage());
        assertEquals(0, pool.statistics().bounces());
      }
      try (var attachment =
              pool.attach(accepting(MappingType.CHANNEL_IO, Access.WRITE).allowingBounce());
          var port = attachment.open()) {
        assertEquals(40, port.readFrom(foreign, buffer, 8, 40));
        assertFalse(foreign.kept.isDirect(), "what it keeps is no pool memory");
        assertEquals(1, pool.statistics().bounces());
        assertEquals(40, pool.statistics().bouncedBytes());
      }
    }
  }

  @Test
  void bytesTravelBetweenBuffersAndFilesWithoutBounce(@TempDir Path folder) throws IOException {
    long size = (1 << 20) + 777;
    try (var pool = BufferPool.offHeap("pool", size, 2);
        var io = pool.attach(accepting(MappingType.CHANNEL_IO, Access.WRITE));
        var looking = pool.attach(accepting(MappingType.VIEW, Access.WRITE));
        var ioPort = io.open();
        var port = looking.open();
        var from = pool.tryAcquire(size);
        var to = pool.tryAcquire(size);
        var file =
            FileChannel.open(
                folder.resolve("f"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      try (WritableView view = port.mapForWriting(from)) {
        for (long at = 0; at + 8 <= size; at += 8) {
          view.putLong(at, at * 31);
        }
        view.putByte(size - 1, (byte) 99);
      }
      assertEquals(size, ioPort.writeTo(file, 5, from, 0, size));
      assertEquals(size + 5, file.size());
      assertEquals(size, ioPort.readFrom(file, 5, to, 0, size));
      assertEquals(-1, ioPort.readFrom(file, size + 5, to, 0, size), "end of the file");
      try (View sent = port.map(from);
          View got = port.map(to)) {
        assertEquals(-1, sent.mismatch(got));
      }
      assertEquals(0, pool.statistics().bounces());
      assertThrows(IndexOutOfBoundsException.class, () -> ioPort.readFrom(file, 0, to, 1, size));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> ioPort.readFrom(file, 0, to, Long.MAX_VALUE, Long.MAX_VALUE));
    }
  }
}
