package io.entrepot.contract;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process that exports frames on which it still has fences: {@code SOCKET}, in feed {@code
 * frames}.
 *
 * <p>It says {@code ready}, and answers each order with {@code done}: {@code publish USAGE} writes
 * a frame, its number first, and publishes it with the next point of a timeline in its reservation;
 * {@code plain} one without; {@code add USAGE} adds a point to the last; {@code signal POINT},
 * {@code fail POINT}, {@code close}, of the timeline; {@code overwrite} begins to write to the last
 * frame in place. After {@code die} it says nothing any more.
 */
final class FencedFramesProcess {
  static final int BUFFERS = 4;
  static final int BYTES = 4096;

  private final BufferPool pool;
  private final Timeline timeline;
  private final FeedWriter writer;
  private final Port port;
  private long frames;
  private SharedBuffer last;

  private FencedFramesProcess(BufferPool pool, FeedWriter writer, Port port) {
    this.pool = pool;
    this.timeline = pool.sync().timeline("child");
    this.writer = writer;
    this.port = port;
  }

  public static void main(String[] args) throws Exception {
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named("fenced"), new SizeClass(BYTES, BUFFERS));
        Broadcast feed = pool.broadcast("frames");
        PoolServer server = PoolServer.serve(pool, Path.of(args[0]));
        FeedWriter writer = feed.writer();
        Attachment attachment = pool.attach(Importer.viewing("writing", Access.WRITE));
        Port port = attachment.open()) {
      FencedFramesProcess process = new FencedFramesProcess(pool, writer, port);
      System.out.println("ready");
      BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
      for (String order = input.readLine(); order != null; order = input.readLine()) {
        process.obey(order.split(" "));
        System.out.println("done");
      }
      // Killed by the test, whatever is held.
      Runtime.getRuntime().halt(server.peers().size());
    }
  }

  private void obey(String[] order) {
    switch (order[0]) {
      case "publish" -> publish(Usage.valueOf(order[1]));
      case "plain" -> publish(null);
      case "add" -> last.reservation().add(timeline.next(), Usage.valueOf(order[1]));
      case "signal" -> timeline.signal(Long.parseLong(order[1]));
      case "fail" ->
          timeline.signal(Long.parseLong(order[1]), FenceError.failed("the child says so"));
      case "close" -> timeline.close();
      case "overwrite" -> {
        WritableView view = port.mapInPlace(last, 30, TimeUnit.SECONDS);
        view.putLong(0, -1);
      }
      case "die" -> Runtime.getRuntime().halt(0);
      default -> throw new IllegalArgumentException(order[0]);
    }
  }

  private void publish(Usage usage) {
    if (last != null) {
      last.close();
    }
    SharedBuffer buffer = pool.acquire(BYTES, 30, TimeUnit.SECONDS);
    try (WritableView view = port.mapForWriting(buffer)) {
      view.putLong(0, frames);
    }
    frames++;
    last = buffer.share();
    if (usage != null) {
      buffer.reservation().add(timeline.next(), usage);
    }
    if (!writer.publish(buffer, null, 0, 30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("frame " + frames + " was not published");
    }
  }
}
