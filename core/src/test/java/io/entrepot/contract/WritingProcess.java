package io.entrepot.contract;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WritableView;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process that exports a pool and writes to a feed: {@code SOCKET FEED FRAMES [RETAINED]}.
 *
 * <p>It says {@code serving at SOCKET}, waits for a byte of input, publishes so many frames, says
 * {@code published}, and waits for its input to end before it closes everything.
 */
final class WritingProcess {
  private WritingProcess() {}

  public static void main(String[] args) throws Exception {
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named("frames"), new SizeClass(64 << 10, 16));
        Broadcast feed = pool.broadcast(args[1]);
        PoolServer server = PoolServer.serve(pool, Path.of(args[0]))) {
      if (args.length > 3) {
        feed.retain(Integer.parseInt(args[3]));
      }
      System.out.println("serving at " + server.socket());
      if (System.in.read() < 0) {
        return;
      }
      try (FeedWriter writer = feed.writer()) {
        for (long frame = 0; frame < Long.parseLong(args[2]); frame++) {
          WritableView view = writer.acquire(30, TimeUnit.SECONDS);
          Pattern.put(view, frame);
          writer.publish();
        }
        System.out.println("published");
        while (System.in.read() >= 0) {
          // Until the test closes it.
        }
      }
    }
  }
}
