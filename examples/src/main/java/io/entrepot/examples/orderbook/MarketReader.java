package io.entrepot.examples.orderbook;

import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.sharing.View;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.IdleStrategy;

/** A reading thread: takes each frame, notes how old it is, tells its receiver of what is in it. */
final class MarketReader implements Callable<MarketReader.Readings> {
  /** Time after which a thread gives up waiting for the others. */
  static final long PATIENCE_SECONDS = 60;

  private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);

  /**
   * What a reader has measured.
   *
   * @param frames all frames, those of the warm-up too
   * @param messages in them
   * @param latencyNs from publishing to sight, in nanoseconds, without the warm-up
   * @param meter bytes allocated in each window
   */
  record Readings(long frames, long messages, Histogram latencyNs, AllocationMeter meter) {}

  private final FeedReader reader;
  private final Plan plan;
  private final MarketEvents receiver;
  private final IdleStrategy idle;
  private final MarketDecoder decoder = new MarketDecoder();
  private final Histogram latencyNs = new Histogram(LONGEST_NS, 3);

  MarketReader(FeedReader reader, Plan plan, MarketEvents receiver, IdleStrategy idle) {
    this.reader = reader;
    this.plan = plan;
    this.receiver = receiver;
    this.idle = idle;
  }

  @Override
  public Readings call() throws TimeoutException {
    var meter = new AllocationMeter(plan.windows());
    long frames = 0;
    long messages = 0;
    // Leaves the feed whatever happens: a reader that is gone must not block the writer.
    try (reader;
        FramePort port = reader.open(idle)) {
      while (port.next(PATIENCE_SECONDS, TimeUnit.SECONDS) instanceof View frame) {
        long sightNs = System.nanoTime();
        if (frames == plan.warmupFrames()) {
          latencyNs.reset();
        }
        if (plan.isWindowEdge(frames)) {
          meter.mark();
        }
        // In the warm-up too: it loads the histogram's classes.
        latencyNs.recordValue(sightNs - port.timestamp());
        messages +=
            decoder.read(frame, (int) port.validOffset(), (int) port.validLength(), receiver);
        if (++frames == plan.frames()) {
          meter.mark();
        }
      }
      if (!port.isEnded()) {
        throw new TimeoutException("no frame within " + PATIENCE_SECONDS + " s");
      }
    }
    return new Readings(frames, messages, latencyNs, meter);
  }
}
