package io.entrepot.benchmarks;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * As {@link FramePingPong} with another process, each over a pool of its own that the other
 * imports.
 */
@State(Scope.Thread)
public class ProcessFramePingPong implements Pairable<List<String>> {
  private final long bufferBytes;
  private final boolean spins;
  private OtherSide answering;
  private BufferPool pool;
  private Broadcast feed;
  private PoolServer server;
  private Path folder;
  private FeedWriter writer;
  private RemotePool back;
  private FeedReader reader;
  private FramePort in;

  /**
   * Frames over two pools.
   *
   * @param spins whether both sides spin for as long as they wait; else they do as without an idle
   *     strategy
   */
  ProcessFramePingPong(long bufferBytes, boolean spins) {
    this.bufferBytes = bufferBytes;
    this.spins = spins;
  }

  /** Frames of 64 bytes. */
  @State(Scope.Thread)
  public static class Of64B extends ProcessFramePingPong {
    /** Both sides spin. */
    public Of64B() {
      super(64, true);
    }
  }

  /** Frames of 64 bytes between sides without an idle strategy. */
  @State(Scope.Thread)
  public static class WithoutStrategy extends ProcessFramePingPong {
    /** Both sides spin for 20 microseconds, then sleep. */
    public WithoutStrategy() {
      super(64, false);
    }
  }

  @Override
  @Setup
  public void open() throws IOException {
    connect(OtherProcess.startReady(offer()));
  }

  @Override
  public List<String> offer() throws IOException {
    folder = ProcessPingPong.folder();
    pool = FarFrames.pool(FarFrames.THERE, bufferBytes, FramePools.buffers(bufferBytes));
    feed = pool.broadcast(FarFrames.THERE);
    server = PoolServer.serve(pool, folder.resolve(FarFrames.THERE));
    return List.of(
        AnsweringProcess.FRAMES,
        folder.toString(),
        Long.toString(bufferBytes),
        Boolean.toString(spins));
  }

  @Override
  public void connect(OtherSide other) throws IOException {
    answering = other;
    back = RemotePool.connect(folder.resolve(FarFrames.BACK));
    reader = FarFrames.join(back, FarFrames.BACK, FramePools.DEPTH);
    in = FarFrames.open(reader, spins);
    writer = FarFrames.write(feed, spins);
    FramePools.acquire(writer);
  }

  @Override
  public void goAndComeBack() {
    writer.publish();
    FramePools.acquire(writer);
    if (in.next(10, TimeUnit.SECONDS) == null) {
      throw new IllegalStateException("no answer", answering.failure());
    }
  }

  @Override
  @TearDown
  public void close() throws IOException, InterruptedException {
    leave();
    answering.end();
    release();
  }

  @Override
  public void leave() {
    writer.close();
    in.close();
    reader.close();
    back.close();
  }

  @Override
  public void release() {
    server.close();
    feed.close();
    pool.close();
  }
}
