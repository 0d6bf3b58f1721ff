package io.entrepot.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exporting process rings for what a writer of another one waits for, and else not. */
class FarWriterWaitingTest {
  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

  @TempDir private Path folder;
  private BufferPool pool;
  private Broadcast feed;
  private PoolServer server;
  private RemotePool remote;
  private FeedReader reader;
  private PoolCore exporting;
  private PoolCore importing;

  private void open() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    assumeTrue(FutexGroup.isAvailable(), "this kernel has no futex_waitv");
    pool =
        BufferPool.of(
            SharedMemoryExporter.named("granted").writableBy("filler"), new SizeClass(64, 2));
    exporting = ((ExportedPool) pool).core();
    feed = pool.broadcast("feed");
    server = PoolServer.serve(pool, folder.resolve("pool"));
    remote = RemotePool.connect(server.socket());
    reader = remote.feed("feed").join("filler", Access.WRITE, Overflow.BLOCK);
    importing = ((PoolAttachment) reader.attachment()).pool();
  }

  @AfterEach
  void close() {
    if (pool != null) {
      reader.close();
      remote.close();
      server.close();
      feed.close();
      pool.close(Duration.ofSeconds(30));
    }
  }

  private static long word(PoolCore core, long word) {
    return core.words().getVolatile(core.layout().header(word));
  }

  /**
   * Waits for a writer to sleep, and listens beside it: the writer may look by itself just when
   * what it waits for is let go of, and leave before anybody rings.
   */
  private void listenBesideWriter() {
    listen(1);
    long startNs = System.nanoTime();
    while (word(importing, PoolDescriptor.LISTENING) < 2) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, "nobody came to listen");
      Thread.onSpinWait();
    }
  }

  private void listen(int more) {
    importing.words().getAndAdd(importing.layout().header(PoolDescriptor.LISTENING), more);
  }

  /** Takes a frame that is yet to be published, and writes to it in place when it is let. */
  private FutureTask<Boolean> writing() throws InterruptedException {
    CountDownLatch opened = new CountDownLatch(1);
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          try (FramePort port = reader.open()) {
            opened.countDown();
            try (SharedBuffer frame = port.nextBuffer(60, TimeUnit.SECONDS);
                WritableView view = port.port().mapInPlace(frame, 60, TimeUnit.SECONDS)) {
              return view != null;
            }
          }
        });
    Thread.ofPlatform().daemon().start(task);
    assertTrue(opened.await(60, TimeUnit.SECONDS));
    return task;
  }

  @Test
  void aMappingThatEndsHereRingsForAWriterElsewhere() throws Exception {
    open();
    try (FeedWriter writer = feed.writer();
        SharedBuffer buffer = pool.tryAcquire(64);
        Attachment viewing = pool.attach(Importer.viewing("viewing", Access.READ));
        Port port = viewing.open()) {
      View view = port.map(buffer);
      FutureTask<Boolean> first = writing();
      assertTrue(writer.publish(buffer.share(), null, 0, 60, TimeUnit.SECONDS));
      listenBesideWriter();
      long before = word(exporting, PoolDescriptor.BELL);
      view.close();
      assertTrue(word(exporting, PoolDescriptor.BELL) > before, "a mapping has ended");
      assertTrue(first.get());
    }
  }

  @Test
  void aLeaseThatIsReturnedRingsForAWriterElsewhere() throws Exception {
    open();
    try (FeedWriter writer = feed.writer();
        SharedBuffer buffer = pool.tryAcquire(64);
        Attachment leasing = pool.attach(Importer.leasing("native", Access.READ))) {
      NativeLease lease = leasing.lease(buffer);
      FutureTask<Boolean> first = writing();
      assertTrue(writer.publish(buffer.share(), null, 0, 60, TimeUnit.SECONDS));
      listenBesideWriter();
      long before = word(exporting, PoolDescriptor.BELL);
      lease.close();
      assertTrue(word(exporting, PoolDescriptor.BELL) > before, "a lease has ended");
      assertTrue(first.get());
    }
  }

  @Test
  void aFrameThatAReaderHereUnmapsRingsForAWriterElsewhere() throws Exception {
    open();
    try (FeedReader here = feed.join("here", Access.READ, Overflow.BLOCK);
        FramePort port = here.open();
        FeedWriter writer = feed.writer()) {
      assertNotNull(writer.acquire(60, TimeUnit.SECONDS));
      writer.publish();
      assertNotNull(port.next(60, TimeUnit.SECONDS));
      FutureTask<Boolean> first = writing();
      listenBesideWriter();
      long before = word(exporting, PoolDescriptor.BELL);
      port.unmap();
      assertTrue(word(exporting, PoolDescriptor.BELL) > before, "the frame is let go of");
      assertTrue(first.get());
      listen(-1);
      before = word(exporting, PoolDescriptor.BELL);
      assertNotNull(writer.acquire(60, TimeUnit.SECONDS));
      writer.publish();
      assertNotNull(port.next(60, TimeUnit.SECONDS));
      port.unmap();
      assertEquals(before, word(exporting, PoolDescriptor.BELL));
    }
  }
}
