package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.RemotePool;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A process with one importer, started by the decoder's: {@code ROLE}.
 *
 * <p>{@code Order}s come on standard input, what is {@code Told} goes to standard output, and
 * neither says a byte of a frame: those are read where the decoder has written them. The process
 * ends with its work, and when the decoder's does.
 */
public final class VideoImporter {
  private static final int FAILED = 1;

  private final RunFailure failure = new RunFailure();
  private final JsonLines.Reader<Order> orders;
  private final ToldLog log;
  private final Map<String, RemotePool> pools = new HashMap<>();

  private VideoImporter(InputStream orders, OutputStream told) {
    this.orders = new JsonLines.Reader<>(orders, Order.class);
    this.log = new ToldLog(new JsonLines.Writer<>(told), failure);
  }

  /** Does the work of a role. */
  public static void main(String[] args) {
    // Not System.out, which does not say that nobody listens. What is printed there is for people.
    OutputStream pipe = new FileOutputStream(FileDescriptor.out);
    System.setOut(System.err);
    av_log_set_level(AV_LOG_QUIET);
    System.exit(new VideoImporter(System.in, pipe).run(Role.valueOf(args[0])) ? 0 : FAILED);
  }

  /** Does all the work; whether it went well. */
  private boolean run(Role role) {
    try {
      if (!(orders.read() instanceof Order.Begin begin)) {
        throw new VideoException("the first order is not to begin");
      }
      FrameImporter importer =
          role.importer(begin.timing(), begin.threads(), Path.of(begin.transcoded()), log);
      ImporterThread thread = new ImporterThread(importer, failure);
      // Not waited for: who fails says so, whether there are more orders or not.
      Thread.ofPlatform().daemon().name("orders").start(() -> obey(importer, thread));
      thread.awaitEnd();
      failure.check();
      synchronized (this) {
        pools.values().forEach(RemotePool::close);
      }
      log.tell(new Told.Finished());
      return true;
    } catch (IOException | RuntimeException | Error e) {
      log.tell(new Told.Failed(e instanceof VideoException ? e.getMessage() : e.toString()));
      return false;
    }
  }

  private void obey(FrameImporter importer, ImporterThread thread) {
    try {
      Order order = orders.read();
      while (order instanceof Order.Follow follow) {
        thread.follow(join(importer, follow), log.source(follow.geometry()));
        log.tell(new Told.Joined());
        order = orders.read();
      }
      if (!(order instanceof Order.Finish)) {
        throw new VideoException("the decoder's process has ended");
      }
    } catch (IOException | RuntimeException | Error e) {
      failure.set(e);
    } finally {
      thread.end();
    }
  }

  /** A pool has several feeds when a geometry comes back. */
  private synchronized FeedReader join(FrameImporter importer, Order.Follow follow) {
    return pools
        .computeIfAbsent(follow.socket(), socket -> RemotePool.connect(Path.of(socket)))
        .feed(follow.feed())
        .join(importer.importer(), Overflow.BLOCK, follow.depth(), Division.EACH);
  }
}
