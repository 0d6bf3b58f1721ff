package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: processes that join late, and that are killed or stopped while they read what was published
 * before they came. What late joiners see otherwise is told by {@code C8LateJoinersTest}.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class C13LateJoinersTest {
  private static final int BUFFERS = 16;
  private static final int RETAINED = 6;
  private static final int JOINS = 60;
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  @TempDir Path folder;

  /** A feed that a {@link LateReadingProcess} can join. */
  private final class Exported implements AutoCloseable {
    final BufferPool pool =
        BufferPool.of(SharedMemoryExporter.named("frames"), new SizeClass(4096, BUFFERS));
    final Broadcast feed = pool.broadcast("feed");
    final PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
    private long number;

    Exported() {
      feed.retain(RETAINED);
    }

    ChildJvm reading() throws IOException {
      ChildJvm child =
          ChildJvm.start(LateReadingProcess.class, server.socket().toString(), feed.name());
      child.expect("ready");
      return child;
    }

    void publish(FeedWriter writer, int frames) {
      for (int i = 0; i < frames; i++) {
        WritableView view = writer.acquire(30, TimeUnit.SECONDS);
        assertNotNull(view, pool::dump);
        Pattern.put(view, number++);
        writer.publish();
      }
    }

    /** Nothing is retained any more, and nobody else has anything. */
    void awaitAllFree(long sinceNs) {
      feed.retain(0);
      while (pool.statistics().free() < BUFFERS) {
        assertTrue(System.nanoTime() - sinceNs < SECOND_NS, pool::dump);
        Thread.onSpinWait();
      }
      assertEquals(List.of(), pool.holders());
    }

    @Override
    public void close() {
      server.close();
      feed.close();
      pool.close();
    }
  }

  private static void signal(ChildJvm child, String signal) throws Exception {
    assertEquals(
        0, new ProcessBuilder("kill", signal, Long.toString(child.pid())).start().waitFor());
  }

  private static String answer(ChildJvm child, String order) throws IOException {
    child.say(order);
    return child.line();
  }

  /** A reader that has read two of its backlog, of which it keeps one, and has four before it. */
  private static void startAndReadTwo(ChildJvm child, Overflow overflow) throws IOException {
    assertEquals("reading " + (RETAINED - 2), answer(child, "start OLDEST " + overflow + " 6 2"));
  }

  // ---------------------------------------------------------------- at full speed

  @Test
  void aProcessThatJoinsAtFullSpeedMissesNothingAndGetsNothingTwice() throws Exception {
    try (Exported exported = new Exported();
        ChildJvm child = exported.reading()) {
      try (FullSpeed _ = new FullSpeed(exported.feed)) {
        String[] joined = answer(child, "join " + JOINS).split(" ");
        assertEquals("joined", joined[0], () -> String.join(" ", joined));
        assertTrue(Integer.parseInt(joined[1]) > JOINS / 2, () -> joined[1] + " of " + JOINS);
      }
      child.kill();
      exported.awaitAllFree(System.nanoTime());
    }
  }

  @Test
  void aProcessKilledWhileItJoinsAtFullSpeedLosesNobodyABuffer() throws Exception {
    try (Exported exported = new Exported();
        ChildJvm other = exported.reading()) {
      try (FullSpeed _ = new FullSpeed(exported.feed)) {
        for (int times = 0; times < 2; times++) {
          ChildJvm victim = exported.reading();
          victim.say("join " + Integer.MAX_VALUE);
          assertJoined(answer(other, "join 6"));
          victim.kill();
          long killedNs = System.nanoTime();
          String name = "process " + victim.pid() + " ";
          while (exported.pool.dump().contains(name)) {
            assertTrue(System.nanoTime() - killedNs < SECOND_NS, exported.pool::dump);
          }
          assertJoined(answer(other, "join 6"));
        }
      }
      Elsewhere.await("the other is left", () -> exported.server.peers().size() == 1);
      exported.awaitAllFree(System.nanoTime());
    }
  }

  private static void assertJoined(String answer) {
    assertTrue(answer.startsWith("joined "), answer);
  }

  // ---------------------------------------------------------------- killed and stopped

  @Test
  void whatAReaderKilledInItsBacklogHadComesBackWithinASecond() throws Exception {
    for (Overflow overflow : Overflow.values()) {
      try (Exported exported = new Exported();
          FeedWriter writer = exported.feed.writer();
          ChildJvm child = exported.reading()) {
        exported.publish(writer, RETAINED);
        startAndReadTwo(child, overflow);
        exported.publish(writer, 2);
        exported.feed.retain(0);
        // Both of the new ones, four of its backlog, and the one that it has mapped.
        assertEquals(BUFFERS - 7, exported.pool.statistics().free(), exported.pool::dump);
        child.kill();
        long killedNs = System.nanoTime();
        exported.awaitAllFree(killedNs);
        while (!exported.server.peers().isEmpty()) {
          assertTrue(System.nanoTime() - killedNs < SECOND_NS, exported.server.peers()::toString);
          Thread.onSpinWait();
        }
        exported.publish(writer, 3 * BUFFERS);
      }
    }
  }

  @Test
  void aStoppedDropReaderHoldsNobodyUpAndGoesOnWithWhatItsPolicyLeaves() throws Exception {
    for (Overflow overflow : List.of(Overflow.DROP_OLDEST, Overflow.DROP_NEWEST)) {
      try (Exported exported = new Exported();
          FeedWriter writer = exported.feed.writer();
          ChildJvm child = exported.reading()) {
        exported.publish(writer, RETAINED);
        startAndReadTwo(child, overflow);
        signal(child, "-STOP");
        exported.publish(writer, 30);
        signal(child, "-CONT");
        assertEquals(
            overflow == Overflow.DROP_OLDEST
                ? "read 30 31 32 33 34 35, 28 dropped"
                : "read 2 3 4 5 6 7 8 9 10 11, 24 dropped",
            answer(child, "read"));
        exported.publish(writer, 1);
        assertTrue(answer(child, "read").startsWith("read 36,"));
        child.kill();
        exported.awaitAllFree(System.nanoTime());
      }
    }
  }

  @Test
  void aStoppedBlockReaderIsEvictedFromItsBacklogAtTheStallLimit() throws Exception {
    try (Exported exported = new Exported();
        FeedWriter writer = exported.feed.writer();
        ChildJvm child = exported.reading()) {
      exported.feed.stallLimit(Duration.ofMillis(100));
      exported.publish(writer, RETAINED);
      startAndReadTwo(child, Overflow.BLOCK);
      // Else it would look at bytes of another frame before it is told.
      assertEquals("let go", answer(child, "let go"));
      signal(child, "-STOP");
      exported.publish(writer, 3 * BUFFERS);
      exported.awaitAllFree(System.nanoTime());
      signal(child, "-CONT");
      long wokenNs = System.nanoTime();
      String told = answer(child, "read");
      while (!told.startsWith("revoked, ")) {
        assertTrue(told.startsWith("read, ") || told.startsWith("lost, "), told);
        assertTrue(System.nanoTime() - wokenNs < 10 * SECOND_NS, told);
        told = answer(child, "read");
      }
    }
  }

  @Test
  void behindTheDeathOfItsExporterItHasWhatWasRetained() throws Exception {
    Path socket = folder.resolve("theirs");
    try (ChildJvm writing =
        ChildJvm.start(WritingProcess.class, socket.toString(), "feed", "5", "3")) {
      writing.expect("serving at " + socket);
      writing.say("");
      writing.expect("published");
      try (RemotePool pool = RemotePool.connect(socket);
          FeedReader reader = LateReading.join(pool.feed("feed"), Overflow.BLOCK, 4, Start.OLDEST);
          FramePort port = reader.open()) {
        Pattern.check(port.next(0, TimeUnit.SECONDS), 2);
        writing.kill();
        Elsewhere.await("it is known to be dead", () -> !pool.isConnected());
        Pattern.check(port.next(0, TimeUnit.SECONDS), 3);
        Pattern.check(port.next(0, TimeUnit.SECONDS), 4);
        assertThrows(FeedFailedException.class, () -> port.next(10, TimeUnit.MINUTES));
        assertTrue(port.isEnded());
      }
    }
  }
}
