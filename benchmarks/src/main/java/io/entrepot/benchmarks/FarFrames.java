package io.entrepot.benchmarks;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BusySpinIdleStrategy;

/**
 * Frames between two processes: what both sides do, and what {@link AnsweringProcess} reads. There
 * each message is counted, and one that costs garbage fails the run: JMH sees the benchmark's
 * process alone. What it answers is {@link AnsweringFrames}'s.
 */
final class FarFrames {
  static final String THERE = "there";
  static final String BACK = "back";

  private FarFrames() {}

  static BufferPool pool(String name, long bufferBytes, int buffers) {
    return BufferPool.of(SharedMemoryExporter.named(name), new SizeClass(bufferBytes, buffers));
  }

  static FeedReader join(RemotePool pool, String feed, int depth) {
    return pool.feed(feed)
        .join(Importer.viewing("reader", Access.READ), Overflow.BLOCK, depth, Division.EACH);
  }

  static FramePort open(FeedReader reader, boolean spins) {
    return spins ? reader.open(BusySpinIdleStrategy.INSTANCE) : reader.open();
  }

  static FeedWriter write(Broadcast feed, boolean spins) {
    return spins ? feed.writer(BusySpinIdleStrategy.INSTANCE) : feed.writer();
  }

  /** Reads a stream of frames to its end, and tells what came. */
  static void readAll(Path folder) throws IOException {
    SteadyAllocation allocation = new SteadyAllocation();
    long messages = 0;
    long sum = 0;
    try (RemotePool there = RemotePool.connect(folder.resolve(THERE));
        FeedReader reader = join(there, THERE, ProcessStream.DEPTH);
        FramePort frames = open(reader, true)) {
      AnsweringProcess.sayReady();
      while (!frames.isEnded()) {
        View frame = frames.next(10, TimeUnit.SECONDS);
        if (frame != null) {
          sum += frame.getLong(0);
          messages++;
          allocation.count();
        }
      }
      allocation.check();
    }
    System.out.println(new Tally(messages, sum));
  }
}
