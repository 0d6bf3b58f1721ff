package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** C13: each side may end at any time, and the other is told, keeps what it has, and can go on. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class C13EndsTest {
  private static final int BUFFERS = 8;

  @TempDir Path folder;

  private static BufferPool pool() {
    return BufferPool.of(SharedMemoryExporter.named("ends"), new SizeClass(4096, BUFFERS));
  }

  private static void eventually(BooleanSupplier condition, Supplier<String> otherwise) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(10), otherwise);
      Thread.onSpinWait();
    }
  }

  @Test
  void aServerThatClosesWhilePeersReadLeavesNothingBehind() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"))) {
      try (RemotePool imported = RemotePool.connect(server.socket());
          FeedReader reader = imported.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
          FramePort port = reader.open()) {
        Feeds.publish(writer, 0, 4);
        View view = port.next(5, TimeUnit.SECONDS);
        assertEquals(0, view.getLong(0));
        closeNow(server);
        // At once, not some time later: the pool could be closed now.
        assertEquals(0, server.peers().size());
        assertEquals(0, Feeds.attachments(pool, "'reader'"));
        eventually(() -> pool.statistics().free() == BUFFERS, pool::dump);
        // What was mapped may be overwritten from now on, so it is not to be looked at any more.
        eventually(() -> isRevoked(view), pool::dump);
        assertThrows(RevokedException.class, () -> port.next(1, TimeUnit.SECONDS));
        assertFalse(imported.isConnected());
      }
    }
  }

  @Test
  void aServerThatClosesWithPatienceLetsPeersReadWhatThereIs() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"))) {
      CountDownLatch goOn = new CountDownLatch(1);
      Elsewhere<Integer> reading = Elsewhere.start(() -> framesReadWhenTold(server, goOn));
      try (FeedWriter writer = feed.writer()) {
        assertTrue(feed.awaitReaders(1, 10, TimeUnit.SECONDS));
        Feeds.publish(writer, 0, 4);
      }
      Elsewhere<Boolean> closing = Elsewhere.start(() -> server.close(Duration.ofSeconds(20)));
      closing.awaitWaiting();
      assertThrows(UncheckedIOException.class, () -> RemotePool.connect(server.socket()));
      goOn.countDown();
      assertTrue(closing.result(), "it has left by itself");
      assertEquals(4, reading.result());
      assertEquals(1, server.statistics().left());
    }
  }

  private static int framesReadWhenTold(PoolServer server, CountDownLatch told) throws Exception {
    try (RemotePool imported = RemotePool.connect(server.socket());
        FeedReader reader = imported.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open()) {
      assertTrue(told.await(10, TimeUnit.SECONDS));
      int frames = 0;
      while (port.next(10, TimeUnit.SECONDS) != null) {
        frames++;
      }
      assertTrue(port.isEnded());
      return frames;
    }
  }

  @Test
  void aPeerThatStaysIsDismissedWhenThePatienceIsOver() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket());
        FeedReader reader = imported.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open()) {
      assertThrows(NullPointerException.class, () -> server.close(null));
      assertFalse(server.close(Duration.ofMillis(20)));
      // It is told by a message, a moment later.
      assertThrows(RevokedException.class, () -> port.next(30, TimeUnit.SECONDS));
      assertTrue(server.close(Duration.ofSeconds(-1)), "again is harmless");
      assertFalse(feed.awaitReaders(1, 0, TimeUnit.SECONDS));
    }
  }

  @Test
  void aPeerComesToItsEndThoughItsExporterThrows() {
    Exporter throwing =
        new HookedExporter(
            SharedMemoryExporter.named("ends"),
            importer -> {},
            importer -> {
              throw new IllegalStateException("not detached: " + importer.name());
            });
    BufferPool pool = BufferPool.of(throwing, new SizeClass(4096, BUFFERS));
    PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
    long before = OpenDescriptors.of("entrepot peer");
    RemotePool imported = RemotePool.connect(server.socket());
    imported.attach(Importer.viewing("first", Access.READ));
    imported.attach(Importer.viewing("second", Access.READ));
    PeerIdentity self = server.peers().getFirst();
    assertEquals(1, server.evict(self));
    assertEquals(List.of(), server.peers());
    assertEquals(1, server.statistics().evicted());
    assertEquals(0, Feeds.attachments(pool, "'first'") + Feeds.attachments(pool, "'second'"));
    // Other tests' may have been counted that were just being closed.
    assertTrue(OpenDescriptors.of("entrepot peer") <= before, "its words are closed");
    server.close();
    imported.close();
    pool.close();
  }

  /** Whose directory is a link to itself by then. */
  @Test
  void aServerWhoseFileCannotBeDeletedEndsAllTheSame() throws Exception {
    Path directory = Files.createDirectory(folder.resolve("served"));
    try (BufferPool pool = pool()) {
      PoolServer server = PoolServer.serve(pool, directory.resolve("pool"));
      try (RemotePool imported = RemotePool.connect(server.socket())) {
        spoil(directory);
        assertThrows(UncheckedIOException.class, server::close);
        assertEquals(List.of(), server.peers());
        eventually(() -> !imported.isConnected(), () -> "it is served still");
        server.close();
      }
    }
  }

  @Test
  void aPoolIsClosedThoughTheFileOfItsServerCannotBeDeleted() throws Exception {
    Path directory = Files.createDirectory(folder.resolve("served"));
    long before = OpenDescriptors.of("entrepot words of ends");
    BufferPool pool = pool();
    Broadcast feed = pool.broadcast("feed");
    PoolServer.serve(pool, directory.resolve("pool"));
    Broadcast late = pool.broadcast("late");
    FeedReader reader = late.join("reader", Access.READ, Overflow.DROP_OLDEST);
    assertEquals(before + 1, OpenDescriptors.of("entrepot words of ends"));
    spoil(directory);
    assertThrows(UncheckedIOException.class, pool::close);
    assertEquals(before, OpenDescriptors.of("entrepot words of ends"), "the memory is let go of");
    assertThrows(IllegalStateException.class, reader::open);
    assertThrows(IllegalStateException.class, () -> feed.writer());
    pool.close();
  }

  private static void spoil(Path directory) throws IOException {
    Files.move(directory, directory.resolveSibling("moved"));
    Files.createSymbolicLink(directory, directory);
  }

  /** What it says of its revocation crosses what it says of its end. */
  @Test
  void aReaderThatLeavesWhenItIsAskedToLetGoIsNotCutOff() throws Exception {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket())) {
      for (int i = 0; i < 20; i++) {
        AtomicReference<FeedReader> joined = new AtomicReference<>();
        Importer leaving =
            Importer.viewing("leaving", Access.READ).onRevoke(timeLeft -> joined.get().close());
        joined.set(imported.feed(feed.name()).join(leaving, Overflow.BLOCK, 2, Division.EACH));
        assertTrue(server.attachments().getFirst().importer().name().equals("leaving"), pool::dump);
        pool.revoke(server.attachments().getFirst(), Duration.ofSeconds(5));
        eventually(() -> server.attachments().isEmpty(), pool::dump);
        assertTrue(imported.isConnected(), "round " + i);
      }
      assertEquals(0, server.statistics().cutOff());
      assertEquals(0, server.statistics().evicted());
    }
  }

  private static boolean isRevoked(View view) {
    try {
      view.getLong(0);
      return false;
    } catch (RevokedException revoked) {
      return true;
    }
  }

  private static void closeNow(PoolServer server) {
    server.close();
  }

  @Test
  void aPoolOfAnotherProcessIsNotClosedUnderItsFrames() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"))) {
      RemotePool imported = RemotePool.connect(server.socket());
      try (FeedReader reader = imported.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
          FramePort port = reader.open()) {
        Feeds.publish(writer, 7);
        View view = port.next(5, TimeUnit.SECONDS);
        assertThrows(PoolInUseException.class, imported::close);
        assertTrue(imported.isConnected());
        assertEquals(7, view.getLong(0));
      }
      imported.close();
      imported.close();
      assertFalse(imported.isConnected());
      eventually(() -> server.peers().isEmpty(), () -> server.peers().toString());
      eventually(() -> pool.statistics().free() == BUFFERS, pool::dump);
    }
  }

  @Test
  void whatAThreadHadThatDiedInTheImportingProcessComesBack() throws InterruptedException {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket());
        FeedReader dying = imported.feed("feed").join("dying", Access.READ, Overflow.BLOCK);
        FeedReader other = imported.feed("feed").join("other", Access.READ, Overflow.BLOCK);
        FramePort port = other.open()) {
      CountDownLatch opened = new CountDownLatch(1);
      AtomicReference<View> taken = new AtomicReference<>();
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                FramePort forgotten = dying.open();
                opened.countDown();
                taken.set(forgotten.next(10, TimeUnit.SECONDS));
              });
      assertTrue(opened.await(10, TimeUnit.SECONDS));
      Feeds.publish(writer, 0);
      thread.join();
      assertNotNull(taken.get());
      assertNotNull(port.next(5, TimeUnit.SECONDS));
      // A wait in vain looks for the dead.
      eventually(
          () -> {
            port.next(1, TimeUnit.MILLISECONDS);
            return pool.statistics().free() == BUFFERS;
          },
          pool::dump);
      assertTrue(imported.isConnected());
    }
  }

  @Test
  void readersThatComeAndGoLeaveNothingBehindWhileNobodyWrites() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool imported = RemotePool.connect(server.socket())) {
      Feeds.publish(writer, 0);
      try (FeedReader reader = feed.join("near", Access.READ, Overflow.BLOCK)) {
        refusePublication(pool, writer);
        assertEquals(0, reader.unread());
      }
      for (int i = 0; i < 200; i++) {
        imported.feed("feed").join("reader", Access.READ, Overflow.BLOCK).close();
      }
      eventually(
          () -> {
            System.gc();
            return ringsMapped() == 0;
          },
          () -> ringsMapped() + " rings of readers that have left are mapped");
      Feeds.publish(writer, 1);
    }
  }

  /** A writer that has begun to publish, and was refused, is not at it any more. */
  private static void refusePublication(BufferPool pool, FeedWriter writer) {
    try (SharedBuffer buffer = pool.tryAcquire(1);
        Attachment attachment = pool.attach(Importer.viewing("writing", Access.WRITE));
        Port port = attachment.open();
        WritableView mapped = port.mapForWriting(buffer)) {
      assertThrows(
          IllegalStateException.class, () -> writer.publish(buffer, null, 0, 1, TimeUnit.SECONDS));
      assertTrue(mapped.isOpen());
    }
  }

  private static long ringsMapped() {
    try {
      return OpenDescriptors.mappingsOf("entrepot ring");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
