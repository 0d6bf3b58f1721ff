package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C7: the exporter takes memory back, in order, in time, and says what it could not end. */
class C7RevocationTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);

  private static Importer viewing() {
    return Importer.viewing("importer", Access.WRITE);
  }

  private static Importer of(MappingType type) {
    return Importer.accepting("importer", Release.BOUNDED, Need.of(type, Access.WRITE));
  }

  // ---------------------------------------------------------------- the order

  @Test
  void nothingOpenNothingForced() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      Attachment attachment = pool.attach(viewing());
      Revocation revocation = pool.revoke(attachment, LONG);
      assertTrue(revocation.cooperative());
      assertTrue(revocation.isComplete());
      assertEquals("importer", revocation.importer());
      assertTrue(attachment.isRevoked());
      assertEquals(1, pool.statistics().revocations());
      assertEquals(0, pool.statistics().forcedCloses());
      assertEquals(0, pool.statistics().quarantined());
      attachment.close();
    }
  }

  @Test
  void newMapsFailWhenTheImporterIsTold() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var buffer = pool.tryAcquire(64)) {
      AtomicReference<Attachment> attached = new AtomicReference<>();
      CountDownLatch open = new CountDownLatch(1);
      CountDownLatch told = new CountDownLatch(1);
      CountDownLatch tried = new CountDownLatch(1);
      List<Duration> timesLeft = new ArrayList<>();
      attached.set(
          pool.attach(
              viewing()
                  .onRevoke(timeLeft -> {
                    timesLeft.add(timeLeft);
                    assertThrows(RevokedException.class, () -> attached.get().open());
                    told.countDown();
                    Elsewhere.await("it tried", () -> tried.getCount() == 0);
                  })));
      var mapping =
          Elsewhere.start(() -> {
            try (var port = attached.get().open()) {
              open.countDown();
              told.await();
              return assertThrows(RevokedException.class, () -> port.map(buffer));
            } finally {
              tried.countDown();
            }
          });
      Elsewhere.await("the port is open", () -> open.getCount() == 0);
      assertTrue(pool.revoke(attached.get(), LONG).cooperative());
      String text = mapping.result().getMessage();
      assertTrue(text.contains("'importer'") && text.contains("attach again"), text);
      assertEquals(1, timesLeft.size());
      assertTrue(timesLeft.getFirst().compareTo(LONG) <= 0);
      attached.get().close();
    }
  }

  @Test
  void anImporterThatLetsGoInTimeIsNotForced() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      CountDownLatch told = new CountDownLatch(1);
      CountDownLatch mapped = new CountDownLatch(1);
      Attachment attachment = pool.attach(viewing().onRevoke(timeLeft -> told.countDown()));
      var holder =
          Elsewhere.start(() -> {
            try (var port = attachment.open();
                View view = port.map(buffer)) {
              mapped.countDown();
              told.await();
              return view.getByte(0);
            }
          });
      Elsewhere.await("it is mapped", () -> mapped.getCount() == 0);
      Revocation revocation = pool.revoke(attachment, LONG);
      assertTrue(revocation.cooperative());
      assertTrue(revocation.isComplete(), revocation::toString);
      assertEquals(0, (byte) holder.result());
      assertEquals(0, pool.statistics().openMappings());
      attachment.close();
    }
  }

  @Test
  void fencesOfTheImporterAreWaitedFor() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      AtomicReference<Runnable> signal = new AtomicReference<>();
      Attachment attachment = pool.attach(viewing().onRevoke(timeLeft -> signal.get().run()));
      var timeline = attachment.timeline("gpu");
      timeline.issue();
      signal.set(() -> Elsewhere.start(() -> timeline.signal(1)));
      Revocation revocation = pool.revoke(attachment, LONG);
      assertEquals(List.of(), revocation.pendingFences());
      assertEquals(1, timeline.signaled());
      attachment.close();
    }
  }

  @Test
  void fencesThatStayPendingAreNamedAndKeepTheirBuffer() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      Attachment attachment = pool.attach(viewing());
      var timeline = attachment.timeline("gpu");
      SharedBuffer buffer = pool.tryAcquire(64);
      buffer.reservation().add(timeline.next(), io.entrepot.sync.Usage.WRITE);
      buffer.close();
      Revocation revocation = pool.revoke(attachment, SHORT);
      assertFalse(revocation.isComplete());
      assertEquals(1, revocation.pendingFences().size());
      assertTrue(revocation.pendingFences().getFirst().contains("'gpu'"));
      assertNull(pool.tryAcquire(64), "the memory may still be written");
      timeline.signal(1);
      SharedBuffer again = pool.tryAcquire(64);
      assertNotNull(again);
      again.close();
      attachment.close();
    }
  }

  // ---------------------------------------------------------------- by force

  @Test
  void noReadInATightLoopSeesAByteWrittenAfterTheRevocation() {
    for (int round = 0; round < 40; round++) {
      readersSeeNothingWrittenLater(4096, 4, view -> view.getByte(0) | view.getByte(4095));
    }
  }

  @Test
  void noBulkOperationSeesAByteWrittenAfterTheRevocation() {
    int size = 3 << 20;
    byte[] copy = new byte[size];
    List<ToIntFunction<View>> bulk =
        List.of(
            view -> {
              view.copyTo(0, copy, 0, size);
              return copy[0] | copy[size - 1];
            },
            view -> view.crc32c(0, size) == view.crc32c(size / 2, 0) ? 0 : 0,
            view -> (int) Math.max(0, view.mismatch(view) + 1),
            view -> {
              ((WritableView) view).copyTo(0, (WritableView) view, size / 2, size / 2);
              return view.getByte(size - 1);
            });
    for (ToIntFunction<View> operation : bulk) {
      for (int round = 0; round < 3; round++) {
        readersSeeNothingWrittenLater(size, 1, operation);
      }
    }
  }

  /** Readers spin over zeros until they are revoked; ones that are written then are never seen. */
  private static void readersSeeNothingWrittenLater(
      int size, int readers, ToIntFunction<View> read) {
    try (var pool = BufferPool.offHeap("pool", size, 1);
        var exporting = pool.attach(Importer.viewing("exporter's own", Access.WRITE));
        var port = exporting.open();
        var buffer = pool.tryAcquire(size);
        var mine = port.mapForWriting(buffer)) {
      mine.fill(0, size, (byte) 0);
      Attachment attachment = pool.attach(viewing());
      CountDownLatch reading = new CountDownLatch(readers);
      List<Elsewhere<Integer>> spinning = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        spinning.add(
            Elsewhere.start(() -> {
              int seen = 0;
              try (var theirs = attachment.open();
                  View view = theirs.mapForWriting(buffer)) {
                reading.countDown();
                while (true) {
                  seen |= read.applyAsInt(view);
                }
              } catch (RevokedException ended) {
                return seen;
              }
            }));
      }
      Elsewhere.await("all read", () -> reading.getCount() == 0);
      Revocation revocation = pool.revoke(attachment, Duration.ZERO);
      mine.fill(0, size, (byte) 1);
      assertFalse(revocation.cooperative());
      assertTrue(revocation.isComplete(), revocation::toString);
      for (Elsewhere<Integer> reader : spinning) {
        assertEquals(0, reader.result());
      }
      assertEquals(1, mine.getByte(0));
      assertEquals(1, pool.statistics().forcedCloses());
      attachment.close();
    }
  }

  @Test
  void aForcedViewThrowsRevokedAndItsBufferComesBack() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      Attachment attachment = pool.attach(viewing());
      Port port = attachment.open();
      SharedBuffer buffer = pool.tryAcquire(64);
      WritableView view = port.mapForWriting(buffer);
      View slice = view.slice(0, 8);
      buffer.close();
      assertNull(pool.tryAcquire(64));
      assertFalse(pool.revoke(attachment, SHORT).cooperative());
      assertThrows(RevokedException.class, () -> view.getByte(0));
      assertThrows(RevokedException.class, () -> view.putByte(0, (byte) 1));
      assertThrows(RevokedException.class, () -> slice.getByte(0));
      SharedBuffer again = pool.tryAcquire(64);
      assertNotNull(again, "nobody can touch it any more");
      view.close();
      assertThrows(ViewClosedException.class, () -> view.getByte(0));
      port.close();
      attachment.close();
      again.close();
      assertEquals(0, pool.statistics().openMappings());
    }
  }

  @Test
  void revokingOneImporterLeavesOthersAlone() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var other = pool.attach(Importer.viewing("other", Access.WRITE));
        var otherPort = other.open();
        var buffer = pool.tryAcquire(64);
        var otherView = otherPort.mapForWriting(buffer)) {
      Attachment attachment = pool.attach(viewing());
      Port port = attachment.open();
      View view = port.map(buffer);
      pool.revoke(attachment, Duration.ZERO);
      assertThrows(RevokedException.class, () -> view.getByte(0));
      otherView.putLong(0, 42);
      try (View more = otherPort.map(buffer)) {
        assertEquals(42, more.getLong(0));
      }
      assertFalse(other.isRevoked());
      assertEquals(1, pool.statistics().openMappings());
      port.close();
      attachment.close();
    }
  }

  @Test
  void revokingTwiceIsHarmlessAndCountedOnce() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      AtomicInteger told = new AtomicInteger();
      Attachment attachment =
          pool.attach(of(MappingType.NATIVE_POINTER).onRevoke(timeLeft -> told.incrementAndGet()));
      SharedBuffer buffer = pool.tryAcquire(64);
      NativeLease lease = attachment.lease(buffer);
      buffer.close();
      Revocation first = pool.revoke(attachment, SHORT);
      Revocation second = pool.revoke(attachment, SHORT);
      assertEquals(first.quarantined(), second.quarantined());
      Elsewhere.await("it is told", () -> told.get() > 0);
      assertEquals(1, told.get());
      assertEquals(1, pool.statistics().revocations());
      assertEquals(1, pool.statistics().quarantined(), "one buffer is in quarantine");
      lease.close();
      assertTrue(pool.revoke(attachment, SHORT).isComplete());
      attachment.close();
      pool.revoke(attachment, SHORT);
    }
  }

  @Test
  void twoThreadsMayRevokeAtOnce() {
    for (int round = 0; round < 20; round++) {
      try (var pool = BufferPool.offHeap("pool", 64, 1);
          var buffer = pool.tryAcquire(64)) {
        Attachment attachment = pool.attach(viewing());
        Port port = attachment.open();
        View view = port.map(buffer);
        var one = Elsewhere.start(() -> pool.revoke(attachment, Duration.ZERO));
        var two = Elsewhere.start(() -> pool.revoke(attachment, Duration.ZERO));
        assertTrue(one.result().isComplete());
        assertTrue(two.result().isComplete());
        assertThrows(RevokedException.class, () -> view.getByte(0));
        port.close();
        attachment.close();
      }
    }
  }

  @Test
  void attachingAgainIsReadmission() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      Attachment revoked = pool.attach(viewing());
      Port oldPort = revoked.open();
      View oldView = oldPort.map(buffer);
      pool.revoke(revoked, Duration.ZERO);
      Attachment readmitted = pool.attach(viewing());
      Port newPort = readmitted.open();
      WritableView newView = newPort.mapForWriting(buffer);
      newView.putLong(0, 7);
      assertThrows(RevokedException.class, () -> oldView.getLong(0));
      assertThrows(RevokedException.class, () -> oldPort.map(buffer));
      oldView.close();
      oldPort.close();
      revoked.close();
      assertEquals(7, newView.getLong(0), "what was taken back does not end what was given");
      assertEquals(1, pool.statistics().openMappings());
      newPort.close();
      readmitted.close();
    }
  }

  @Test
  void aListenerThatThrowsKeepsNothing() {
    var before = Thread.getDefaultUncaughtExceptionHandler();
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.set(thrown));
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      RuntimeException fault = new IllegalStateException("the importer's own fault");
      Attachment attachment =
          pool.attach(
              viewing()
                  .onRevoke(timeLeft -> {
                    throw fault;
                  }));
      Port port = attachment.open();
      View view = port.map(buffer);
      assertTrue(pool.revoke(attachment, SHORT).isComplete());
      assertThrows(RevokedException.class, () -> view.getByte(0));
      Elsewhere.await("it is told to whoever asked", () -> uncaught.get() == fault);
      port.close();
      attachment.close();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void aListenerThatDoesNotReturnKeepsNothing() {
    CountDownLatch never = new CountDownLatch(1);
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      Attachment attachment =
          pool.attach(
              viewing()
                  .onRevoke(timeLeft ->
                      Elsewhere.await("the test is over", () -> never.getCount() == 0)));
      Port port = attachment.open();
      View view = port.map(buffer);
      assertTrue(pool.revoke(attachment, SHORT).isComplete());
      assertThrows(RevokedException.class, () -> view.getByte(0));
      port.close();
      attachment.close();
    } finally {
      never.countDown();
    }
  }

  @Test
  void anAttachmentOfAnotherPoolIsRefused() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var other = BufferPool.offHeap("other", 64, 1);
        var attachment = other.attach(viewing())) {
      assertThrows(IllegalArgumentException.class, () -> pool.revoke(attachment, SHORT));
      assertFalse(attachment.isRevoked());
    }
  }

  // ---------------------------------------------------------------- quarantine

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
        Attachment attachment = pool.attach(of(MappingType.CHANNEL_IO));
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
      Attachment attachment = pool.attach(of(MappingType.CHANNEL_IO));
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
        Attachment attachment = pool.attach(of(MappingType.CHANNEL_IO));
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
      Attachment attachment = pool.attach(of(MappingType.CPU_WINDOW));
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
          pool.attach(of(MappingType.CPU_WINDOW).onRevoke(timeLeft -> told.countDown()));
      var holder =
          Elsewhere.start(() -> {
            try (var port = attachment.open();
                var window = port.cpuWindow(buffer)) {
              open.countDown();
              told.await();
              // The revocation is past its notices when it waits: only then do we let go.
              Elsewhere.await("it waits", C7RevocationTest::someoneWaitsInRevoke);
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

  // ---------------------------------------------------------------- queues

  @Test
  void aRevokedWriterGetsNothingAndPublishesNothing() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      FeedWriter writer = feed.writer();
      writer.acquire(1, TimeUnit.SECONDS).putLong(0, 1);
      writer.publish();
      pool.revoke(writer.attachment(), Duration.ZERO);
      assertThrows(RevokedException.class, () -> writer.acquire(1, TimeUnit.SECONDS));
      assertThrows(RevokedException.class, () -> writer.acquire(1, TimeUnit.SECONDS));
      assertThrows(IllegalStateException.class, writer::publish, "it has nothing to publish");
      assertEquals(1, port.next(1, TimeUnit.SECONDS).getLong(0));
      assertNull(port.next(0, TimeUnit.SECONDS));
      port.unmap();
      assertEquals(List.of(), pool.holders(), "a failed acquire leaves no buffer behind");
      writer.close();
    }
  }

  @Test
  void aRevokedOwnersPortKeepsThrowingRevoked() {
    try (var pool = BufferPool.offHeap("pool", 64, 2)) {
      AtomicReference<Attachment> attached = new AtomicReference<>();
      var port = pool.open("owner");
      attached.set(((io.entrepot.internal.sharing.LanePort) port.port()).attachment());
      pool.revoke(attached.get(), Duration.ZERO);
      for (int i = 0; i < 3; i++) {
        assertThrows(RevokedException.class, port::tryAcquire);
        assertThrows(RevokedException.class, () -> port.acquire(1, TimeUnit.MILLISECONDS));
      }
      assertEquals(List.of(), pool.holders(), "a failed acquire leaves no buffer behind");
      port.close();
    }
  }

  @Test
  void aRevokedReaderHoldsNobodyUp() {
    for (Overflow overflow : Overflow.values()) {
      try (var pool = BufferPool.offHeap("pool", 64, 2);
          var feed = pool.broadcast("feed")) {
        var reader = feed.join(Importer.viewing("reader", Access.READ), overflow, 1, Division.EACH);
        var port = reader.open();
        try (FeedWriter writer = feed.writer()) {
          assertNotNull(writer.acquire(1, TimeUnit.SECONDS));
          writer.publish();
          pool.revoke(reader.attachment(), Duration.ZERO);
          for (int i = 0; i < 5; i++) {
            assertNotNull(writer.acquire(30, TimeUnit.SECONDS), overflow + " after its revocation");
            writer.publish();
          }
        }
        assertEquals(List.of(), pool.holders(), overflow::toString);
        assertThrows(RevokedException.class, () -> port.next(1, TimeUnit.SECONDS));
        port.close();
        reader.close();
      }
    }
  }

  @Test
  void aReaderThatWaitsIsToldAtOnce() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed")) {
      var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
      var waiting =
          Elsewhere.start(() -> {
            try (var port = reader.open()) {
              return port.next(10, TimeUnit.MINUTES);
            }
          });
      waiting.awaitWaiting();
      pool.revoke(reader.attachment(), LONG);
      assertThrows(RevokedException.class, waiting::result);
      reader.close();
    }
  }
}
