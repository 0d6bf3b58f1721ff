package io.entrepot.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say. */
class FeedExamplesTest {
  @Test
  void framesAreWrittenAndRead() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK, 8)) {
      FeedExamples.write(feed, 5);
      assertEquals(10, FeedExamples.read(reader));
    }
  }

  @Test
  void lateReadersBeginWithTheNewestFrame() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed")) {
      feed.retain(2);
      FeedExamples.write(feed, 5);
      assertEquals(4, FeedExamples.newest(feed));
    }
  }

  @Test
  void leasesAreClosedByTheLibrary() {
    try (var pool = BufferPool.offHeap("pool", 64, 8);
        var feed = pool.broadcast("feed");
        var reader =
            feed.join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 8, Division.EACH)) {
      FeedExamples.write(feed, 5);
      List<Runnable> released = new ArrayList<>();
      FeedExamples.encode(reader, (address, layout, timestamp, callback) -> released.add(callback));
      assertEquals(5, pool.holders().size());
      released.forEach(Runnable::run);
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aFileIsTransferred(@TempDir Path directory) throws IOException {
    Path path = directory.resolve("file");
    Files.write(path, new byte[10_000]);
    try (var pool = BufferPool.offHeap("pool", 4096, 8);
        var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK, 8);
        var file = FileChannel.open(path)) {
      FeedExamples.copy(pool, feed, file);
      assertEquals(3, reader.unread());
      assertEquals(0, FeedExamples.read(reader));
    }
  }

  @Test
  void aPictureIsDrawnAgainWhenItsReadersHaveLetGo() {
    try (var pool = BufferPool.offHeap("pool", 4096, 1);
        var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK)) {
      var reading = new FutureTask<>(() -> FeedExamples.read(reader));
      Thread.ofPlatform().start(reading);
      FeedExamples.redraw(pool, feed, 100);
      assertEquals(99 * 100 / 2, reading.get(30, TimeUnit.SECONDS));
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
