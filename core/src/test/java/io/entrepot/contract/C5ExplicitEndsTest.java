package io.entrepot.contract;

import static io.entrepot.contract.ExplicitUses.SIZE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.CpuWindow;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** C5: the end of windows, leases and transfers, with a fence that goes on to protect. */
class C5ExplicitEndsTest {
  private BufferPool pool;
  private Timeline gpu;

  /** The only buffer of the pool. */
  private SharedBuffer buffer;

  @BeforeEach
  void open() {
    pool = BufferPool.offHeap("pool", SIZE, 1);
    gpu = pool.sync().timeline("gpu");
    buffer = pool.tryAcquire(SIZE);
  }

  @AfterEach
  void closeAll() {
    buffer.close();
    gpu.signal(gpu.next().point());
    pool.close();
  }

  private Attachment attach(MappingType type) {
    return pool.attach(Importers.of(type).allowingBounce());
  }

  private static Fence foreign() {
    return SyncDomain.create(1).timeline("elsewhere").next();
  }

  // ---------------------------------------------------------------- windows

  @Test
  void aWindowIsClosedWithItsFenceAddedFirst() {
    try (var attachment = attach(MappingType.CPU_WINDOW);
        var port = attachment.open()) {
      CpuWindow window = port.cpuWindow(buffer);
      Fence work = gpu.next();
      window.close(work);
      assertThrows(
          IllegalStateException.class, () -> window.segment().get(ValueLayout.JAVA_BYTE, 0));
      assertEquals("WRITE gpu:1", buffer.reservation().describe());
      String text =
          assertThrows(IllegalStateException.class, () -> window.close(gpu.next())).getMessage();
      assertTrue(text.contains("closed"), text);
      assertEquals("WRITE gpu:1", buffer.reservation().describe());
      window.close();
      assertNull(port.cpuWindow(buffer, 0, TimeUnit.SECONDS));
    }
  }

  @Test
  void theExporterIsToldOfAWindowsEndOnlyWhenItsFenceIsIn() {
    StrictExporter exporter = new StrictExporter(MappingType.CPU_WINDOW);
    var importer = Importers.of(MappingType.CPU_WINDOW).handlingConfidential();
    try (var strict = BufferPool.of(exporter, new SizeClass(SIZE, 1));
        var timeline = strict.sync().timeline("gpu");
        var attachment = strict.attach(importer);
        var port = attachment.open();
        var other = strict.tryAcquire(SIZE)) {
      exporter.told.clear();
      Fence own = timeline.next();
      assertNull(port.cpuWindow(other, own, 0, TimeUnit.SECONDS));
      assertEquals(List.of(), List.copyOf(exporter.told), "not asked");
      timeline.signal(own.point());
      CpuWindow window = port.cpuWindow(other, own, 0, TimeUnit.SECONDS);
      assertThrows(IllegalArgumentException.class, () -> window.close(foreign()));
      assertEquals(List.of("begin WRITE"), List.copyOf(exporter.told));
      Fence work = timeline.next();
      window.close(work);
      assertEquals(List.of("begin WRITE", "end WRITE"), List.copyOf(exporter.told));
      timeline.signal(work.point());
    }
  }

  @Test
  void aRefusedFenceLeavesTheWindowOpen() {
    try (var attachment = attach(MappingType.CPU_WINDOW);
        var port = attachment.open();
        var window = port.cpuWindow(buffer)) {
      assertThrows(IllegalArgumentException.class, () -> window.close(foreign()));
      assertThrows(NullPointerException.class, () -> window.close(null));
      assertThrows(WrongThreadException.class, () -> Elsewhere.run(() -> window.close(gpu.next())));
      window.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
      assertEquals("", buffer.reservation().describe());
      assertThrows(IllegalStateException.class, attachment::close, "it is in use");
    }
  }

  // ---------------------------------------------------------------- leases

  @Test
  void aLeaseIsClosedByTheLibrarysCallbackOnAnyThread() {
    try (var attachment = attach(MappingType.NATIVE_POINTER)) {
      NativeLease lease = attachment.lease(buffer);
      buffer.close();
      Fence work = gpu.next();
      Elsewhere.run(() -> lease.close(work));
      assertEquals(1, pool.statistics().leasesReturned());
      assertNull(pool.tryAcquire(SIZE));
      assertThrows(IllegalStateException.class, () -> lease.close(gpu.next()));
      lease.close();
      assertEquals(1, pool.statistics().leasesReturned());
      gpu.signal(work.point());
      buffer = pool.tryAcquire(SIZE);
      assertNotNull(buffer);
      assertThrows(IllegalStateException.class, () -> lease.close(gpu.next()));
      assertEquals("", buffer.reservation().describe(), "the next owner's buffer is not touched");
    }
  }

  @Test
  void aRefusedFenceLeavesTheLeaseOpen() {
    try (var attachment = attach(MappingType.NATIVE_POINTER);
        var lease = attachment.lease(buffer)) {
      Reservation fences = buffer.reservation();
      assertThrows(IllegalArgumentException.class, () -> lease.close(foreign()));
      assertThrows(NullPointerException.class, () -> lease.close(null));
      for (int i = 0; i < Reservation.CAPACITY; i++) {
        fences.reserve();
      }
      assertThrows(IllegalStateException.class, () -> lease.close(gpu.next()));
      for (int slot = 0; slot < Reservation.CAPACITY; slot++) {
        fences.cancel(slot);
      }
      assertEquals("", fences.describe());
      assertEquals(0, pool.statistics().leasesReturned());
      assertThrows(IllegalStateException.class, attachment::close, "it is in use");
      buffer.close();
      assertNull(pool.tryAcquire(SIZE));
    }
  }

