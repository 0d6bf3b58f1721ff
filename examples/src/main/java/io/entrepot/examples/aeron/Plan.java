package io.entrepot.examples.aeron;

import io.entrepot.flow.Overflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * What a run does, as system properties say.
 *
 * @param channel of Aeron ({@code network.channel}); empty for UDP over loopback, at a port that
 *     nobody uses
 * @param stream of Aeron ({@code network.stream})
 * @param frameBytes valid bytes of each frame ({@code network.bytes})
 * @param warmup frames before anything is measured ({@code network.warmup})
 * @param frames frames as fast as they go, for the throughput ({@code network.frames})
 * @param paced frames after those at a rate, for the latency ({@code network.paced})
 * @param framesPerSecond that rate ({@code network.rate})
 * @param isOffered whether frames are offered under CPU windows ({@code network.offer}), and not
 *     copied from views
 * @param overflow of the feed at the source ({@code network.overflow})
 * @param buffers of each of the two pools ({@code network.buffers})
 * @param depth unread frames that a reader may have ({@code network.depth})
 * @param holdUp how long the receiver holds the sender up when no buffer is free ({@code
 *     network.holdUp}, in milliseconds)
 * @param patience time without progress after which a process gives up ({@code network.patience},
 *     in seconds)
 * @param output directory for the report ({@code network.output})
 */
record Plan(
    String channel,
    int stream,
    int frameBytes,
    long warmup,
    long frames,
    long paced,
    int framesPerSecond,
    boolean isOffered,
    Overflow overflow,
    int buffers,
    int depth,
    Duration holdUp,
    Duration patience,
    Path output) {
  /** Windows of the measured frames between which allocation is looked at. */
  static final int WINDOWS = 10;

  private static final int NS_PER_SECOND = 1_000_000_000;
  private static final int MAX_SPINS = 10;
  private static final int MAX_YIELDS = 20;
  private static final long MIN_PARK_NS = 1_000;
  private static final long MAX_PARK_NS = 100_000;

  Plan {
    if (frameBytes < NumberedFrames.MIN_BYTES) {
      throw new IllegalArgumentException(
          "-Dnetwork.bytes=%d is less than a number and a checksum have: %d"
              .formatted(frameBytes, NumberedFrames.MIN_BYTES));
    }
    if (warmup < 0 || frames < WINDOWS || paced < 0 || framesPerSecond < 1) {
      throw new IllegalArgumentException(
          "a run needs at least %d frames to measure, and a rate of 1 or more".formatted(WINDOWS));
    }
  }

  /** Reads the properties. */
  static Plan ofProperties() {
    int buffers = Integer.getInteger("network.buffers", 32);
    return new Plan(
        System.getProperty("network.channel", ""),
        Integer.getInteger("network.stream", 1001),
        Integer.getInteger("network.bytes", 64 * 1024),
        Long.getLong("network.warmup", 1000),
        Long.getLong("network.frames", 4000),
        Long.getLong("network.paced", 1000),
        Integer.getInteger("network.rate", 500),
        Boolean.getBoolean("network.offer"),
        Overflow.valueOf(System.getProperty("network.overflow", Overflow.BLOCK.name())),
        buffers,
        Integer.getInteger("network.depth", Math.min(8, buffers)),
        Duration.ofMillis(Long.getLong("network.holdUp", 1000)),
        Duration.ofSeconds(Long.getLong("network.patience", 20)),
        Path.of(System.getProperty("network.output", "examples/target/aeron")));
  }

  /** The properties that say all this, as options of a JVM, with a channel where there is none. */
  List<String> options(String usedChannel) {
    return List.of(
        "-Dnetwork.channel=" + usedChannel,
        "-Dnetwork.stream=" + stream,
        "-Dnetwork.bytes=" + frameBytes,
        "-Dnetwork.warmup=" + warmup,
        "-Dnetwork.frames=" + frames,
        "-Dnetwork.paced=" + paced,
        "-Dnetwork.rate=" + framesPerSecond,
        "-Dnetwork.offer=" + isOffered,
        "-Dnetwork.overflow=" + overflow,
        "-Dnetwork.buffers=" + buffers,
        "-Dnetwork.depth=" + depth,
        "-Dnetwork.holdUp=" + holdUp.toMillis(),
        "-Dnetwork.patience=" + patience.toSeconds(),
        "-Dnetwork.output=" + output);
  }

  /** All frames. */
  long total() {
    return warmup + frames + paced;
  }

  /** Size of a buffer: a frame, and room before it, for its valid bytes begin anywhere. */
  long bufferBytes() {
    return NumberedFrames.MAX_OFFSET + (long) frameBytes;
  }

  /**
   * How a thread waits for the network: it parks soon, for there are few processors, and briefly.
   */
  IdleStrategy idle() {
    return new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK_NS, MAX_PARK_NS);
  }

  boolean isPaced(long frame) {
    return frame >= warmup + frames;
  }

  long framePeriodNs() {
    return NS_PER_SECOND / framesPerSecond;
  }
}
