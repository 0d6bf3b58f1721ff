package io.entrepot.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd is Linux's")
class ReachExamplesTest {
  @TempDir Path folder;

  @Test
  void whatIsExportedIsRead() throws Exception {
    Path socket = folder.resolve("frames");
    CompletableFuture<Void> served = new CompletableFuture<>();
    CompletableFuture<Void> exporting =
        CompletableFuture.runAsync(
            () -> ReachExamples.export(socket, 100, () -> served.complete(null)),
            task -> Thread.ofPlatform().daemon().start(task));
    served.get(30, TimeUnit.SECONDS);
    assertEquals(99 * 100 / 2, ReachExamples.read(socket));
    exporting.get(30, TimeUnit.SECONDS);
  }

  @Test
  void whatIsGrantedIsWritten() throws Exception {
    try (BufferPool pool = ReachExamples.grant();
        PoolServer server = PoolServer.serve(pool, folder.resolve("sketches"));
        Broadcast feed = pool.broadcast("feed")) {
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(
              () -> ReachExamples.write(server.socket()),
              task -> Thread.ofPlatform().daemon().start(task));
      assertTrue(feed.awaitReaders(1, 30, TimeUnit.SECONDS));
      try (SharedBuffer frame = pool.tryAcquire(64);
          Port port = pool.attach(Importer.viewing("here", Access.WRITE)).open()) {
        try (WritableView view = port.mapForWriting(frame)) {
          view.putLong(0, -1);
        }
        try (FeedWriter writer = feed.writer()) {
          writer.publish(frame.share(), null, 0, 30, TimeUnit.SECONDS);
        }
        writing.get(30, TimeUnit.SECONDS);
        try (View view = port.map(frame)) {
          assertEquals(frame.index(), view.getLong(0));
        }
      }
    }
  }

  @Test
  void aFenceIsWaitedForInTheOtherProcess() {
    SizeClass size = new SizeClass(4096, 1);
    try (BufferPool pool = BufferPool.of(SharedMemoryExporter.named("frames"), size);
        PoolServer server = PoolServer.serve(pool, folder.resolve("fenced"));
        Broadcast feed = pool.broadcast("feed");
        RemotePool remote = RemotePool.connect(server.socket());
        FeedReader reader = remote.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open()) {
      try (FeedWriter writer = feed.writer()) {
        writer.acquire(30, TimeUnit.SECONDS);
        writer.publish();
      }
      try (SharedBuffer frame = port.nextBuffer(30, TimeUnit.SECONDS)) {
        CompletableFuture<byte[]> sent = new CompletableFuture<>();
        ReachExamples.exportFence(pool, server, sent::complete);
        assertTrue(ReachExamples.importFence(remote, frame, sent.join()));
      }
    }
  }
}
