package io.entrepot.reach;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** The examples of this package's description. */
final class ReachExamples {
  private ReachExamples() {}

  static void export(Path socket, long frames, Runnable served) {
    // @start region="export"
    var frameSize = new SizeClass(64 << 10, 256);
    try (var pool = BufferPool.of(SharedMemoryExporter.named("frames"), frameSize);
        var feed = pool.broadcast("feed");
        var server = PoolServer.serve(pool, socket)) { // for processes of this user
      served.run(); // @replace regex="served.run\(\);" replacement=""
      if (!feed.awaitReaders(1, 10, SECONDS)) { // wherever they are
        throw new IllegalStateException("nobody has joined for 10 s");
      }
      try (var writer = feed.writer()) {
        for (long n = 0;
            n < frames && writer.acquire(1, SECONDS) instanceof WritableView slot;
            n++) {
          slot.putLong(0, n);
          writer.publish(); // to readers of this process and of others
        }
      }
      if (!server.close(Duration.ofSeconds(10))) { // when all have read, and left
        throw new IllegalStateException("somebody is still there after 10 s");
      }
    }
    // @end
  }

  static long read(Path socket) {
    long sum = 0;
    // @start region="import"
    try (var pool = RemotePool.connect(socket);
        var reader = pool.feed("feed").join("analyser", Access.READ, Overflow.BLOCK);
        var port = reader.open()) { // all as in the exporter's process
      while (port.next(1, SECONDS) instanceof View frame) {
        sum += frame.getLong(0); // where the other process wrote it
      }
      if (!port.isEnded()) {
        throw new IllegalStateException("nothing came for a second");
      }
    }
    // @end
    return sum;
  }

  static BufferPool grant() {
    // @start region="grant"
    var exporter = SharedMemoryExporter.named("sketches").writableBy("painter");
    var pool = BufferPool.of(exporter, new SizeClass(64 << 10, 8)); // memory of its own
    // @end
    return pool;
  }

  static void write(Path socket) {
    // @start region="write"
    try (var pool = RemotePool.connect(socket);
        var reader = pool.feed("feed").join("painter", Access.WRITE, Overflow.BLOCK);
        var port = reader.open()) {
      while (port.nextBuffer(1, SECONDS) instanceof SharedBuffer frame) {
        try (frame;
            var view = port.port().mapInPlace(frame, 1, SECONDS)) { // null when a reader stays
          view.putLong(0, frame.index());
        }
      }
    }
    // @end
  }

  static void exportFence(BufferPool pool, PoolServer server, Consumer<byte[]> send) {
    // @start region="export-fence"
    try (var uploads = pool.sync().timeline("uploads")) {
      var upload = uploads.next(); // for work that begins here
      send.accept(server.exportFence(upload).toBytes()); // 24 bytes, by any means
      uploads.signal(upload.point()); // when it is done
    }
    // @end
  }

  static boolean importFence(RemotePool pool, SharedBuffer frame, byte[] received) {
    // @start region="import-fence"
    var upload = pool.importFence(SharedFence.of(received));
    frame.importFence(upload, Access.READ); // the exporter reuses it when that is over
    return upload.await(Duration.ofSeconds(1)) && upload.error().isEmpty();
    // @end
  }
}
