package io.entrepot.contract;

import static io.entrepot.contract.C13WritingImporterTest.order;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: a frame to which another process was writing in place when it died is shown to nobody, and
 * its buffer comes back.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd is Linux's")
class C13LostWritesTest {
  private static final int BUFFERS = 8;
  private static final long LIMIT_SECONDS = 30;

  @TempDir Path folder;
  private BufferPool pool;
  private Broadcast feed;
  private PoolServer server;
  private Attachment here;
  private Port port;

  @BeforeEach
  void serve() {
    pool =
        BufferPool.of(
            SharedMemoryExporter.named("granted").writableBy("filler"),
            new SizeClass(4096, BUFFERS));
    feed = pool.broadcast("feed");
    server = PoolServer.serve(pool, folder.resolve("pool"));
    here = pool.attach(Importer.viewing("here", Access.WRITE));
    port = here.open();
  }

  @AfterEach
  void close() {
    port.close();
    here.close();
    feed.close();
    server.close();
    pool.close(Duration.ofSeconds(LIMIT_SECONDS));
  }

  private ChildJvm filler() throws IOException {
    ChildJvm child =
        ChildJvm.start(FillingProcess.class, server.socket().toString(), "feed", "filler");
    child.expect("joined");
    return child;
  }

  /** A frame that is published, with a reference to it. */
  private SharedBuffer publish(FeedWriter writer) {
    SharedBuffer buffer = pool.acquire(4096, LIMIT_SECONDS, TimeUnit.SECONDS);
    assertNotNull(buffer, pool::dump);
    assertTrue(writer.publish(buffer.share(), null, 0, LIMIT_SECONDS, TimeUnit.SECONDS));
    return buffer;
  }

  private boolean isMappable(SharedBuffer buffer) {
    try (View view = port.map(buffer, 20, TimeUnit.MILLISECONDS)) {
      return view != null;
    }
  }

  private void awaitFree() {
    Elsewhere.await("all is free", () -> pool.statistics().free() == BUFFERS);
  }

  private static void assertHalfOverwritten(Executable use) {
    String refused = assertThrows(IllegalStateException.class, use).getMessage();
    assertTrue(refused.contains("half overwritten"), refused);
  }

  /** Has a writer die in the midst of a frame. */
  private void killWriting(ChildJvm child, SharedBuffer buffer) throws Exception {
    order(child, "take", "buffer " + buffer.index());
    order(child, "map 30000", "mapped");
    order(child, "put 1", "done");
    child.kill();
    Elsewhere.await("it is gone", () -> server.peers().isEmpty());
  }

