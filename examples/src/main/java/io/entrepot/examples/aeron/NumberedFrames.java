package io.entrepot.examples.aeron;

import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.util.SplittableRandom;

/**
 * Frames that tell whether they arrive whole: a number, bytes that depend on it, and a CRC-32C of
 * all that, in a valid range that begins elsewhere in each frame.
 */
final class NumberedFrames {
  static final int MIN_BYTES = Long.BYTES + Integer.BYTES;
  static final int MAX_OFFSET = 7 * 64;
  private static final int NOISE_BYTES = 4096;

  private final byte[] noise = new byte[2 * NOISE_BYTES];

  NumberedFrames(long seed) {
    new SplittableRandom(seed).nextBytes(noise);
  }

  /** Where the valid bytes of a frame begin. */
  static long offset(long number) {
    return number % 8 * 64;
  }

  /** Fills the valid range of a frame. */
  void fill(WritableView frame, long number, int length) {
    long start = offset(number);
    long sumAt = start + length - Integer.BYTES;
    frame.putLong(start, number);
    int from = (int) (number % NOISE_BYTES);
    for (long at = start + Long.BYTES; at < sumAt; at += NOISE_BYTES) {
      frame.copyFrom(at, noise, from, (int) Math.min(NOISE_BYTES, sumAt - at));
    }
    frame.putInt(sumAt, frame.crc32c(start, length - Integer.BYTES));
  }

  /** The number of a frame that is as it was filled; -1 for any other. */
  static long check(View frame, long validOffset, long validLength) {
    if (validLength < MIN_BYTES) {
      return -1;
    }
    long sumAt = validOffset + validLength - Integer.BYTES;
    long number = frame.getLong(validOffset);
    boolean isWhole =
        number >= 0
            && validOffset == offset(number)
            && frame.getInt(sumAt) == frame.crc32c(validOffset, validLength - Integer.BYTES);
    return isWhole ? number : -1;
  }
}
