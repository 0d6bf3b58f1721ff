package io.entrepot.benchmarks;

import io.entrepot.flow.FeedWriter;
import java.util.concurrent.TimeUnit;

/** What all ping-pongs of frames have in common: so many buffers of a size, and a depth. */
final class FramePools {
  /** Buffers of a pool, as long as they take no more than {@link #MOST_BYTES}. */
  static final int BUFFERS = 64;

  /** Frames that may be on their way. */
  static final int DEPTH = 16;

  static final long LARGEST_FRAME_BYTES = 12 << 20;

  /** Shared memory is allocated when it is made: two pools of this are to fit on any machine. */
  private static final long MOST_BYTES = DEPTH * LARGEST_FRAME_BYTES;

  private FramePools() {}

  /** How many buffers a pool has. */
  static int buffers(long bufferBytes) {
    return (int) Math.min(BUFFERS, MOST_BYTES / bufferBytes);
  }

  /** Takes the buffer of the next frame. */
  static void acquire(FeedWriter writer) {
    if (writer.acquire(10, TimeUnit.SECONDS) == null) {
      throw new IllegalStateException("no buffer");
    }
  }
}
