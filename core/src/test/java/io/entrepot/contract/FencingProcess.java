package io.entrepot.contract;

import io.entrepot.flow.BufferPool;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.reach.SharedFence;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Function;

/**
 * A process that exports fences of a timeline of its own: {@code export SOCKET}, of a pool that it
 * serves, or {@code import SOCKET}, of one that it has imported.
 *
 * <p>It says {@code ready}, and answers each order with one line: {@code issue} with the name of
 * the next point, {@code signal POINT}, {@code fail POINT} and {@code close} with {@code done},
 * {@code await NAME} with how that fence of the other side ended. After {@code die POINT}, which
 * signals the point as the last thing that it does, it says nothing any more.
 */
final class FencingProcess {
  private final Timeline timeline;
  private final Function<Fence, SharedFence> exporting;
  private final Function<SharedFence, Fence> importing;

  private FencingProcess(
      Timeline timeline,
      Function<Fence, SharedFence> exporting,
      Function<SharedFence, Fence> importing) {
    this.timeline = timeline;
    this.exporting = exporting;
    this.importing = importing;
  }

  public static void main(String[] args) throws Exception {
    Path socket = Path.of(args[1]);
    if (args[0].equals("export")) {
      try (BufferPool pool =
              BufferPool.of(SharedMemoryExporter.named("fenced"), new SizeClass(4096, 4));
          PoolServer server = PoolServer.serve(pool, socket)) {
        new FencingProcess(
                pool.sync().timeline("child"),
                server::exportFence,
                name -> server.importFence(server.peers().getFirst(), name))
            .obey();
      }
    } else {
      try (RemotePool pool = RemotePool.connect(socket)) {
        new FencingProcess(pool.sync().timeline("child"), pool::exportFence, pool::importFence)
            .obey();
      }
    }
  }

  private void obey() throws Exception {
    System.out.println("ready");
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String order = input.readLine(); order != null; order = input.readLine()) {
      System.out.println(answer(order.split(" ")));
    }
  }

  private String answer(String[] order) {
    switch (order[0]) {
      case "issue" -> {
        return HexFormat.of().formatHex(exporting.apply(timeline.next()).toBytes());
      }
      case "await" -> {
        Fence fence = importing.apply(SharedFence.of(HexFormat.of().parseHex(order[1])));
        return fence.await(Duration.ofSeconds(30))
            ? fence.error().map(error -> error.kind().name()).orElse("signaled")
            : "pending";
      }
      case "signal" -> timeline.signal(Long.parseLong(order[1]));
      case "fail" ->
          timeline.signal(Long.parseLong(order[1]), FenceError.failed("the child says so"));
      case "close" -> timeline.close();
      case "die" -> {
        timeline.signal(Long.parseLong(order[1]));
        Runtime.getRuntime().halt(0);
      }
      default -> throw new IllegalArgumentException(order[0]);
    }
    return "done";
  }
}
