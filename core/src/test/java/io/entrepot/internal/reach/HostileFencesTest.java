package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.SharedFence;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: whatever an importing process writes as its timelines, its fences end, and nobody else's.
 */
class HostileFencesTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int BUFFERS = 2;
  private static final String NAME = "fenced";
  private static final long DOMAIN = 77;

  /** Where the timelines lie: behind the header, the buffers and the lanes. */
  private static final long TIMELINES = 384 + 256L * BUFFERS + 256L * PoolCore.LANES;

  private static final long RECORD_BYTES = 128;
  private static final long SIGNALED = 0;
  private static final long ISSUED = 8;
  private static final long UNSETTLED_FROM = 24;
  private static final long UNSETTLED_TO = 32;
  private static final long ERROR_FIRST = 56;
  private static final long ERROR_LAST = 64;
  private static final long AN_ERROR = 1L << 46;
  private static final int RECORD = 3;

  @TempDir Path folder;
  private final AtomicReference<Throwable> uncaught = new AtomicReference<>();
  private Thread.UncaughtExceptionHandler before;
  private BufferPool pool;
  private PoolServer server;
  private RawPeer peer;
  private Arena arena;
  private MemorySegment words;

  @BeforeEach
  void connect() throws InterruptedException {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.set(thrown));
    pool = BufferPool.of(SharedMemoryExporter.named(NAME), new SizeClass(4096, BUFFERS));
    server = PoolServer.serve(pool, folder.resolve("pool"));
    peer = RawPeer.connect(server.socket());
    List<Descriptor> sent = peer.greet().descriptors(3);
    arena = Arena.ofShared();
    try (SharedMemory lane = SharedMemory.received(sent.get(2))) {
      words = lane.map(true, arena);
    }
    sent.get(0).close();
    sent.get(1).close();
    put(8, DOMAIN);
    write(ISSUED, 10);
  }

  @AfterEach
  void nothingIsLeft() {
    if (server == null) {
      return;
    }
    Thread.setDefaultUncaughtExceptionHandler(before);
    peer.close();
    arena.close();
    server.close();
    pool.close(LONG);
    assertEquals(0, OpenDescriptors.of(NAME));
    assertEquals(null, uncaught.get());
  }

  private void put(long at, long value) {
    words.set(ValueLayout.JAVA_LONG, at, value);
  }

  private void write(long word, long value) {
    put(TIMELINES + RECORD * RECORD_BYTES + word, value);
  }

  private Fence imported(int timeline, long point) {
    return server.importFence(server.peers().getFirst(), new SharedFence(DOMAIN, timeline, point));
  }

  private static void assertSignaled(Fence fence, FenceError.Kind kind) {
    assertTrue(fence.await(LONG), fence::toString);
    assertEquals(kind, fence.error().map(FenceError::kind).orElse(null), fence::toString);
  }

  @Test
  void pointsThatWereNotIssuedAreRefused() {
    write(ISSUED, -1);
    assertThrows(IllegalArgumentException.class, () -> imported(RECORD, 1));
    write(ISSUED, 0);
    assertThrows(IllegalArgumentException.class, () -> imported(RECORD, 1));
    put(8, 0);
    write(ISSUED, 10);
    assertThrows(IllegalArgumentException.class, () -> imported(RECORD, 1));
  }

  @Test
  void wordsThatGoBackLoseTheFence() {
    Fence fence = imported(RECORD, 10);
    assertFalse(fence.await(Duration.ofMillis(5)));
    write(ISSUED, 9);
    assertSignaled(fence, FenceError.Kind.ISSUER_LOST);
    assertTrue(fence.error().orElseThrow().message().contains("makes no sense"));
    // Said too late: what was signaled stays so, and the work counts as done.
    write(ISSUED, 10);
    write(SIGNALED, 10);
    assertSignaled(fence, FenceError.Kind.ISSUER_LOST);
  }

  @Test
  void moreThanWasIssuedIsNotSignaled() {
    Fence fence = imported(RECORD, 9);
    write(SIGNALED, 11);
    assertSignaled(fence, FenceError.Kind.ISSUER_LOST);
  }

  @Test
  void aSignalThatIsTakenBackLosesWhatIsPending() {
    Fence first = imported(RECORD, 5);
    Fence second = imported(RECORD, 6);
    write(SIGNALED, 5);
    assertSignaled(first, null);
    write(SIGNALED, 4);
    assertSignaled(second, FenceError.Kind.ISSUER_LOST);
  }

  @Test
  void anErrorThatIsNeverToldIsAssumed() {
    Fence fence = imported(RECORD, 5);
    write(SIGNALED, 5 | AN_ERROR);
    assertSignaled(fence, FenceError.Kind.FAILED);
  }

  @Test
  void anErrorThatMakesNoSenseIsOne() {
    write(ERROR_LAST, 7L << 46 | 20);
    write(ERROR_FIRST, 12345);
    Fence fence = imported(RECORD, 5);
    write(SIGNALED, 5);
    assertSignaled(fence, FenceError.Kind.FAILED);
  }

  @Test
  void whatIsUnsettledForEverEndsWaiting() {
    Fence fence = imported(RECORD, 5);
    write(UNSETTLED_FROM, Long.MIN_VALUE);
    write(UNSETTLED_TO, Long.MAX_VALUE);
    write(SIGNALED, 5);
    assertSignaled(fence, FenceError.Kind.ISSUER_LOST);
  }

  @Test
  void randomWordsEndEveryFence() {
    SplittableRandom random = new SplittableRandom(4);
    List<Fence> fences = new ArrayList<>();
    for (int round = 0; round < 2_000; round++) {
      long word = 8 * random.nextLong(16);
      long value =
          switch (random.nextInt(4)) {
            case 0 -> random.nextLong(64);
            case 1 -> random.nextLong(64) | random.nextLong(8) << 46;
            case 2 -> random.nextLong();
            default -> 0;
          };
      put(TIMELINES + random.nextLong(4) * RECORD_BYTES + word, value);
      try {
        fences.add(imported(random.nextInt(4), 1 + random.nextLong(64)));
      } catch (IllegalArgumentException | IllegalStateException refused) {
        // By what its words say, there is no such point; or too many are pending already.
        assertTrue(
            refused.getMessage().contains("not issued")
                || refused.getMessage().contains("timelines of this domain are in use"),
            refused::getMessage);
      }
    }
    assertTrue(fences.size() > 100, () -> fences.size() + " fences");
    peer.close();
    for (Fence fence : fences) {
      assertTrue(fence.await(LONG), fence::toString);
    }
  }
}
