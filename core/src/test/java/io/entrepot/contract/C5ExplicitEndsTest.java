package io.entrepot.contract;

import static io.entrepot.contract.ExplicitUses.SIZE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.CpuWindow;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C5: the end of windows, leases and transfers, with a fence that goes on to protect. */
@InBothForms
class C5ExplicitEndsTest {
  @Parameter Form form;
  private Place place;
  private BufferPool pool;

  /** The importer's. */
  private Timeline gpu;

  /** The only buffer of the pool, as the importer has it; its exporter's reference is closed. */
  private SharedBuffer buffer;

  @BeforeEach
  void open() {
    place = form.place(SIZE, 1);
    pool = place.pool();
    gpu = place.sync().timeline("gpu");
    acquire();
  }

  private void acquire() {
    try (SharedBuffer owned = pool.tryAcquire(SIZE)) {
      assertNotNull(owned, pool::dump);
      buffer = place.reach(owned);
    }
  }

  @AfterEach
  void closeAll() {
    buffer.close();
    gpu.signal(gpu.next().point());
    place.close();
    pool.close();
  }

  private Attachment attach(MappingType type) {
    return place.attach(
        Importer.accepting("importer", Release.BOUNDED, Need.of(type, place.access()))
            .allowingBounce());
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
      assertEquals(place.access() + " gpu:1", buffer.reservation().describe());
      String text =
          assertThrows(IllegalStateException.class, () -> window.close(gpu.next())).getMessage();
      assertTrue(text.contains("closed"), text);
      assertEquals(place.access() + " gpu:1", buffer.reservation().describe());
      window.close();
      try (CpuWindow next = port.cpuWindow(buffer, 0, TimeUnit.SECONDS)) {
        assertEquals(place.access() == Access.READ, next != null);
      }
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
      assertEquals(0, window.segment().get(ValueLayout.JAVA_BYTE, 0));
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
      assertTrue(place.dump().contains("LEASES_RETURNED=1"), place::dump);
      assertNull(pool.tryAcquire(SIZE));
      assertThrows(IllegalStateException.class, () -> lease.close(gpu.next()));
      lease.close();
      assertTrue(place.dump().contains("LEASES_RETURNED=1"), place::dump);
      gpu.signal(work.point());
      acquire();
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
      assertFalse(place.dump().contains("LEASES_RETURNED"), place::dump);
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
    for (Attachment attachment : List.of(leasing, windows)) {
      Revocation revocation = place.revoke(attachment, Duration.ZERO);
      place.assumeAnswered(revocation);
      assertEquals(1, revocation.quarantined().size(), revocation::toString);
    }
    Fence decoded = gpu.next();
    Fence drawn = gpu.next();
    lease.close(decoded);
    window.close(drawn);
    if (form == Form.NEAR) {
      assertTrue(pool.revoke(leasing, Duration.ZERO).isComplete());
    }
    leasing.close();
    port.close();
    windows.close();
    gpu.signal(decoded.point());
    assertNull(pool.tryAcquire(SIZE));
    gpu.signal(drawn.point());
    acquire();
  }

  /** The fence of the one is in before the buffer is another's, or it is refused. */
  @Test
  void twoThreadsThatCloseALeaseProtectItsBufferOrAreTold() throws Exception {
    try (var attachment = attach(MappingType.NATIVE_POINTER)) {
      CyclicBarrier start = new CyclicBarrier(2);
      int rounds = form.times(500);
      for (int i = 0; i < rounds; i++) {
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
        if (next != null) {
          next.close();
        }
        acquire();
        assertEquals("", buffer.reservation().describe());
      }
      assertTrue(place.dump().contains("LEASES_RETURNED=" + rounds), place::dump);
    }
  }

  // ---------------------------------------------------------------- transfers

  /** A channel that is not the JDK's and counts what it is asked for. */
  private static final class FailingChannel implements WritableByteChannel {
    private int writes;

    @Override
    public int write(ByteBuffer source) throws IOException {
      writes++;
      throw new IOException("no paper");
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static long write(
      Port port, WritableByteChannel to, SharedBuffer from, Fence after, Fence until)
      throws IOException {
    return port.writeTo(to, from, 0, SIZE, after, until, 0, TimeUnit.SECONDS);
  }

  @Test
  void aRefusedFenceMovesNoByte() throws IOException {
    FailingChannel channel = new FailingChannel();
    try (var attachment = attach(MappingType.CHANNEL_IO);
        var port = attachment.open()) {
      assertThrows(
          IllegalArgumentException.class,
          () -> write(port, channel, buffer, Fence.signaled(), foreign()));
      assertThrows(
          NullPointerException.class, () -> write(port, channel, buffer, Fence.signaled(), null));
      assertEquals(0, write(port, channel, buffer, gpu.next(), gpu.next()));
      assertEquals(0, channel.writes);
      assertEquals("", buffer.reservation().describe());
    }
  }

  @Test
  void aTransferThatFailsLeavesItsFence() {
    FailingChannel channel = new FailingChannel();
    try (var attachment = attach(MappingType.CHANNEL_IO);
        var port = attachment.open()) {
      Fence work = gpu.next();
      assertThrows(IOException.class, () -> write(port, channel, buffer, Fence.signaled(), work));
      assertEquals(1, channel.writes);
      assertEquals("READ gpu:1", buffer.reservation().describe());
    }
  }

  /** Fills a pipe, so that the next write to it blocks; bytes that are in it. */
  private static long fill(Pipe.SinkChannel sink) throws IOException {
    sink.configureBlocking(false);
    long full = 0;
    for (int size = 1 << 16; size > 0; size /= 2) {
      int written;
      while ((written = sink.write(ByteBuffer.allocate(size))) > 0) {
        full += written;
      }
    }
    sink.configureBlocking(true);
    return full;
  }

  @Test
  void theFenceOfATransferIsThereWhileItBlocks() throws IOException {
    Pipe pipe = Pipe.open();
    try (var source = pipe.source();
        var sink = pipe.sink();
        var attachment = attach(MappingType.CHANNEL_IO)) {
      long full = fill(sink);
      Fence work = gpu.next();
      var writing =
          Elsewhere.start(() -> {
            try (var port = attachment.open()) {
              return write(port, sink, buffer, Fence.signaled(), work);
            }
          });
      Elsewhere.await("it writes", () -> place.dump().contains("channel transfer"));
      Elsewhere.await("its fence is in", () -> !buffer.reservation().describe().isEmpty());
      assertFalse(writing.isDone());
      ByteBuffer target = ByteBuffer.allocate(1 << 16);
      for (long read = 0; read < full; read += source.read(target.clear())) {
        Thread.onSpinWait();
      }
      assertEquals(SIZE, writing.result());
      assertEquals("READ gpu:1", buffer.reservation().describe());
    }
  }
}