  @Test
  void whatComesBackAfterARevocationStaysInQuarantineUntilItsFenceIsSignaled() {
    Attachment leasing = attach(MappingType.NATIVE_POINTER);
    Attachment windows = attach(MappingType.CPU_WINDOW);
    Port port = windows.open();
    NativeLease lease = leasing.lease(buffer);
    CpuWindow window = port.cpuWindow(buffer);
    buffer.close();
    assertEquals(1, pool.revoke(leasing, Duration.ZERO).quarantined().size());
    assertEquals(1, pool.revoke(windows, Duration.ZERO).quarantined().size());
    Fence decoded = gpu.next();
    Fence drawn = gpu.next();
    lease.close(decoded);
    window.close(drawn);
    assertTrue(pool.revoke(leasing, Duration.ZERO).isComplete());
    leasing.close();
    port.close();
    windows.close();
    gpu.signal(decoded.point());
    assertNull(pool.tryAcquire(SIZE));
    gpu.signal(drawn.point());
    buffer = pool.tryAcquire(SIZE);
    assertNotNull(buffer);
  }

  /** The fence of the one is in before the buffer is another's, or it is refused. */
  @Test
  void twoThreadsThatCloseALeaseProtectItsBufferOrAreTold() throws Exception {
    try (var attachment = attach(MappingType.NATIVE_POINTER)) {
      CyclicBarrier start = new CyclicBarrier(2);
      for (int i = 0; i < 500; i++) {
        NativeLease lease = attachment.lease(buffer);
        buffer.close();
        Fence work = gpu.next();
        var closing =
            Elsewhere.start(() -> {
              start.await();
              try {
                lease.close(work);
                return true;
              } catch (IllegalStateException closed) {
                return false;
              }
            });
        start.await();
        lease.close();
        SharedBuffer next = pool.tryAcquire(SIZE);
        boolean isProtected = closing.result();
        assertFalse(isProtected && next != null, "the fence came too late, and nobody said so");
        gpu.signal(work.point());
        buffer = next != null ? next : pool.tryAcquire(SIZE);
        assertNotNull(buffer);
        assertEquals("", buffer.reservation().describe());
      }
      assertEquals(500, pool.statistics().leasesReturned());
    }
  }

  // ---------------------------------------------------------------- transfers

  /** A channel that is not the JDK's and counts what it is asked for. */
  private static final class FailingChannel implements ReadableByteChannel {
    private int reads;

    @Override
    public int read(ByteBuffer target) throws IOException {
      reads++;
      throw new IOException("no paper");
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static long read(
      Port port, ReadableByteChannel from, SharedBuffer into, Fence after, Fence until)
      throws IOException {
    return port.readFrom(from, into, 0, SIZE, after, until, 0, TimeUnit.SECONDS);
  }

  @Test
  void aRefusedFenceMovesNoByte() throws IOException {
    FailingChannel channel = new FailingChannel();
    try (var attachment = attach(MappingType.CHANNEL_IO);
        var port = attachment.open()) {
      assertThrows(
          IllegalArgumentException.class,
          () -> read(port, channel, buffer, Fence.signaled(), foreign()));
      assertThrows(
          NullPointerException.class, () -> read(port, channel, buffer, Fence.signaled(), null));
      assertEquals(0, read(port, channel, buffer, gpu.next(), gpu.next()));
      assertEquals(0, channel.reads);
      assertEquals("", buffer.reservation().describe());
    }
  }

  @Test
  void aTransferThatFailsLeavesItsFence() {
    FailingChannel channel = new FailingChannel();
    try (var attachment = attach(MappingType.CHANNEL_IO);
        var port = attachment.open()) {
      Fence work = gpu.next();
      assertThrows(IOException.class, () -> read(port, channel, buffer, Fence.signaled(), work));
      assertEquals(1, channel.reads);
      assertEquals("WRITE gpu:1", buffer.reservation().describe());
    }
  }

  @Test
  void theFenceOfATransferIsThereWhileItBlocks() throws IOException {
    Pipe pipe = Pipe.open();
    try (var source = pipe.source();
        var sink = pipe.sink();
        var attachment = attach(MappingType.CHANNEL_IO)) {
      Fence work = gpu.next();
      var reading =
          Elsewhere.start(() -> {
            try (var port = attachment.open()) {
              return read(port, source, buffer, Fence.signaled(), work);
            }
          });
      Elsewhere.await("it reads", () -> pool.dump().contains("channel transfer"));
      Elsewhere.await("its fence is in", () -> !buffer.reservation().describe().isEmpty());
      assertFalse(reading.isDone());
      sink.write(ByteBuffer.allocate(8));
      assertEquals(8, reading.result());
      assertEquals("WRITE gpu:1", buffer.reservation().describe());
    }
  }
}
