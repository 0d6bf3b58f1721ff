package io.entrepot.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.FutexGroup;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.Words;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An importing process rings for all that a thread of the exporter's may wait for, the exporter for
 * what is waited for in its place, both for their signals, and else nobody.
 */
class FarWaitingTest {
  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);
  private static final int DEPTH = 2;

  @TempDir private Path folder;
  private BufferPool pool;
  private Broadcast feed;
  private PoolServer server;
  private RemotePool remote;
  private FeedReader reader;
  private FramePort port;
  private PoolCore exporting;
  private PoolCore importing;

  private void open(int buffers) {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    assumeTrue(FutexGroup.isAvailable(), "this kernel has no futex_waitv");
    pool = BufferPool.of(SharedMemoryExporter.named("pool"), new SizeClass(64, buffers));
    exporting = ((ExportedPool) pool).core();
    feed = pool.broadcast("feed");
    server = PoolServer.serve(pool, folder.resolve("pool"));
    remote = RemotePool.connect(server.socket());
    reader = remote.feed("feed").join("reader", Access.READ, Overflow.BLOCK, DEPTH);
    importing = ((PoolAttachment) reader.attachment()).pool();
    port = reader.open();
  }

  @AfterEach
  void close() {
    if (pool != null) {
      port.close();
      reader.close();
      remote.close();
      server.close();
      feed.close();
      pool.close();
    }
  }

  private static long word(PoolCore core, long word) {
    Words words = core.words();
    return words.getVolatile(core.layout().header(word));
  }

  private long rings() {
    return word(importing, PoolDescriptor.BELL);
  }

  /** A writer that publishes so many frames, on a thread of its own. */
  private FutureTask<Integer> publishing(int frames) {
    FutureTask<Integer> task =
        new FutureTask<>(() -> {
          try (FeedWriter opened = feed.writer()) {
            int published = 0;
            while (published < frames && opened.acquire(60, TimeUnit.SECONDS) != null) {
              opened.publish();
              published++;
            }
            return published;
          }
        });
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private void awaitListening() {
    awaitListening(1);
  }

  private void awaitListening(int listeners) {
    long startNs = System.nanoTime();
    while (word(exporting, PoolDescriptor.LISTENING) < listeners) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, "nobody came to listen");
      Thread.onSpinWait();
    }
  }

  /**
   * Listens beside whoever sleeps: that may look by itself just when what it waits for is let go
   * of, and leave before anybody rings.
   */
  private void listenBeside(int more) {
    exporting.words().getAndAdd(exporting.layout().header(PoolDescriptor.LISTENING), more);
  }

  @Test
  void aFrameThatIsTakenRingsForTheWriterOfAFullRing() throws Exception {
    open(8);
    FutureTask<Integer> writing = publishing(DEPTH + 1);
    listenBeside(1);
    awaitListening(2);
    assertEquals(0, rings());
    SharedBuffer taken = port.nextBuffer(0, TimeUnit.SECONDS);
    assertTrue(rings() > 0, "room was made");
    assertEquals(DEPTH + 1, writing.get());
    taken.close();
    listenBeside(-1);
    assertEquals(0, word(exporting, PoolDescriptor.LISTENING));
  }

  @Test
  void aFrameThatIsLetGoOfRingsForTheWriterOfAnEmptyPool() throws Exception {
    open(DEPTH);
    FutureTask<Integer> writing = publishing(DEPTH + 3);
    listenBeside(1);
    // What is mapped is in the way, so that each of these is what the writer waits for.
    awaitListening(2);
    port.next(60, TimeUnit.SECONDS);
    awaitListening(2);
    long before = rings();
    port.unmap();
    assertTrue(rings() > before, "a mapping has ended");

    SharedBuffer held = port.nextBuffer(60, TimeUnit.SECONDS);
    awaitListening(2);
    before = rings();
    held.close();
    assertTrue(rings() > before, "a hold was dropped");

    port.next(60, TimeUnit.SECONDS);
    View kept = port.keep();
    awaitListening(2);
    before = rings();
    kept.close();
    assertTrue(rings() > before, "a view was closed");

    while (port.next(60, TimeUnit.SECONDS) != null) {
      port.unmap();
    }
    assertEquals(DEPTH + 3, writing.get());
  }

  /**
   * Some are signaled when they are asked and not before, so the pool is looked at each
   * millisecond.
   */
  @Test
  void aFenceOfThisProcessIsWaitedForByShortSleeps() throws Exception {
    open(2);
    try (Timeline timeline = pool.sync().timeline("device");
        SharedBuffer other = pool.tryAcquire(64)) {
      assertNotNull(other);
      try (SharedBuffer worked = pool.tryAcquire(64)) {
        worked.reservation().add(timeline.next(), Usage.READ);
      }
      FutureTask<Boolean> acquiring =
          new FutureTask<>(() -> {
            try (SharedBuffer acquired = pool.acquire(64, 60, TimeUnit.SECONDS)) {
              return acquired != null;
            }
          });
      Thread.ofPlatform().daemon().start(acquiring);
      awaitListening();
      assertTrue(exporting.free().isAnyKeptByFences());
      timeline.signal(1);
      assertTrue(acquiring.get());
      assertFalse(exporting.free().isAnyKeptByFences());
    }
  }

  /** So that the pool is looked at by long sleeps. */
  @Test
  void aFenceThatTheImporterSignalsRingsForTheWriterOfAnEmptyPool() throws Exception {
    open(DEPTH);
    try (Timeline timeline = remote.sync().timeline("device")) {
      FutureTask<Integer> writing = publishing(DEPTH + 1);
      listenBeside(1);
      awaitListening(2);
      try (SharedBuffer held = port.nextBuffer(60, TimeUnit.SECONDS)) {
        held.reservation().add(timeline.next(), Usage.READ);
      }
      awaitListening(2);
      assertFalse(exporting.free().isAnyKeptByFences(), "none of this process");
      long before = rings();
      timeline.signal(1);
      assertTrue(rings() > before, "its signal");
      assertEquals(DEPTH + 1, writing.get());
    }
  }

  // ---------------------------------------------------------------- signals

  private static long signalWord(PoolCore core, long word) {
    return core.words().getVolatile(core.layout().signalsPlace() + word);
  }

  private static void listenForSignalsBeside(PoolCore core, int more) {
    core.words().getAndAdd(core.layout().signalsPlace(), more);
  }

  /** Waits for somebody to listen, and listens beside it from before that on. */
  private static void awaitListeningForSignals(PoolCore core) {
    listenForSignalsBeside(core, 1);
    long startNs = System.nanoTime();
    while (signalWord(core, 0) < 2) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, "nobody came to listen");
      Thread.onSpinWait();
    }
  }

  private static long signalRings(PoolCore core) {
    return signalWord(core, Words.WORD_BYTES);
  }

  @Test
  void anImportedFenceIsRungForWhereItIsSignaled() throws Exception {
    open(2);
    try (Timeline here = pool.sync().timeline("here");
        Timeline there = remote.sync().timeline("there")) {
      here.issue();
      there.issue();
      here.signal(1);
      there.signal(1);
      assertEquals(0, signalRings(exporting) + signalRings(importing), "nobody listens");

      Fence imported = remote.importFence(server.exportFence(here.next()));
      awaitListeningForSignals(importing);
      here.signal(2);
      assertTrue(signalRings(exporting) > 0);
      assertTrue(imported.await(Duration.ofSeconds(60)));

      Fence exported =
          server.importFence(server.peers().getFirst(), remote.exportFence(there.next()));
      awaitListeningForSignals(exporting);
      there.signal(2);
      assertTrue(signalRings(importing) > 0);
      assertTrue(exported.await(Duration.ofSeconds(60)));
      assertEquals(0, rings(), "nothing was let go of");
    }
  }

  @Test
  void aFrameWhoseFenceIsPendingIsRungForWhereItIsSignaled() throws Exception {
    open(2);
    try (Timeline timeline = pool.sync().timeline("device");
        FeedWriter writer = feed.writer();
        SharedBuffer buffer = pool.tryAcquire(64)) {
      buffer.reservation().add(timeline.next(), Usage.WRITE);
      Reading reading = new Reading();
      reading.start(Thread.ofPlatform().daemon());
      assertTrue(writer.publish(buffer.share(), null, 0, 60, TimeUnit.SECONDS));
      awaitListeningForSignals(importing);
      long before = signalRings(exporting);
      timeline.signal(1);
      assertTrue(signalRings(exporting) > before);
      assertTrue(reading.task.get());
      listenForSignalsBeside(importing, -1);
      assertEquals(0, signalWord(importing, 0), "nobody is counted");
    }
  }

  @Test
  void aFrameThatIsWrittenInPlaceIsRungForWhenThatEnds() throws Exception {
    open(2);
    try (FeedWriter writer = feed.writer();
        SharedBuffer buffer = pool.tryAcquire(64);
        Attachment writing = pool.attach(Importer.viewing("writing", Access.WRITE));
        Port writes = writing.open()) {
      assertTrue(writer.publish(buffer.share(), null, 0, 60, TimeUnit.SECONDS));
      SharedBuffer taken = port.nextBuffer(60, TimeUnit.SECONDS);
      assertNotNull(taken);
      taken.close();
      WritableView inPlace = writes.mapInPlace(buffer, 60, TimeUnit.SECONDS);
      assertNotNull(inPlace, pool::dump);
      Reading reading = new Reading();
      reading.start(Thread.ofPlatform().daemon());
      assertTrue(writer.publish(buffer.share(), null, 0, 60, TimeUnit.SECONDS));
      awaitListeningForSignals(importing);
      long before = signalRings(exporting);
      inPlace.close();
      assertTrue(signalRings(exporting) > before);
      assertTrue(reading.task.get());
    }
  }

  /** Who waits for a frame that is yet to be published. */
  private final class Reading implements Callable<Boolean> {
    private final CountDownLatch opened = new CountDownLatch(1);
    private final FutureTask<Boolean> task = new FutureTask<>(this);

    Thread start(Thread.Builder thread) throws InterruptedException {
      Thread started = thread.start(task);
      assertTrue(opened.await(60, TimeUnit.SECONDS));
      return started;
    }

    @Override
    public Boolean call() {
      try (FramePort own = reader.open()) {
        opened.countDown();
        return own.next(60, TimeUnit.SECONDS) != null;
      }
    }
  }

  @Test
  void aVirtualThreadThatWaitsForAFenceKeepsNoCarrier() throws Exception {
    open(2);
    try (Timeline timeline = pool.sync().timeline("device");
        FeedWriter writer = feed.writer();
        SharedBuffer buffer = pool.tryAcquire(64)) {
      buffer.reservation().add(timeline.next(), Usage.WRITE);
      Reading reading = new Reading();
      Thread thread = reading.start(Thread.ofVirtual());
      assertTrue(writer.publish(buffer.share(), null, 0, 60, TimeUnit.SECONDS));
      long startNs = System.nanoTime();
      while (thread.getState() != Thread.State.TIMED_WAITING) {
        assertTrue(System.nanoTime() - startNs < LIMIT_NS, "it never parked");
        Thread.onSpinWait();
      }
      assertEquals(0, signalWord(importing, 0), "it sleeps in no call of the kernel's");
      timeline.signal(1);
      assertTrue(reading.task.get());
    }
  }

  @Test
  void whileNobodyListensNothingIsRung() throws Exception {
    open(8);
    try (FeedWriter opened = feed.writer()) {
      for (int i = 0; i < 1_000; i++) {
        assertNotNull(opened.acquire(60, TimeUnit.SECONDS));
        opened.publish();
        assertNotNull(port.next(60, TimeUnit.SECONDS));
        port.unmap();
      }
      assertEquals(0, rings());
    }
  }
}
