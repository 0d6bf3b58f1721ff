package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** C13: an importer in another process writes what it was granted to write, and nothing else. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd is Linux's")
class C13WritingImporterTest {
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
    ChildJvm child = joining("filler");
    child.expect("joined");
    return child;
  }

  private ChildJvm joining(String importer) throws IOException {
    return ChildJvm.start(FillingProcess.class, server.socket().toString(), "feed", importer);
  }

  /** Has a {@link FillingProcess} carry out an order. */
  static void order(ChildJvm child, String order, String answer) throws IOException {
    child.say(order);
    String said = child.line();
    while (said.isEmpty() || said.startsWith("WARNING")) {
      // Of the JVM, on the same stream.
      said = child.line();
    }
    assertEquals(answer, said);
  }

  private static void signal(ChildJvm child, String signal) throws Exception {
    assertEquals(
        0, new ProcessBuilder("kill", signal, Long.toString(child.pid())).start().waitFor());
  }

  /** A frame that is published, with a reference to it. */
  private SharedBuffer publish(FeedWriter writer) {
    SharedBuffer buffer = pool.acquire(4096, LIMIT_SECONDS, TimeUnit.SECONDS);
    assertNotNull(buffer, pool::dump);
    assertTrue(writer.publish(buffer.share(), null, 0, LIMIT_SECONDS, TimeUnit.SECONDS));
    return buffer;
  }

  private void check(SharedBuffer buffer, long number) {
    try (View view = port.map(buffer, LIMIT_SECONDS, TimeUnit.SECONDS)) {
      assertNotNull(view, pool::dump);
      Pattern.check(view, number);
    }
  }

  private boolean isMappable(SharedBuffer buffer) {
    try (View view = port.map(buffer, 20, TimeUnit.MILLISECONDS)) {
      return view != null;
    }
  }

  private void awaitFree() {
    Elsewhere.await("all is free", () -> pool.statistics().free() == BUFFERS);
  }

  // ---------------------------------------------------------------- writing

  @Test
  void whatItWritesIsWhatTheExporterReads() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer()) {
      int frames = 100;
      child.say("fill " + frames);
      for (long frame = 0; frame < frames; frame++) {
        try (SharedBuffer buffer = publish(writer)) {
          child.expect("filled " + frame);
          check(buffer, frame);
        }
      }
      child.expect("done");
      order(child, "leave", "left");
      awaitFree();
      assertEquals(0, pool.statistics().quarantined());
    }
  }

  @Test
  void whoeverMapsHereWaitsWhileItWrites() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer();
        Attachment leasing = pool.attach(Importer.leasing("native", Access.READ));
        SharedBuffer buffer = publish(writer)) {
      order(child, "take", "buffer " + buffer.index());
      assertTrue(isMappable(buffer), "it is not written yet");
      order(child, "map 30000", "mapped");
      assertFalse(isMappable(buffer));
      assertNull(leasing.lease(buffer, 20, TimeUnit.MILLISECONDS));
      assertNull(port.mapInPlace(buffer, 20, TimeUnit.MILLISECONDS));
      Elsewhere<Boolean> reading =
          Elsewhere.start(() -> {
            try (Port elsewhere = here.open();
                View view = elsewhere.map(buffer, LIMIT_SECONDS, TimeUnit.SECONDS)) {
              Pattern.check(view, 7);
              return true;
            }
          });
      reading.awaitWaiting();
      order(child, "put 7", "done");
      order(child, "unmap", "done");
      assertTrue(reading.result());
      try (NativeLease lease = leasing.lease(buffer, LIMIT_SECONDS, TimeUnit.SECONDS)) {
        assertNotNull(lease);
      }
      order(child, "leave", "left");
    }
    awaitFree();
  }

  @Test
  void aReaderOfTheFeedHereWaitsWhileItWrites() throws Exception {
    try (ChildJvm child = filler();
        FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK);
        FramePort frames = reader.open();
        FeedWriter writer = feed.writer()) {
      try (SharedBuffer buffer = publish(writer)) {
        order(child, "take", "buffer " + buffer.index());
        order(child, "map 30000", "mapped");
        assertNull(frames.next(20, TimeUnit.MILLISECONDS), "the frame is being written");
        order(child, "put 9", "done");
        order(child, "unmap", "done");
        View frame = frames.next(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertNotNull(frame, pool::dump);
        Pattern.check(frame, 9);
        order(child, "map 50", "busy");
        frames.unmap();
        order(child, "map 30000", "mapped");
        order(child, "unmap", "done");
      }
      order(child, "leave", "left");
    }
    awaitFree();
  }

  @Test
  void itWaitsForWhoeverUsesTheBufferHere() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer();
        Attachment leasing = pool.attach(Importer.leasing("native", Access.READ));
        SharedBuffer buffer = publish(writer)) {
      order(child, "take", "buffer " + buffer.index());
      try (View view = port.map(buffer)) {
        order(child, "map 50", "busy");
        assertEquals(4096, view.byteSize());
      }
      try (NativeLease lease = leasing.lease(buffer)) {
        order(child, "map 50", "busy");
        assertEquals(4096, lease.byteSize());
      }
      order(child, "map 30000", "mapped");
      order(child, "unmap", "done");
      order(child, "leave", "left");
    }
    awaitFree();
  }

  @Test
  void workThatItLeavesBehindIsWaitedForHere() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer();
        SharedBuffer buffer = publish(writer)) {
      order(child, "take", "buffer " + buffer.index());
      order(child, "map 30000", "mapped");
      order(child, "put 3", "done");
      order(child, "fence", "done");
      assertFalse(isMappable(buffer), "its fence is pending");
      order(child, "signal", "done");
      check(buffer, 3);
      order(child, "leave", "left");
    }
    awaitFree();
  }

  @Test
  void noReaderHereSeesAFrameInTheMidstOfItsWrites() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer();
        SharedBuffer buffer = publish(writer)) {
      order(child, "take", "buffer " + buffer.index());
      child.say("scribble");
      long last = 0;
      for (int changes = 0; changes < 50; ) {
        try (View view = port.map(buffer, LIMIT_SECONDS, TimeUnit.SECONDS)) {
          long seen = view.getLong(0);
          for (long at = 0; at < view.byteSize(); at += Long.BYTES) {
            assertEquals(seen, view.getLong(at));
          }
          changes += seen == last ? 0 : 1;
          last = seen;
        }
      }
      child.kill();
    }
    awaitFree();
  }

  // ---------------------------------------------------------------- who is granted it

  @Test
  void nobodyElseIsGrantedItAndIsToldWhy() throws Exception {
    try (ChildJvm child = filler()) {
      // In this process, as in another: what counts is the way through the socket.
      try (RemotePool remote = RemotePool.connect(server.socket())) {
        assertRefused(
            remote, Importer.viewing("reader", Access.READ), "importer 'filler' alone, to write");
        assertRefused(
            remote, Importer.viewing("writer", Access.WRITE), "importer 'filler' alone, to write");
        assertRefused(
            remote, Importer.viewing("filler", Access.READ), "given for writing: ask for WRITE");
        assertRefused(
            remote,
            Importer.viewing("filler", Access.WRITE),
            "it is granted to process " + child.pid() + ", which has it");
        order(child, "leave", "left");
        Elsewhere.await("it has left", () -> server.peers().size() == 1);
        assertRefused(
            remote,
            Importer.viewing("filler", Access.WRITE),
            "it was granted to process " + child.pid() + ", which still runs and may write to it");
        child.kill();
        Attachment granted = remote.attach(Importer.viewing("filler", Access.WRITE));
        assertEquals(Access.WRITE, granted.granted().access());
        granted.close();
      }
      Elsewhere.await("it has left", () -> server.peers().isEmpty());
      // Who has had it, and let go, may have it again.
      try (RemotePool again = RemotePool.connect(server.socket())) {
        again.attach(Importer.viewing("filler", Access.WRITE)).close();
      }
    }
  }

  private static void assertRefused(RemotePool remote, Importer importer, String why) {
    String table =
        assertThrows(AttachRefusedException.class, () -> remote.attach(importer)).getMessage();
    assertTrue(table.contains(why), () -> "'" + why + "' is not in " + table);
    assertTrue(table.contains("offered [VIEW/WRITE"), table);
  }

  @Test
  void aProcessThatIsRefusedSaysWhy() throws Exception {
    try (ChildJvm child = joining("other")) {
      String refused = child.expectPart("refused");
      assertTrue(refused.contains("importer 'filler' alone, to write"), refused);
    }
  }

  @Test
  void hugePagesAreNotGranted() {
    SharedMemoryExporter huge = SharedMemoryExporter.named("huge").withHugePages();
    String refused =
        assertThrows(IllegalArgumentException.class, () -> huge.writableBy("filler")).getMessage();
    assertTrue(refused.contains("huge pages"), refused);
  }

  // ---------------------------------------------------------------- its end

  @Test
  void whatAStoppedWriterMayWriteIsInQuarantineUntilItsEnd() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer()) {
      SharedBuffer buffer = publish(writer);
      order(child, "take", "buffer " + buffer.index());
      order(child, "map 30000", "mapped");
      signal(child, "-STOP");
      Revocation revocation = pool.revoke(server.attachments().getFirst(), Duration.ofMillis(50));
      assertFalse(revocation.cooperative());
      assertFalse(revocation.isComplete(), revocation::toString);
      assertEquals(1, revocation.quarantined().size(), revocation::toString);
      assertTrue(
          revocation.quarantined().getFirst().contains("may still write"), revocation::toString);
      assertEquals(BUFFERS, pool.statistics().quarantined());
      assertEquals(0, pool.statistics().free());
      assertNull(pool.acquire(4096, 20, TimeUnit.MILLISECONDS), "nothing is handed out");
      assertFalse(isMappable(buffer), "who was writing may be writing");
      buffer.close();
      assertNull(pool.acquire(4096, 20, TimeUnit.MILLISECONDS));
      assertEquals(BUFFERS - 1, pool.statistics().withheld(), "all but the one that it has");
      assertEquals(0, pool.statistics().replacements(), "it may write to all that it was sent");
      try (RemotePool remote = RemotePool.connect(server.socket())) {
        assertRefused(
            remote,
            Importer.viewing("filler", Access.WRITE),
            child.pid() + ", which did not let go of it and still runs");
      }
      Elsewhere<Boolean> waiting =
          Elsewhere.start(() -> {
            try (SharedBuffer back = pool.acquire(4096, LIMIT_SECONDS, TimeUnit.SECONDS)) {
              return back != null;
            }
          });
      waiting.awaitWaiting();
      signal(child, "-KILL");
      assertTrue(waiting.result(), "all of it comes back with its end");
      awaitFree();
      try (ChildJvm next = filler()) {
        order(next, "leave", "left");
      }
    }
  }

  @Test
  void aWriterThatWakesAfterItsEvictionIsToldAndHarmsNobody() throws Exception {
    try (ChildJvm child = filler()) {
      try (FeedWriter writer = feed.writer();
          SharedBuffer buffer = publish(writer)) {
        order(child, "take", "buffer " + buffer.index());
        order(child, "map 30000", "mapped");
        signal(child, "-STOP");
        server.evict(server.peers().getFirst());
        assertEquals(BUFFERS, pool.statistics().quarantined());
        signal(child, "-CONT");
        order(child, "revoked", "done");
      }
      // It has not ended: the pool gives nothing away, but can be closed.
      assertNull(pool.acquire(4096, 20, TimeUnit.MILLISECONDS));
      assertEquals(0, pool.statistics().free());
      close();
    }
  }

  @Test
  void aWriterThatLetsGoLeavesNoQuarantine() throws Exception {
    try (ChildJvm child = filler();
        FeedWriter writer = feed.writer();
        SharedBuffer buffer = publish(writer)) {
      order(child, "take", "buffer " + buffer.index());
      order(child, "drop", "done");
      Revocation revocation =
          pool.revoke(server.attachments().getFirst(), Duration.ofSeconds(LIMIT_SECONDS));
      assertTrue(revocation.cooperative() && revocation.isComplete(), revocation::toString);
      server.close();
      assertEquals(0, pool.statistics().quarantined());
    }
    awaitFree();
  }
}
