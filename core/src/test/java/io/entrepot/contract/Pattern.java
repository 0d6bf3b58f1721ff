package io.entrepot.contract;

import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;

/** Bytes that say which frame they are of, from the first to the last. */
final class Pattern {
  private static final long STEP = 0x9E37_79B9_7F4A_7C15L;

  private Pattern() {}

  private static long word(long frame, long offset) {
    return (frame + 1) * STEP + offset;
  }

  static void put(WritableView view, long frame) {
    for (long at = 0; at + Long.BYTES <= view.byteSize(); at += Long.BYTES) {
      view.putLong(at, word(frame, at));
    }
  }

  /** Throws unless every byte of a view is of that frame. */
  static void check(View view, long frame) {
    for (long at = 0; at + Long.BYTES <= view.byteSize(); at += Long.BYTES) {
      long found = view.getLong(at);
      if (found != word(frame, at)) {
        throw new AssertionError(
            "frame " + frame + " has " + Long.toHexString(found) + " at " + at);
      }
    }
  }
}
