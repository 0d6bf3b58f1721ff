package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** C13: two processes share a pool as two threads do, and neither needs to trust the other. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class C13AcrossProcessesTest {
  private static final long BUFFER_BYTES = 64 << 10;
  private static final int BUFFERS = 16;

  @TempDir Path folder;

  private BufferPool pool() {
    return BufferPool.of(
        SharedMemoryExporter.named("frames"), new SizeClass(BUFFER_BYTES, BUFFERS));
  }

  /** A {@link ReadingProcess}. */
  private record Reading(Process process, BufferedReader output) implements AutoCloseable {
    static Reading of(PoolServer server, String feed, Overflow overflow, int kept)
        throws IOException {
      Reading reading = starting(server, feed, overflow, kept);
      reading.expect("joined");
      return reading;
    }

    /** One that has yet to join. */
    static Reading starting(PoolServer server, String feed, Overflow overflow, int kept)
        throws IOException {
      Process process =
          ForkedJvm.start(
              ReadingProcess.class,
              ForkedJvm.classPath(),
              server.socket().toString(),
              feed,
              overflow.name(),
              Integer.toString(kept));
      return new Reading(
          process, new BufferedReader(new InputStreamReader(process.getInputStream())));
    }

    void expect(String line) throws IOException {
      C13AcrossProcessesTest.expect(output, line);
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private static void expect(BufferedReader output, String line) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String said = output.readLine(); said != null; said = output.readLine()) {
      if (said.equals(line)) {
        return;
      }
      all.append(said).append('\n');
    }
    throw new AssertionError("the other process did not say '" + line + "' but:\n" + all);
  }

  private static void publish(FeedWriter writer, long frame) {
    WritableView view = writer.acquire(30, TimeUnit.SECONDS);
    assertNotNull(view, () -> "no buffer for frame " + frame);
    Pattern.put(view, frame);
    writer.publish();
  }

  @Test
  void everyFrameReachesAnotherProcessAsItWasWritten() throws Exception {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        Reading reading = Reading.of(server, "feed", Overflow.BLOCK, 0)) {
      try (FeedWriter writer = feed.writer()) {
        for (long frame = 0; frame < 5_000; frame++) {
          publish(writer, frame);
        }
      }
      reading.expect("read 5000");
      assertEquals(0, reading.process.waitFor());
      assertTrue(isFreeWithin(pool, Duration.ofSeconds(1)), pool::dump);
    }
  }

  @Test
  void aWriterThatWaitsForReadersOfOtherProcessesIsReadFromItsFirstFrameOn() throws Exception {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        FeedReader here = feed.join("here", Access.READ, Overflow.DROP_OLDEST);
        Reading killed = Reading.starting(server, "feed", Overflow.BLOCK, 1)) {
      assertTrue(feed.awaitReaders(2, 30, TimeUnit.SECONDS), pool::dump);
      killed.process.destroyForcibly().waitFor();
      Elsewhere.await("it counts no more", () -> !feed.awaitReaders(2, 0, TimeUnit.SECONDS));
      try (Reading reading = Reading.starting(server, "feed", Overflow.BLOCK, 0)) {
        assertTrue(feed.awaitReaders(2, 30, TimeUnit.SECONDS), pool::dump);
        try (FeedWriter writer = feed.writer()) {
          for (long frame = 0; frame < 100; frame++) {
            publish(writer, frame);
          }
        }
        reading.expect("read 100");
        assertEquals(100, here.dropped() + here.unread());
      }
    }
  }

  @Test
  void anOwnerIsToldWhenAnotherProcessHasLetGoOrIsKilled() throws Exception {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        SharedBuffer buffer = pool.tryAcquire(BUFFER_BYTES);
        FeedWriter writer = feed.writer();
        Reading reading = Reading.of(server, "feed", Overflow.BLOCK, 1);
        Reading killed = Reading.of(server, "feed", Overflow.BLOCK, 1)) {
      try (WritableView view = writer.port().mapForWriting(buffer)) {
        Pattern.put(view, 0);
      }
      assertTrue(buffer.isExclusive());
      assertTrue(writer.publish(buffer.share(), null, 0, 1, TimeUnit.SECONDS));
      reading.expect("keeping");
      killed.expect("keeping");
      assertFalse(buffer.isExclusive());
      reading.process.getOutputStream().close();
      assertFalse(buffer.awaitExclusive(20, TimeUnit.MILLISECONDS), "the other has it still");
      killed.process.destroyForcibly();
      assertTrue(buffer.awaitExclusive(30, TimeUnit.SECONDS), pool::dump);
    }
  }

  @Test
  void aBufferThatAnotherProcessHasMappedIsNotHandedOut() throws Exception {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        Reading reading = Reading.of(server, "feed", Overflow.DROP_OLDEST, 3)) {
      try (FeedWriter writer = feed.writer()) {
        for (long frame = 0; frame < 3; frame++) {
          publish(writer, frame);
        }
        reading.expect("keeping");
        // The reading process looks at its three frames again when it lets them go.
        for (long frame = 3; frame < 1_000; frame++) {
          publish(writer, frame);
        }
        assertTrue(pool.statistics().free() <= BUFFERS - 3, pool::dump);
        assertTrue(pool.dump().contains("used by process " + reading.process.pid()), pool::dump);
        reading.process.getOutputStream().close();
      }
      assertEquals(0, reading.process.waitFor());
      assertTrue(isFreeWithin(pool, Duration.ofSeconds(1)), pool::dump);
    }
  }

  @Test
  void whatAKilledImporterHeldComesBackWithinASecond() throws Exception {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        Reading reading = Reading.of(server, "feed", Overflow.BLOCK, 3)) {
      try (FeedWriter writer = feed.writer()) {
        for (long frame = 0; frame < 10; frame++) {
          publish(writer, frame);
        }
        reading.expect("keeping");
        assertEquals(BUFFERS - 10, pool.statistics().free(), pool::dump);
        reading.process.destroyForcibly().waitFor();
        assertTrue(isFreeWithin(pool, Duration.ofSeconds(1)), pool::dump);
        Elsewhere.await("nobody is left", () -> server.peers().isEmpty());
        for (long frame = 10; frame < 100; frame++) {
          publish(writer, frame);
        }
      }
    }
  }

  @Test
  void aDeadExporterEndsFeedsAndLeavesWhatIsMappedReadable() throws Exception {
    Path socket = folder.resolve("pool");
    Process writing =
        ForkedJvm.start(
            WritingProcess.class, ForkedJvm.classPath(), socket.toString(), "feed", "3");
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(writing.getInputStream()))) {
      expect(said, "serving at " + socket);
      try (RemotePool pool = RemotePool.connect(socket);
          FeedReader reader = pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
          FramePort port = reader.open()) {
        writing.getOutputStream().write(1);
        writing.getOutputStream().flush();
        View first = port.next(30, TimeUnit.SECONDS);
        Pattern.check(first, 0);
        expect(said, "published");
        writing.destroyForcibly().waitFor();
        Pattern.check(first, 0);
        // What was published is there to be read, then the feed fails.
        Pattern.check(port.next(1, TimeUnit.SECONDS), 1);
        Pattern.check(port.next(1, TimeUnit.SECONDS), 2);
        long startNs = System.nanoTime();
        FeedFailedException failed =
            assertThrows(FeedFailedException.class, () -> port.next(30, TimeUnit.SECONDS));
        assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(1), failed::toString);
        assertTrue(port.isEnded());
        assertFalse(pool.isConnected());
        assertThrows(
            IllegalStateException.class, () -> pool.attach(Importer.viewing("late", Access.READ)));
      }
    } finally {
      writing.destroyForcibly();
    }
  }

  @Test
  void anImporterInAnotherProcessIsOfferedReadingAlone() {
    try (BufferPool pool = pool();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket())) {
      AttachRefusedException refused =
          assertThrows(
              AttachRefusedException.class,
              () -> imported.attach(Importer.viewing("writer", Access.WRITE)));
      assertTrue(refused.getMessage().contains("VIEW/WRITE"), refused.getMessage());
      assertTrue(refused.getMessage().contains("WRITE asked, READ offered"), refused.getMessage());
      Attachment attachment = imported.attach(Importer.viewing("reader", Access.READ));
      assertEquals(MappingType.VIEW, attachment.granted().type());
      assertEquals(Access.READ, attachment.granted().access());
      assertEquals(1, Feeds.attachments(pool, "'reader'"));
      attachment.close();
      assertEquals(0, Feeds.attachments(pool, "'reader'"));
    }
  }

  @Test
  void aProcessThatIsNotAdmittedIsToldWhy() {
    try (BufferPool pool = pool();
        PoolServer server =
            PoolServer.serve(
                pool,
                folder.resolve("pool"),
                peer -> {
                  throw new SecurityException("no business with " + peer.pid());
                })) {
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> RemotePool.connect(server.socket()));
      long pid = ProcessHandle.current().pid();
      assertTrue(refused.getMessage().contains("no business with " + pid), refused.getMessage());
    }
  }

  @Test
  void whereNobodyListensConnectingSaysSo() throws IOException {
    Path nobody = folder.resolve("nobody");
    Path noSocket = Files.createFile(folder.resolve("file"));
    for (Path wrong : List.of(nobody, noSocket, folder)) {
      String text =
          assertThrows(UncheckedIOException.class, () -> RemotePool.connect(wrong)).getMessage();
      assertTrue(text.startsWith("no pool can be reached at " + wrong), text);
      assertTrue(text.endsWith("is the other side running, and the path right?"), text);
    }
  }

  @Test
  void ofTwoFeedsWithANameTheFirstThatIsOpenIsJoined() {
    try (BufferPool pool = pool();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket());
        Broadcast second = namedTwice(pool);
        FeedReader reader = imported.feed("twice").join("reader", Access.READ, Overflow.BLOCK)) {
      assertTrue(second.awaitReaders(1, 0, TimeUnit.SECONDS), "the first one is closed");
      try (Broadcast third = pool.broadcast("twice");
          FeedReader late = imported.feed("twice").join("late", Access.READ, Overflow.BLOCK)) {
        assertTrue(second.awaitReaders(2, 0, TimeUnit.SECONDS), late::toString);
        assertFalse(third.awaitReaders(1, 0, TimeUnit.SECONDS));
      }
      assertEquals("reader 'reader' of feed 'twice' of pool '" + pool.name() + "'", "" + reader);
    }
  }

  /** The second of two feeds of one name, of which the first is closed. */
  private static Broadcast namedTwice(BufferPool pool) {
    try (Broadcast first = pool.broadcast("twice")) {
      return pool.broadcast(first.name());
    }
  }

  @Test
  void aFeedThatIsNotThereCannotBeJoined() {
    try (BufferPool pool = pool();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket())) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> imported.feed("nothing").join("reader", Access.READ, Overflow.BLOCK));
      assertTrue(refused.getMessage().contains("no feed 'nothing'"), refused.getMessage());
      assertEquals(0, Feeds.attachments(pool, "'reader'"));
    }
  }

  @Test
  void readersOfAnotherProcessComeAndGo() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket());
        FeedWriter writer = feed.writer()) {
      // Three times as many as there can be at a time.
      for (long frame = 0; frame < 200; frame++) {
        try (FeedReader reader =
                imported.feed("feed").join("reader", Access.READ, Overflow.DROP_OLDEST);
            FramePort port = reader.open()) {
          publish(writer, frame);
          Pattern.check(port.next(5, TimeUnit.SECONDS), frame);
          assertEquals(frame, port.sequence());
        }
      }
      assertEquals(0, Feeds.attachments(pool, "'reader'"));
      publish(writer, 200);
      assertTrue(isFreeWithin(pool, Duration.ofSeconds(1)), pool::dump);
    }
  }

  @Test
  void layoutsAreKnownInTheOtherProcess() {
    FrameLayout wide = layout(64);
    FrameLayout narrow = layout(32);
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket());
        FeedReader reader = imported.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open();
        FeedWriter writer = feed.writer()) {
      FrameLayout[] published = {null, wide, wide, narrow, wide, null};
      for (int i = 0; i < published.length; i++) {
        writer.layout(published[i]);
        publish(writer, i);
      }
      for (FrameLayout expected : published) {
        assertNotNull(port.next(5, TimeUnit.SECONDS));
        assertEquals(expected, port.layout());
      }
      port.unmap();
    }
  }

  private static FrameLayout layout(int width) {
    return new FrameLayout(
        FrameLayout.fourcc("YU12"),
        FrameLayout.LINEAR,
        width,
        16,
        List.of(new Plane(0, 64, width, 16), new Plane(1024, 32, width / 2, 8)),
        new ColorDescription(1, 1, 1, true));
  }

  @Test
  void revocationReachesTheOtherProcess() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket());
        FeedReader reader = imported.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open()) {
      FeedWriter writer = feed.writer();
      publish(writer, 0);
      publish(writer, 1);
      View view = port.next(5, TimeUnit.SECONDS);
      Pattern.check(view, 0);
      Attachment there = server.attachments().getFirst();
      Revocation revocation = pool.revoke(there, Duration.ofMillis(200));
      Place.assumeInTime(revocation);
      assertTrue(revocation.isComplete(), revocation::toString);
      assertFalse(revocation.cooperative(), "the view was mapped until the deadline");
      assertThrows(RevokedException.class, () -> view.getLong(0));
      assertThrows(RevokedException.class, () -> port.next(1, TimeUnit.SECONDS));
      writer.close();
      // Neither the frame that was mapped nor the one that could not be taken any more is kept.
      assertTrue(isFreeWithin(pool, Duration.ofSeconds(1)), pool::dump);
    }
  }

  @Test
  void aPoolOfThisProcessAloneIsNotServed() {
    try (BufferPool pool = BufferPool.offHeap("frames", BUFFER_BYTES, BUFFERS)) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> PoolServer.serve(pool, folder.resolve("pool")))
              .getMessage();
      assertTrue(message.contains("SharedMemoryExporter"), message);
    }
  }

  private static boolean isFreeWithin(BufferPool pool, Duration limit) {
    long startNs = System.nanoTime();
    while (pool.statistics().free() < BUFFERS) {
      if (System.nanoTime() - startNs > limit.toNanos()) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }
}
