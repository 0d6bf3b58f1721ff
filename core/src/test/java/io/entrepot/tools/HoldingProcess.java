package io.entrepot.tools;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;

/**
 * A process that exports a pool of 12 buffers of 64 KiB and 4 of 1 MiB and uses some: {@code NAME
 * SOCKET}.
 *
 * <p>It says {@code serving at SOCKET}. At each line of input it does something: {@code publish}
 * publishes a frame; {@code own} acquires one through a port and one by a writer; {@code fence}
 * acquires a large one as a reference and adds a fence to it; {@code map} has a reader map a frame.
 * It says {@code done} behind each, and at {@code dump} what the pool says of itself.
 */
final class HoldingProcess {
  static final int BUFFERS = 16;

  /** What would end if it were collected. */
  private static final List<Object> KEPT = new ArrayList<>();

  private HoldingProcess() {}

  public static void main(String[] args) throws Exception {
    try (BufferPool pool =
            BufferPool.of(
                SharedMemoryExporter.named(args[0]),
                new SizeClass(64 << 10, 12),
                new SizeClass(1 << 20, 4));
        Broadcast feed = pool.broadcast("feed");
        FeedReader reader = feed.join("local", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open();
        FeedWriter writer = feed.writer();
        PoolPort owner = pool.open("owner");
        PoolServer server = PoolServer.serve(pool, Path.of(args[1]));
        Timeline timeline = pool.sync().timeline("timeline 0")) {
      System.out.println("serving at " + server.socket());
      Scanner orders = new Scanner(System.in);
      while (orders.hasNextLine()) {
        switch (orders.nextLine()) {
          case "publish" -> {
            writer.acquire(10, TimeUnit.SECONDS).putLong(0, 7);
            writer.publish();
          }
          case "own" -> {
            owner.tryAcquire();
            writer.acquire(10, TimeUnit.SECONDS);
          }
          case "fence" -> {
            SharedBuffer large = pool.tryAcquire(1 << 20);
            large.reservation().add(timeline, timeline.issue(), Usage.READ);
            KEPT.add(large);
          }
          case "map" -> port.next(10, TimeUnit.SECONDS);
          case "dump" -> System.out.print(pool.dump());
          default -> throw new IllegalArgumentException("unknown order");
        }
        System.out.println("done");
      }
    }
  }
}
