package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** C7: what cannot be forced is named, and handed out to nobody until it comes back. */
@InBothForms
class C7QuarantineTest {
  @Parameter Form form;

  private static final Duration LONG = Duration.ofSeconds(30);

  /** Revokes while one buffer of two is in the midst of something that cannot be ended. */
  private static void assertOneInQuarantine(Place place, Attachment attachment, int buffer) {
    Quarantine.assertOneInQuarantine(place.pool(), place.exported(attachment), buffer);
  }

  @Test
  void aLongWriteToAPipeLeavesItsBufferInQuarantineAndEndsAtTheNextChunk() throws Exception {
    long size = 8L << 20;
    Pipe pipe = Pipe.open();
    try (var place = form.place(size, 2);
        var pool = place.pool();
        var sink = pipe.sink();
        var source = pipe.source()) {
      Attachment attachment = place.attach(Importers.reading(MappingType.CHANNEL_IO));
      SharedBuffer owned = pool.tryAcquire(64);
      SharedBuffer buffer = place.reach(owned);
      int index = buffer.index();
      var writing =
          Elsewhere.start(() -> {
            try (var port = attachment.open()) {
              return port.writeTo(sink, buffer, 0, size);
            }
          });
      Elsewhere.await("it writes", () -> Quarantine.isInTransfer(writing.thread()));
      buffer.close();
      owned.close();
      assertOneInQuarantine(place, attachment, index);
      long drained = drain(source, writing);
      assertTrue(drained < size, "it did not go on: " + drained);
      assertThrows(RevokedException.class, writing::result);
      Quarantine.assertComesBack(pool);
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
    try (var place = form.place(size, 2);
        var pool = place.pool()) {
      var opening = Elsewhere.start(() -> FileChannel.open(fifo, StandardOpenOption.READ));
      FileChannel file = FileChannel.open(fifo, StandardOpenOption.WRITE);
      try (var source = opening.result()) {
        Attachment attachment = place.attach(Importers.reading(MappingType.CHANNEL_IO));
        SharedBuffer owned = pool.tryAcquire(64);
        SharedBuffer buffer = place.reach(owned);
        int index = buffer.index();
        var writing =
            Elsewhere.start(() -> {
              try (var port = attachment.open()) {
                // Without a position: a pipe has none.
                return port.writeTo((java.nio.channels.WritableByteChannel) file, buffer, 0, size);
              }
            });
        Elsewhere.await("it writes", () -> Quarantine.isInTransfer(writing.thread()));
        buffer.close();
        owned.close();
        assertOneInQuarantine(place, attachment, index);
        var draining =
            Elsewhere.start(() -> {
              ByteBuffer target = ByteBuffer.allocateDirect(1 << 16);
              while (source.read(target.clear()) >= 0) {
                Thread.onSpinWait();
              }
              return null;
            });
        assertThrows(RevokedException.class, writing::result);
        Quarantine.assertComesBack(pool);
        attachment.close();
        file.close();
        draining.result();
      }
    }
  }

  @Test
  void aLeaseLeavesItsBufferInQuarantineUntilTheLibraryLetsGo() {
    try (var place = form.place(64, 2);
        var pool = place.pool()) {
      Attachment attachment = place.attach(Importer.leasing("codec", Access.READ));
      SharedBuffer owned = pool.tryAcquire(64);
      SharedBuffer buffer = place.reach(owned);
      NativeLease lease = attachment.lease(buffer);
      buffer.close();
      owned.close();
      assertOneInQuarantine(place, attachment, lease.bufferIndex());
      try (SharedBuffer mine = pool.tryAcquire(64);
          SharedBuffer other = place.reach(mine)) {
        assertThrows(RevokedException.class, () -> attachment.lease(other));
      }
      lease.close();
      Quarantine.assertComesBack(pool);
      attachment.close();
    }
  }

  @Test
  void aWindowLeavesItsBufferInQuarantineUntilItIsClosed() {
    try (var place = form.place(64, 2);
        var pool = place.pool()) {
      Attachment attachment = place.attach(Importers.reading(MappingType.CPU_WINDOW));
      Port port = attachment.open();
      SharedBuffer owned = pool.tryAcquire(64);
      SharedBuffer buffer = place.reach(owned);
      var window = port.cpuWindow(buffer);
      int index = buffer.index();
      buffer.close();
      owned.close();
      assertOneInQuarantine(place, attachment, index);
      window.close();
      Quarantine.assertComesBack(pool);
      port.close();
      attachment.close();
    }
  }

  @Test
  void aWindowThatIsClosedInTimeIsWaitedFor() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned)) {
      CountDownLatch told = new CountDownLatch(1);
      CountDownLatch open = new CountDownLatch(1);
      Attachment attachment =
          place.attach(
              Importers.reading(MappingType.CPU_WINDOW).onRevoke(timeLeft -> told.countDown()));
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
      Revocation revocation = place.revoke(attachment, LONG);
      assertEquals(64, holder.result());
      assertTrue(revocation.isComplete(), revocation::toString);
      assertEquals(0, pool.statistics().quarantined());
      attachment.close();
    }
  }

  /** Whether some thread waits below a revocation. */
  private static boolean someoneWaitsInRevoke() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> Elsewhere.isWaiting(entry.getKey(), entry.getValue()))
        .flatMap(entry -> java.util.Arrays.stream(entry.getValue()))
        .anyMatch(frame -> frame.getMethodName().equals("revoke"));
  }
}
