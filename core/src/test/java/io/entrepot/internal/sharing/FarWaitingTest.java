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
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.FutexGroup;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.Words;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An importing process rings for all that a thread of the exporter's may wait for, and else not.
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
    long startNs = System.nanoTime();
    while (word(exporting, PoolDescriptor.LISTENING) == 0) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, "nobody came to listen");
      Thread.onSpinWait();
    }
  }

  @Test
  void aFrameThatIsTakenRingsForTheWriterOfAFullRing() throws Exception {
    open(8);
    FutureTask<Integer> writing = publishing(DEPTH + 1);
    awaitListening();
    assertEquals(0, rings());
    SharedBuffer taken = port.nextBuffer(0, TimeUnit.SECONDS);
    assertTrue(rings() > 0, "room was made");
    assertEquals(DEPTH + 1, writing.get());
    taken.close();
    assertEquals(0, word(exporting, PoolDescriptor.LISTENING));
  }

  @Test
  void aFrameThatIsLetGoOfRingsForTheWriterOfAnEmptyPool() throws Exception {
    open(DEPTH);
    FutureTask<Integer> writing = publishing(DEPTH + 3);
    // What is mapped is in the way, so that each of these is what the writer waits for.
    awaitListening();
    port.next(60, TimeUnit.SECONDS);
    awaitListening();
    long before = rings();
    port.unmap();
    assertTrue(rings() > before, "a mapping has ended");

    SharedBuffer held = port.nextBuffer(60, TimeUnit.SECONDS);
    awaitListening();
    before = rings();
    held.close();
    assertTrue(rings() > before, "a hold was dropped");

    port.next(60, TimeUnit.SECONDS);
    View kept = port.keep();
    awaitListening();
    before = rings();
    kept.close();
    assertTrue(rings() > before, "a view was closed");

    while (port.next(60, TimeUnit.SECONDS) != null) {
      port.unmap();
    }
    assertEquals(DEPTH + 3, writing.get());
  }

  /** Its signal rings no bell, so that the pool is looked at each millisecond. */
  @Test
  void aFenceIsWaitedForByShortSleeps() throws Exception {
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
