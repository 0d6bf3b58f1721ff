package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
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

/** C5, C13: frames of a process that is really another, and that still has fences on them. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class C13FencedFramesTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(5);
  private static final String PROCESS = "[pidfd]";

  @TempDir Path folder;
  private long processes;
  private ChildJvm child;
  private RemotePool pool;
  private FeedReader reader;
  private FramePort port;

  @BeforeEach
  void connect() throws IOException {
    processes = OpenDescriptors.of(PROCESS);
    Path socket = folder.resolve("pool");
    child = ChildJvm.start(FencedFramesProcess.class, socket.toString());
    child.expect("ready");
    pool = RemotePool.connect(socket);
    reader = pool.feed("frames").join("reader", Access.READ, Overflow.BLOCK);
    port = reader.open();
  }

  @AfterEach
  void nothingIsLeft() {
    port.close();
    reader.close();
    pool.close();
    child.close();
    Elsewhere.await(
        "handles of processes are closed", () -> OpenDescriptors.of(PROCESS) <= processes);
  }

  private void done(String order) throws IOException {
    child.say(order);
    child.expect("done");
  }

  /** The next frame as a reference, which is taken whatever its fences. */
  private SharedBuffer frame() {
    SharedBuffer frame = port.nextBuffer(30, TimeUnit.SECONDS);
    assertNotNull(frame, pool::dump);
    return frame;
  }

  private static void assertSignaled(Fence fence, FenceError.Kind kind) {
    assertTrue(fence.await(LONG), fence::toString);
    assertEquals(kind, fence.error().map(FenceError::kind).orElse(null), fence::toString);
  }

  // ---------------------------------------------------------------- while both live

  @Test
  void aQuerySeesTheExportersFencesOfItsUsageAndOfThoseBefore() throws IOException {
    for (Usage added : Usage.values()) {
      long point = added.ordinal() + 1;
      done("publish " + added);
      try (SharedBuffer frame = frame()) {
        Reservation fences = frame.reservation();
        for (Usage asked : Usage.values()) {
          boolean sees = added.ordinal() <= asked.ordinal();
          String which = added + " asked as " + asked;
          assertEquals(!sees, fences.isSignaled(asked), which);
          assertEquals(sees ? 1 : 0, fences.pending(asked), which);
          assertEquals(sees ? 1 : 0, fences.snapshot(asked).size(), which);
          assertEquals(!sees, fences.await(asked, SHORT), which);
        }
        String text = fences.describe();
        assertTrue(text.contains(added + " timeline 0:" + point), text);
        assertTrue(text.contains("process " + child.pid()), text);
        done("signal " + point);
        assertTrue(fences.await(Usage.BOOKKEEP, Duration.ZERO));
        assertEquals("", fences.describe());
        assertEquals(0, fences.snapshot(Usage.BOOKKEEP).size());
      }
    }
  }

  @Test
  void aWaitEndsWithTheSignalAndSeesWhatIsAddedMeanwhile() throws IOException {
    done("publish WRITE");
    try (SharedBuffer frame = frame()) {
      FenceSnapshot before = frame.reservation().snapshot(Usage.WRITE);
      var waiting =
          Elsewhere.start(() -> frame.reservation().await(Usage.WRITE, LONG)).awaitWaiting();
      done("add WRITE");
      done("signal 1");
      assertTrue(before.await(LONG));
      assertFalse(frame.reservation().await(Usage.WRITE, SHORT));
      assertFalse(waiting.isDone());
      done("signal 2");
      assertTrue(waiting.result());
      assertTrue(before.isSignaled());
    }
  }

  @Test
  void aWaitInVainEndsInTimeAndAnInterruptEndsIt() throws IOException {
    done("publish WRITE");
    try (SharedBuffer frame = frame()) {
      Reservation fences = frame.reservation();
      assertFalse(fences.await(Usage.WRITE, Duration.ZERO));
      assertFalse(fences.await(Usage.WRITE, Duration.ofSeconds(Long.MIN_VALUE)));
      assertFalse(fences.snapshot(Usage.WRITE).await(SHORT));
      var waiting =
          Elsewhere.start(() -> {
            assertFalse(fences.await(Usage.WRITE, Duration.ofMinutes(10)));
            return Thread.interrupted();
          });
      waiting.awaitWaiting();
      waiting.thread().interrupt();
      assertTrue(waiting.result(), "the interrupt stays set");
      done("signal 1");
      assertTrue(fences.await(Usage.WRITE, Duration.ofSeconds(Long.MIN_VALUE)));
    }
  }

  @Test
  void anExportedFenceEndsWithTheExportersErrorAndCanProtectAnotherFrame() throws IOException {
    done("publish WRITE");
    done("plain");
    try (SharedBuffer frame = frame();
        SharedBuffer plain = frame();
        Timeline own = pool.sync().timeline("own")) {
      Fence all = frame.exportFence(Access.READ);
      assertFalse(all.isSignaled());
      plain.reservation().copyFrom(frame.reservation());
      assertEquals(1, plain.reservation().pending(Usage.WRITE));
      frame.reservation().add(own.next(), Usage.READ);
      assertEquals(2, frame.reservation().pending(Usage.READ));
      assertEquals(2, frame.reservation().snapshot(Usage.READ).size());
      done("fail 1");
      assertSignaled(all, FenceError.Kind.FAILED);
      assertTrue(plain.reservation().await(Usage.BOOKKEEP, LONG));
      assertEquals(1, frame.reservation().pending(Usage.READ));
      assertFalse(frame.reservation().isSignaled(Usage.READ));
      own.signal(1);
      assertTrue(frame.reservation().isSignaled(Usage.READ));
    }
  }

  @Test
  void aTimelineThatIsClosedThereEndsWaiting() throws IOException {
    done("publish WRITE");
    try (SharedBuffer frame = frame()) {
      Fence fence = frame.exportFence(Access.READ);
      done("close");
      assertTrue(frame.reservation().await(Usage.WRITE, LONG));
      assertSignaled(fence, FenceError.Kind.ISSUER_CLOSED);
    }
  }

  // ---------------------------------------------------------------- death

  @Test
  void aKilledExportersFencesEndWaitingWithAnError() throws Exception {
    done("publish WRITE");
    done("plain");
    try (SharedBuffer frame = frame()) {
      FenceSnapshot pending = frame.reservation().snapshot(Usage.WRITE);
      Fence before = frame.exportFence(Access.READ);
      var waiting =
          Elsewhere.start(() -> frame.reservation().await(Usage.WRITE, LONG)).awaitWaiting();
      child.kill();
      assertTrue(waiting.result());
      assertTrue(pending.await(LONG));
      assertSignaled(before, FenceError.Kind.ISSUER_LOST);
      Elsewhere.await("the end is known", () -> !pool.isConnected());
      assertSignaled(pending.fence(0), FenceError.Kind.ISSUER_LOST);
      assertTrue(frame.reservation().isSignaled(Usage.BOOKKEEP));
      assertEquals(0, frame.reservation().pending(Usage.BOOKKEEP));
      assertEquals(0, frame.reservation().snapshot(Usage.BOOKKEEP).size());
      try (View view = port.port().map(frame, 0, TimeUnit.SECONDS)) {
        assertEquals(0, view.getLong(0));
      }
      assertEquals(0, port.next(30, TimeUnit.SECONDS).getLong(0) - 1, "the frame behind it");
      assertThrows(FeedFailedException.class, () -> port.next(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void whatWasSignaledBeforeTheEndWasNotLost() throws Exception {
    done("publish WRITE");
    done("add READ");
    try (SharedBuffer frame = frame()) {
      FenceSnapshot pending = frame.reservation().snapshot(Usage.READ);
      assertEquals(2, pending.size());
      done("signal 1");
      child.kill();
      Elsewhere.await("the end is known", () -> !pool.isConnected());
      for (int i = 0; i < pending.size(); i++) {
        Fence fence = pending.fence(i);
        assertSignaled(fence, pending.point(i) == 1 ? null : FenceError.Kind.ISSUER_LOST);
        // Known when the process is known to have ended, which may be a moment later.
        Elsewhere.await(
            "it is over", () -> frame.reservation().importFence(fence, Usage.READ) == 0);
      }
    }
  }

  @Test
  void aFrameThatAKilledExportersFenceKeptIsRead() throws Exception {
    done("publish WRITE");
    assertNull(port.next(1, TimeUnit.MILLISECONDS));
    Thread reading = Thread.currentThread();
    var killing =
        Elsewhere.start(() -> {
          Elsewhere.await("it waits", () -> Elsewhere.isWaiting(reading, reading.getStackTrace()));
          child.kill();
          return true;
        });
    View frame = port.next(30, TimeUnit.SECONDS);
    assertTrue(killing.result());
    assertNotNull(frame, pool::dump);
    assertEquals(0, frame.getLong(0));
  }

  @Test
  void aFrameThatWasHalfOverwrittenWhenItsProcessDiedIsToldOf() throws Exception {
    done("plain");
    done("plain");
    assertEquals(0, port.next(30, TimeUnit.SECONDS).getLong(0));
    done("overwrite");
    assertNull(port.next(1, TimeUnit.MILLISECONDS));
    child.kill();
    Elsewhere.await("the end is known", () -> !pool.isConnected());
    String text =
        assertThrows(FeedFailedException.class, () -> port.next(30, TimeUnit.SECONDS)).getMessage();
    assertTrue(text.contains("half overwritten"), text);
    frame().close();
    text =
        assertThrows(FeedFailedException.class, () -> port.next(30, TimeUnit.SECONDS)).getMessage();
    assertFalse(text.contains("half overwritten"), text);
  }

  @Test
  void whoWaitsForAFrameThatIsBeingOverwrittenIsToldOfTheEnd() throws Exception {
    done("plain");
    done("plain");
    assertEquals(0, port.next(30, TimeUnit.SECONDS).getLong(0));
    done("overwrite");
    Thread reading = Thread.currentThread();
    var killing =
        Elsewhere.start(() -> {
          Elsewhere.await("it waits", () -> Elsewhere.isWaiting(reading, reading.getStackTrace()));
          child.kill();
          return true;
        });
    assertThrows(FeedFailedException.class, () -> port.next(10, TimeUnit.SECONDS));
    assertTrue(killing.result());
  }
}
