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
import java.util.concurrent.TimeUnit;

/** Answers each frame of another process with one of a pool of this one's. */
final class AnsweringFrames implements Answering {
  private final SteadyAllocation allocation = new SteadyAllocation();
  private final RemotePool there;
  private final FeedReader reader;
  private final FramePort frames;
  private final BufferPool back;
  private final Broadcast feed;
  private final PoolServer server;
  private final FeedWriter out;

  /** Imports the pool that is served in a folder, and serves one of the same size there. */
  AnsweringFrames(Path folder, long bufferBytes, boolean spins) throws IOException {
    there = RemotePool.connect(folder.resolve(FarFrames.THERE));
    reader = FarFrames.join(there, FarFrames.THERE, FramePools.DEPTH);
    frames = FarFrames.open(reader, spins);
    back = FarFrames.pool(FarFrames.BACK, bufferBytes, FramePools.buffers(bufferBytes));
    feed = back.broadcast(FarFrames.BACK);
    server = PoolServer.serve(back, folder.resolve(FarFrames.BACK));
    if (!server.peers().isEmpty()) {
      throw new IllegalStateException("somebody is here already");
    }
    out = FarFrames.write(feed, spins);
    FramePools.acquire(out);
  }

  @Override
  public boolean answer() {
    if (frames.next(10, TimeUnit.SECONDS) == null) {
      return false;
    }
    out.publish();
    FramePools.acquire(out);
    allocation.count();
    return true;
  }

  /**
   * Lets go of everything, once the other process has let go of what is this one's.
   *
   * @throws IllegalStateException when frames have left garbage
   */
  @Override
  public void close() {
    try (there;
        reader;
        frames;
        back;
        feed;
        server;
        out) {
      allocation.check();
    }
  }
}
