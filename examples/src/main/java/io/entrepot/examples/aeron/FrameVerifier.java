package io.entrepot.examples.aeron;

import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.sharing.View;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The reading thread on the other side: verifies each frame where it lies, and notes how old it is.
 *
 * <p>A time stamp is of the sender's clock, so ages mean something on one machine only.
 */
final class FrameVerifier implements Callable<FrameVerifier.Verified> {
  private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(10);

  /**
   * What was seen.
   *
   * @param frames all frames
   * @param damaged those whose checksum or number is wrong
   * @param outOfOrder those with a number that is not above the one before
   * @param measuredBytes of the frames at full speed
   * @param measuredNs from the first of those to the last
   * @param fullSpeedNs age at sight of the frames at full speed
   * @param pacedNs age at sight of the frames at a rate
   */
  record Verified(
      long frames,
      long damaged,
      long outOfOrder,
      long measuredBytes,
      long measuredNs,
      Histogram fullSpeedNs,
      Histogram pacedNs) {}

  private final FeedReader reader;
  private final Plan plan;
  private final Histogram fullSpeedNs = new Histogram(LONGEST_NS, 3);
  private final Histogram pacedNs = new Histogram(LONGEST_NS, 3);
  private long damaged;
  private long outOfOrder;
  private long measuredBytes;
  private long firstNs;
  private long lastNs;

  FrameVerifier(FeedReader reader, Plan plan) {
    this.reader = reader;
    this.plan = plan;
  }

  /** Reads to the end of the feed. */
  @Override
  public Verified call() {
    long frames = 0;
    long last = -1;
    // Leaves the feed whatever happens: a reader that is gone must not block the receiver.
    try (reader;
        FramePort port = reader.open()) {
      while (!port.isEnded()) {
        if (port.next(1, TimeUnit.SECONDS) instanceof View frame) {
          long sightNs = System.nanoTime();
          frames++;
          long number = NumberedFrames.check(frame, port.validOffset(), port.validLength());
          if (number < 0) {
            damaged++;
          } else {
            outOfOrder += number > last ? 0 : 1;
            last = number;
            measure(number, sightNs, port);
          }
        }
      }
    }
    return new Verified(
        frames, damaged, outOfOrder, measuredBytes, lastNs - firstNs, fullSpeedNs, pacedNs);
  }

  private void measure(long number, long sightNs, FramePort port) {
    if (number < plan.warmup()) {
      return;
    }
    long ageNs = Math.clamp(sightNs - port.timestamp(), 0, LONGEST_NS);
    if (plan.isPaced(number)) {
      pacedNs.recordValue(ageNs);
      return;
    }
    fullSpeedNs.recordValue(ageNs);
    if (firstNs == 0) {
      firstNs = sightNs;
    } else {
      measuredBytes += port.validLength();
    }
    lastNs = sightNs;
  }
}
