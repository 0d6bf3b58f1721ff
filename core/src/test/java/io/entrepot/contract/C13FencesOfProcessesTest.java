package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.reach.SharedFence;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** C13: fences of processes that signal, fail, are stopped and are killed. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class C13FencesOfProcessesTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int BUFFERS = 4;
  private static final String PROCESS = "[pidfd]";

  @TempDir Path folder;
  private long processes;

  @BeforeEach
  void count() {
    processes = OpenDescriptors.of(PROCESS);
  }

  @AfterEach
  void nothingIsLeft() {
    Elsewhere.await(
        "handles of processes are closed", () -> OpenDescriptors.of(PROCESS) <= processes);
  }

  /** A pool that a {@link FencingProcess} has imported. */
  private final class Exported implements AutoCloseable {
    final BufferPool pool =
        BufferPool.of(SharedMemoryExporter.named("frames"), new SizeClass(4096, BUFFERS));
    final PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
    final Timeline timeline = pool.sync().timeline("parent");
    final ChildJvm child;

    Exported() throws IOException {
      child = ChildJvm.start(FencingProcess.class, "import", server.socket().toString());
      child.expect("ready");
    }

    Fence issued() throws IOException {
      return server.importFence(server.peers().getFirst(), issuedBy(child));
    }

    /** Has a fence keep a buffer. */
    void protect(Fence fence) {
      try (SharedBuffer buffer = pool.acquire(4096, 30, TimeUnit.SECONDS)) {
        buffer.reservation().add(fence, Usage.READ);
      }
    }

    long free() {
      return pool.statistics().free();
    }

    @Override
    public void close() {
      child.close();
      server.close();
      timeline.close();
      pool.close(LONG);
    }
  }

  private static SharedFence issuedBy(ChildJvm child) throws IOException {
    child.say("issue");
    return SharedFence.of(HexFormat.of().parseHex(child.line()));
  }

  private static void done(ChildJvm child, String order) throws IOException {
    child.say(order);
    child.expect("done");
  }

  private static void awaitedBy(ChildJvm child, SharedFence name) throws IOException {
    child.say("await " + HexFormat.of().formatHex(name.toBytes()));
  }

  private static void assertSignaled(Fence fence, FenceError.Kind kind) {
    assertTrue(fence.await(LONG), fence::toString);
    assertEquals(kind, fence.error().map(FenceError::kind).orElse(null), fence::toString);
  }

  private static void signal(ChildJvm child, String signal) throws Exception {
    assertEquals(
        0, new ProcessBuilder("kill", signal, Long.toString(child.pid())).start().waitFor());
  }

  // ---------------------------------------------------------------- while both live

  @Test
  void anImportersFencesEndAsItSays() throws Exception {
    try (Exported exported = new Exported()) {
      Fence done = exported.issued();
      Fence failed = exported.issued();
      Fence closed = exported.issued();
      assertFalse(done.await(Duration.ofMillis(10)));
      done(exported.child, "signal " + 1);
      assertSignaled(done, null);
      assertFalse(failed.isSignaled());
      done(exported.child, "fail " + 2);
      assertSignaled(failed, FenceError.Kind.FAILED);
      done(exported.child, "close");
      assertSignaled(closed, FenceError.Kind.ISSUER_CLOSED);
    }
  }

  @Test
  void anImporterWaitsForFencesOfTheExporter() throws Exception {
    try (Exported exported = new Exported()) {
      SharedFence done = exported.server.exportFence(exported.timeline.next());
      SharedFence failed = exported.server.exportFence(exported.timeline.next());
      awaitedBy(exported.child, done);
      exported.timeline.signal(1);
      assertEquals("signaled", exported.child.line());
      awaitedBy(exported.child, failed);
      exported.timeline.signal(2, FenceError.cancelled("not needed"));
      assertEquals("CANCELLED", exported.child.line());
    }
  }

  @Test
  void anExportersFencesEndAsItSays() throws Exception {
    Path socket = folder.resolve("theirs");
    try (ChildJvm child = ChildJvm.start(FencingProcess.class, "export", socket.toString())) {
      child.expect("ready");
      try (RemotePool pool = RemotePool.connect(socket);
          Timeline timeline = pool.sync().timeline("parent")) {
        Fence done = pool.importFence(issuedBy(child));
        Fence failed = pool.importFence(issuedBy(child));
        done(child, "signal 1");
        assertSignaled(done, null);
        done(child, "fail 2");
        assertSignaled(failed, FenceError.Kind.FAILED);
        Fence ours = timeline.next();
        awaitedBy(child, pool.exportFence(ours));
        timeline.signal(ours.point());
        assertEquals("signaled", child.line());
      }
    }
  }

  // ---------------------------------------------------------------- death

  @Test
  void aKilledImportersPendingFenceIsLostAndItsBufferComesBack() throws Exception {
    try (Exported exported = new Exported()) {
      Fence done = exported.issued();
      Fence pending = exported.issued();
      exported.protect(pending);
      done(exported.child, "signal 1");
      assertEquals(BUFFERS - 1, exported.free(), exported.pool::dump);
      exported.child.kill();
      assertSignaled(pending, FenceError.Kind.ISSUER_LOST);
      assertSignaled(done, null);
      Elsewhere.await("its buffer comes back", () -> exported.free() == BUFFERS);
    }
  }

  @Test
  void whatAnImporterSignalsAsTheLastThingThatItDoesIsSignaled() throws Exception {
    try (Exported exported = new Exported()) {
      Fence last = exported.issued();
      Fence pending = exported.issued();
      exported.child.say("die 1");
      assertSignaled(last, null);
      assertSignaled(pending, FenceError.Kind.ISSUER_LOST);
    }
  }

  @Test
  void aStoppedImporterThatIsEvictedKeepsItsBufferUntilItIsDead() throws Exception {
    try (Exported exported = new Exported()) {
      Fence pending = exported.issued();
      exported.protect(pending);
      signal(exported.child, "-STOP");
      exported.server.evict(exported.server.peers().getFirst());
      assertSignaled(pending, FenceError.Kind.ISSUER_LOST);
      assertFalse(exported.timeline.next().await(Duration.ofMillis(100)));
      assertEquals(BUFFERS - 1, exported.free(), exported.pool::dump);
      exported.child.kill();
      Elsewhere.await("its buffer comes back", () -> exported.free() == BUFFERS);
    }
  }

  @Test
  void aKilledExportersPendingFenceIsLost() throws Exception {
    Path socket = folder.resolve("theirs");
    try (ChildJvm child = ChildJvm.start(FencingProcess.class, "export", socket.toString())) {
      child.expect("ready");
      try (RemotePool pool = RemotePool.connect(socket)) {
        Fence last = pool.importFence(issuedBy(child));
        Fence pending = pool.importFence(issuedBy(child));
        child.say("die 1");
        assertSignaled(pending, FenceError.Kind.ISSUER_LOST);
        assertSignaled(last, null);
        Elsewhere.await(
            "its work is known to have ended",
            () -> pool.sync().settle(pending.timelineName()) == 0);
      }
    }
  }
}
