package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C7: what cannot be forced is named, and handed out to nobody until it comes back. */
class C7QuarantineTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  /** Revokes while one buffer of two is in the midst of something that cannot be ended. */
  private static void assertOneInQuarantine(BufferPool pool, Attachment attachment, int buffer) {
    long startNs = System.nanoTime();
    Revocation revocation = pool.revoke(attachment, Duration.ofMillis(50));
    assertTrue(
        System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(20), "it ended, blocked or not");
    assertFalse(revocation.isComplete());
    assertEquals(1, revocation.quarantined().size(), revocation::toString);
    assertTrue(
        revocation.quarantined().getFirst().contains("buffer " + buffer), revocation::toString);
    assertEquals(1, pool.statistics().quarantined());
    SharedBuffer free = pool.tryAcquire(64);
    assertNotNull(free, "other buffers are not concerned");
    assertNull(pool.tryAcquire(64), "the one in quarantine is handed out to nobody");
    assertFalse(free.index() == buffer);
    free.close();
  }

  private static void assertComesBack(BufferPool pool) {
    SharedBuffer one = pool.acquire(64, 30, TimeUnit.SECONDS);
    SharedBuffer two = pool.acquire(64, 30, TimeUnit.SECONDS);
    assertNotNull(one);
    assertNotNull(two, "the quarantined buffer came back");
    one.close();
    two.close();
  }

  @Test
  void aBlockingSocketReadLeavesItsBufferInQuarantine() throws Exception {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (var client = SocketChannel.open(server.getLocalAddress());
          var accepted = server.accept()) {
        Attachment attachment = pool.attach(Importers.of(MappingType.CHANNEL_IO));
        SharedBuffer buffer = pool.tryAcquire(64);
        int index = buffer.index();
        var reading =
            Elsewhere.start(() -> {
              try (var port = attachment.open()) {
                return port.readFrom(accepted, buffer, 0, 64);
              }
            });
        Elsewhere.await("it reads", () -> pool.dump().contains("channel transfer"));
        buffer.close();
        assertOneInQuarantine(pool, attachment, index);
        assertFalse(reading.isDone());
        client.write(ByteBuffer.allocate(8));
        assertEquals(8, reading.result(), "what was read was read");
        assertComesBack(pool);
        attachment.close();
      }
    }
  }

  @Test
  void aLongWriteToAPipeLeavesItsBufferInQuarantineAndEndsAtTheNextChunk() throws Exception {
    long size = 8L << 20;
    Pipe pipe = Pipe.open();
    try (var pool = BufferPool.offHeap("pool", size, 2);
        var sink = pipe.sink();
        var source = pipe.source()) {
      Attachment attachment = pool.attach(Importers.of(MappingType.CHANNEL_IO));
      SharedBuffer buffer = pool.tryAcquire(64);
      int index = buffer.index();
      var writing =
          Elsewhere.start(() -> {
            try (var port = attachment.open()) {
              return port.writeTo(sink, buffer, 0, size);
            }
          });
      Elsewhere.await("it writes", () -> pool.dump().contains("channel transfer"));
      buffer.close();
      assertOneInQuarantine(pool, attachment, index);
      long drained = drain(source, writing);
      assertTrue(drained < size, "it did not go on: " + drained);
      assertThrows(RevokedException.class, writing::result);
      assertComesBack(pool);
      attachment.close();
    }
  }

  /** Reads until the writing thread is done and nothing is left. */
  private static long drain(Pipe.SourceChannel source, Elsewhere<?> writing) throws Exception {
    source.configureBlocking(false);
    ByteBuffer target = ByteBuffer.allocateDirect(1 << 16);
    long drained = 0;
    while (true) {
      boolean done = writing.isDone();
      int read = source.read(target.clear());
      drained += read;
      if (done && read == 0) {
        return drained;
      }
    }
  }

  @Test
  void aFileWriteThatBlocksLeavesItsBufferInQuarantine(@TempDir Path folder) throws Exception {
    Path fifo = folder.resolve("fifo");
    try {
      assumeTrue(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0);
    } catch (java.io.IOException noSuchTool) {
      assumeTrue(false, "named pipes are not to be had here: " + noSuchTool.getMessage());
    }
    long size = 4L << 20;
    try (var pool = BufferPool.offHeap("pool", size, 2)) {
      var opening = Elsewhere.start(() -> FileChannel.open(fifo, StandardOpenOption.READ));
      FileChannel file = FileChannel.open(fifo, StandardOpenOption.WRITE);
      try (var source = opening.result()) {
        Attachment attachment = pool.attach(Importers.of(MappingType.CHANNEL_IO));
        SharedBuffer buffer = pool.tryAcquire(64);
        int index = buffer.index();
        var writing =
            Elsewhere.start(() -> {
              try (var port = attachment.open()) {
                // Without a position: a pipe has none.
                return port.writeTo((java.nio.channels.WritableByteChannel) file, buffer, 0, size);
              }
            });
        Elsewhere.await("it writes", () -> pool.dump().contains("channel transfer"));
        buffer.close();
        assertOneInQuarantine(pool, attachment, index);
        var draining =
            Elsewhere.start(() -> {
              ByteBuffer target = ByteBuffer.allocateDirect(1 << 16);
              while (source.read(target.clear()) >= 0) {
                Thread.onSpinWait();
              }
              return null;
            });
        assertThrows(RevokedException.class, writing::result);
        assertComesBack(pool);
        attachment.close();
        file.close();
        draining.result();
      }
    }
  }

  @Test
  void aLeaseLeavesItsBufferInQuarantineUntilTheLibraryLetsGo() {
    try (var pool = BufferPool.offHeap("pool", 64, 2)) {
      Attachment attachment = pool.attach(Importer.leasing("codec", Access.WRITE));
      SharedBuffer buffer = pool.tryAcquire(64);
      NativeLease lease = attachment.lease(buffer);
      buffer.close();
      assertOneInQuarantine(pool, attachment, lease.bufferIndex());
      try (SharedBuffer other = pool.tryAcquire(64)) {
        assertThrows(RevokedException.class, () -> attachment.lease(other));
      }
      lease.close();
      assertComesBack(pool);
      attachment.close();
    }
  }

  @Test
  void aWindowLeavesItsBufferInQuarantineUntilItIsClosed() {
    try (var pool = BufferPool.offHeap("pool", 64, 2)) {
      Attachment attachment = pool.attach(Importers.of(MappingType.CPU_WINDOW));
      Port port = attachment.open();
      SharedBuffer buffer = pool.tryAcquire(64);
      var window = port.cpuWindow(buffer);
      int index = buffer.index();
      buffer.close();
      assertOneInQuarantine(pool, attachment, index);
      window.close();
      assertComesBack(pool);
      port.close();
      attachment.close();
    }
  }

  @Test
  void aWindowThatIsClosedInTimeIsWaitedFor() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var buffer = pool.tryAcquire(64)) {
      CountDownLatch told = new CountDownLatch(1);
      CountDownLatch open = new CountDownLatch(1);
      Attachment attachment =
          pool.attach(Importers.of(MappingType.CPU_WINDOW).onRevoke(timeLeft -> told.countDown()));
      var holder =
          Elsewhere.start(() -> {
            try (var port = attachment.open();
                var window = port.cpuWindow(buffer)) {
              open.countDown();
              told.await();
              // The revocation is past its notices when it waits: only then do we let go.
              Elsewhere.await("it waits", C7QuarantineTest::someoneWaitsInRevoke);
              return window.segment().byteSize();
            }
          });
      Elsewhere.await("the window is open", () -> open.getCount() == 0);
      Revocation revocation = pool.revoke(attachment, LONG);
      assertEquals(64, holder.result());
      assertTrue(revocation.isComplete(), revocation::toString);
      assertEquals(0, pool.statistics().quarantined());
      attachment.close();
    }
  }

  /** Whether some thread is parked below a revocation. */
  private static boolean someoneWaitsInRevoke() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> entry.getKey().getState() == Thread.State.TIMED_WAITING)
        .flatMap(entry -> java.util.Arrays.stream(entry.getValue()))
        .anyMatch(frame -> frame.getMethodName().equals("revoke"));
  }

  @Test
  void anOwnersBufferIsInQuarantineUntilItsPortIsClosed() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed")) {
      FeedWriter writer = feed.writer();
      WritableView view = writer.acquire(1, TimeUnit.SECONDS);
      int index = pool.holders().getFirst().contains("buffer 0") ? 0 : 1;
      assertOneInQuarantine(pool, writer.attachment(), index);
      assertThrows(RevokedException.class, () -> view.getByte(0));
      writer.close();
      assertComesBack(pool);
    }
  }
}
