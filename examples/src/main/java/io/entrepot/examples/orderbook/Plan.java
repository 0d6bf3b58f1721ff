package io.entrepot.examples.orderbook;

/**
 * What a run does.
 *
 * @param warmupFrames frames before anything is measured, as fast as they go
 * @param windows of frames that are measured, one after the other
 * @param framesPerWindow frames in each
 * @param messagesPerFrame messages that are handed over together
 * @param messagesPerSecond rate of the measured part; 0 for as fast as they go
 * @param seed of the market
 */
record Plan(
    long warmupFrames,
    int windows,
    long framesPerWindow,
    int messagesPerFrame,
    long messagesPerSecond,
    long seed) {

  private static final int WINDOWS = 10;

  Plan {
    if (warmupFrames < 0
        || windows < 1
        || framesPerWindow < 1
        || messagesPerFrame < 1
        || messagesPerSecond < 0) {
      throw new IllegalArgumentException("a run needs frames to measure");
    }
  }

  /**
   * The plan in system properties: {@code orderbook.messages}, {@code .rate}, {@code .warmup},
   * {@code .batch}, {@code .seed}.
   */
  static Plan ofProperties() {
    int batch = Integer.getInteger("orderbook.batch", 1);
    long messages = Long.getLong("orderbook.messages", 1_000_000);
    return new Plan(
        Long.getLong("orderbook.warmup", 1_000_000) / batch,
        WINDOWS,
        Math.max(1, messages / batch / WINDOWS),
        batch,
        Long.getLong("orderbook.rate", 100_000),
        Long.getLong("orderbook.seed", 42));
  }

  long measuredFrames() {
    return windows * framesPerWindow;
  }

  long frames() {
    return warmupFrames + measuredFrames();
  }

  long messages() {
    return frames() * messagesPerFrame;
  }

  /** Time from one frame to the next; 0 for none. */
  long framePeriodNs() {
    return messagesPerSecond == 0 ? 0 : 1_000_000_000L * messagesPerFrame / messagesPerSecond;
  }

  /** Whether a window of the measurement begins, or the last ends, before the given frame. */
  boolean isWindowEdge(long frame) {
    return frame >= warmupFrames && (frame - warmupFrames) % framesPerWindow == 0;
  }
}
