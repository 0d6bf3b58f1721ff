package io.entrepot.benchmarks;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Streams to a reader in another process, which looks at the number in each message and tells their
 * sum at the end.
 */
public final class ProcessStream {
  static final int DEPTH = 64;
  private static final int BUFFER_BYTES = 4 << 10;

  private ProcessStream() {}

  private static void check(OtherProcess other, long sent) throws IOException {
    String seen = other.line();
    if (!seen.equals(Tally.ofFirst(sent).toString())) {
      throw new IllegalStateException("of " + Tally.ofFirst(sent) + " arrived '" + seen + "'");
    }
  }

  /** A feed; both sides spin. */
  @State(Scope.Thread)
  public static class Feed {
    private OtherProcess other;
    private BufferPool pool;
    private Broadcast feed;
    private PoolServer server;
    private FeedWriter writer;
    private long sent;

    /** Starts the reader. */
    @Setup
    public void open() throws IOException {
      Path folder = ProcessPingPong.folder();
      pool = FarFrames.pool(FarFrames.THERE, BUFFER_BYTES, 2 * DEPTH);
      feed = pool.broadcast(FarFrames.THERE);
      server = PoolServer.serve(pool, folder.resolve(FarFrames.THERE));
      other = OtherProcess.start("feedStream", folder.toString());
      other.awaitReady();
      writer = FarFrames.write(feed, true);
    }

    void write() {
      WritableView frame = writer.acquire(10, TimeUnit.SECONDS);
      if (frame == null) {
        throw new IllegalStateException("no buffer");
      }
      frame.putLong(0, sent++);
      writer.publish();
    }

    /** Ends the feed, and checks that the reader saw all of it. */
    @TearDown
    public void close() throws IOException, InterruptedException {
      writer.close();
      check(other, sent);
      other.awaitEnd();
      server.close();
      feed.close();
      pool.close();
    }
  }

  /** Messages of Aeron IPC; both sides spin. */
  @State(Scope.Thread)
  public static class Messages {
    private MediaDriver driver;
    private Aeron aeron;
    private AeronLink link;
    private OtherProcess other;
    private long sent;

    /** Starts the reader. */
    @Setup
    public void open() throws IOException {
      driver = AeronLink.startDriver();
      aeron = AeronLink.connect(driver.aeronDirectoryName());
      link = new AeronLink(aeron, AeronLink.THERE, AeronLink.BACK);
      other = OtherProcess.start("aeronStream", driver.aeronDirectoryName());
      other.awaitReady();
      link.awaitOther();
    }

    void write() {
      link.send(sent++);
    }

    /** Ends the stream, and checks that the reader saw all of it. */
    @TearDown
    public void close() throws IOException, InterruptedException {
      link.sendLast();
      check(other, sent);
      other.awaitEnd();
      link.close();
      aeron.close();
      driver.close();
    }
  }
}
