package io.entrepot.chaos;

import io.entrepot.reach.SharedFence;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.HexFormat;

/** A fence of another process that is pending when somebody is killed. */
record CrossedFence(Fence fence) {
  /** Whoever waits for it knows by then how it ended. */
  private static final Duration LIMIT = Duration.ofSeconds(1);

  static String text(SharedFence name) {
    return HexFormat.of().formatHex(name.toBytes());
  }

  static SharedFence name(String text) {
    return SharedFence.of(HexFormat.of().parseHex(text));
  }

  /** Ends all that were named so far. */
  static void signalAll(Timeline timeline) {
    if (timeline.issued() > 0) {
      timeline.signal(timeline.issued());
    }
  }

  /** Waits for its end, and fails unless it has ended so: {@code null} is without an error. */
  void requireEnd(FenceError.Kind kind) {
    if (!fence.await(LIMIT)) {
      throw new AssertionError(fence + " is pending after " + LIMIT.toMillis() + " ms");
    }
    FenceError.Kind ended = fence.error().map(FenceError::kind).orElse(null);
    if (ended != kind) {
      throw new AssertionError(fence + " ended with " + ended + ", not with " + kind);
    }
  }
}