  @Test
  void whatAKilledWriterWasWritingIsShownToNobodyAndComesBack() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer();
        Attachment leasing = pool.attach(Importer.leasing("native", Access.READ))) {
      SharedBuffer buffer = publish(writer);
      order(child, "take", "buffer " + buffer.index());
      order(child, "map 30000", "mapped");
      order(child, "put 1", "done");
      Elsewhere<Boolean> reading =
          Elsewhere.start(() -> {
            try (Port elsewhere = here.open()) {
              assertHalfOverwritten(() -> elsewhere.map(buffer, LIMIT_SECONDS, TimeUnit.SECONDS));
              return true;
            }
          });
      reading.awaitWaiting();
      child.kill();
      assertTrue(reading.result(), "whoever waited is told at once");
      assertHalfOverwritten(() -> port.map(buffer));
      assertHalfOverwritten(() -> port.map(buffer, 0, TimeUnit.SECONDS));
      assertHalfOverwritten(() -> port.mapInPlace(buffer, LIMIT_SECONDS, TimeUnit.SECONDS));
      assertHalfOverwritten(() -> leasing.lease(buffer));
      assertTrue(pool.dump().contains("half overwritten"), pool::dump);
      buffer.close();
      awaitFree();
      assertEquals(0, pool.statistics().quarantined());
      // What comes into the same memory later is as good as any.
      for (int i = 0; i < 2 * BUFFERS; i++) {
        try (SharedBuffer later = publish(writer)) {
          assertTrue(isMappable(later), pool::dump);
        }
      }
    }
    try (ChildJvm next = filler()) {
      order(next, "leave", "left");
    }
  }

  @Test
  void aReaderHereGoesPastWhatAKilledWriterWasWriting() throws Exception {
    try (ChildJvm child = filler();
        FeedReader views = feed.join("views", Access.READ, Overflow.BLOCK);
        FramePort viewing = views.open();
        FeedReader leases =
            feed.join(Importer.leasing("leases", Access.READ), Overflow.BLOCK, 4, Division.EACH);
        FramePort leasing = leases.open();
        FeedWriter writer = feed.writer()) {
      try (SharedBuffer buffer = publish(writer)) {
        killWriting(child, buffer);
      }
      publish(writer).close();
      for (int times = 0; times < 2; times++) {
        assertGoesPast(() -> viewing.next(LIMIT_SECONDS, TimeUnit.SECONDS));
        assertGoesPast(() -> leasing.nextLease(LIMIT_SECONDS, TimeUnit.SECONDS));
      }
      for (FramePort each : List.of(viewing, leasing)) {
        try (SharedBuffer passed = each.nextBuffer(0, TimeUnit.SECONDS)) {
          assertEquals(0, each.sequence());
          assertHalfOverwritten(() -> port.map(passed));
        }
      }
      assertNotNull(viewing.next(LIMIT_SECONDS, TimeUnit.SECONDS), pool::dump);
      leasing.nextLease(LIMIT_SECONDS, TimeUnit.SECONDS).close();
    }
    awaitFree();
  }

  private static void assertGoesPast(Executable next) {
    String failed = assertThrows(FeedFailedException.class, next).getMessage();
    assertTrue(failed.contains("half overwritten; nextBuffer goes past it"), failed);
  }

  @Test
  void aLaterWriterIsNotShownWhatAKilledOneWasWriting() throws Exception {
    feed.retain(2);
    try (FeedWriter writer = feed.writer()) {
      try (ChildJvm child = filler();
          SharedBuffer buffer = publish(writer)) {
        killWriting(child, buffer);
      }
      publish(writer).close();
      try (RemotePool remote = RemotePool.connect(server.socket());
          FeedReader reader =
              remote
                  .feed("feed")
                  .join(
                      Importer.viewing("filler", Access.WRITE),
                      Overflow.BLOCK,
                      4,
                      Division.EACH,
                      Start.OLDEST);
          FramePort frames = reader.open()) {
        assertGoesPast(() -> frames.next(LIMIT_SECONDS, TimeUnit.SECONDS));
        try (SharedBuffer passed = frames.nextBuffer(0, TimeUnit.SECONDS)) {
          assertEquals(0, frames.sequence());
          assertHalfOverwritten(() -> frames.port().map(passed));
          assertHalfOverwritten(
              () -> frames.port().mapInPlace(passed, LIMIT_SECONDS, TimeUnit.SECONDS));
        }
        assertNotNull(frames.next(LIMIT_SECONDS, TimeUnit.SECONDS), pool::dump);
      }
    }
    feed.retain(0);
    awaitFree();
  }

  @Test
  void aWriterThatIsKilledWhileItWaitsLeavesTheFrameWhole() throws Exception {
    try (ChildJvm child = filler();
        Port elsewhere = here.open();
        FeedWriter writer = feed.writer();
        SharedBuffer buffer = publish(writer)) {
      order(child, "take", "buffer " + buffer.index());
      try (View view = elsewhere.map(buffer)) {
        child.say("map 30000");
        Elsewhere.await("it keeps others out", () -> !isMappable(buffer));
        child.kill();
        Elsewhere.await("it is gone", () -> server.peers().isEmpty());
        assertEquals(4096, view.byteSize());
      }
      assertTrue(isMappable(buffer), "nobody has begun to write to it");
    }
    awaitFree();
  }

  @Test
  void whatAThreadOfALivingProcessWasWritingWhenItEndedIsShownToNobody() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer();
        SharedBuffer buffer = publish(writer)) {
      order(child, "take", "buffer " + buffer.index());
      order(child, "abandon 1", "done");
      assertFalse(isMappable(buffer), "it waits for the writer");
      order(child, "lost", "done");
      assertHalfOverwritten(() -> port.map(buffer));
      assertHalfOverwritten(() -> port.mapInPlace(buffer, LIMIT_SECONDS, TimeUnit.SECONDS));
      order(child, "drop", "done");
      order(child, "leave", "left");
      Elsewhere.await("it is gone", () -> server.peers().isEmpty());
      assertHalfOverwritten(() -> port.map(buffer));
    }
    awaitFree();
  }

  @Test
  void whatAWriterWasWritingWhenItsViewWasTakenAwayIsShownToNobody() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer();
        SharedBuffer buffer = publish(writer)) {
      order(child, "take", "buffer " + buffer.index());
      order(child, "map 30000", "mapped");
      order(child, "put 1", "done");
      Revocation revocation = pool.revoke(server.attachments().getFirst(), Duration.ofMillis(500));
      Place.assumeInTime(revocation);
      assertFalse(revocation.cooperative());
      order(child, "revoked", "done");
      // It lives, and says so itself.
      assertHalfOverwritten(() -> port.map(buffer, LIMIT_SECONDS, TimeUnit.SECONDS));
      child.kill();
      Elsewhere.await("it is gone", () -> server.peers().isEmpty());
      assertHalfOverwritten(() -> port.map(buffer));
    }
    awaitFree();
  }
}
