package io.entrepot.internal.sync;

import io.entrepot.sync.Usage;

/**
 * One fence of a reservation in one word.
 *
 * <pre>
 *   63 62 | 61 | 60          46 | 45              0
 *   usage |  0 | timeline index |      point          EMPTY = 0, CLAIMED = -1
 * </pre>
 *
 * <p>A point starts at 1, so no fence is EMPTY; bit 61 is 0 in a fence, so none is CLAIMED.
 */
final class FenceWord {
  static final long EMPTY = 0;
  static final long CLAIMED = -1;

  private static final int USAGE_SHIFT = 62;
  private static final int INDEX_SHIFT = 46;
  private static final long INDEX_MASK = (1L << 15) - 1;
  private static final long POINT_MASK = (1L << INDEX_SHIFT) - 1;
  private static final Usage[] USAGES = Usage.values();

  private FenceWord() {}

  static long pack(int index, long point, Usage usage) {
    return withUsage((long) index << INDEX_SHIFT | point & POINT_MASK, usage);
  }

  /** The same fence with another usage. */
  static long withUsage(long word, Usage usage) {
    return word & (1L << USAGE_SHIFT) - 1 | (long) usage.ordinal() << USAGE_SHIFT;
  }

  /** Index of the timeline. */
  static int index(long word) {
    return (int) (word >>> INDEX_SHIFT & INDEX_MASK);
  }

  static long point(long word) {
    return word & POINT_MASK;
  }

  static Usage usage(long word) {
    return USAGES[(int) (word >>> USAGE_SHIFT)];
  }

  /** Whether the word is a fence, not one of the special values. */
  static boolean isFence(long word) {
    return word != EMPTY && word != CLAIMED;
  }

  /** Whether a query for {@code usage} sees the fence. */
  static boolean isSeenBy(long word, Usage usage) {
    return word >>> USAGE_SHIFT <= usage.ordinal();
  }

  /**
   * Whether the signal of {@code later} implies that of {@code word}, and every query that sees
   * {@code word} sees {@code later}: the same timeline, no earlier point, no weaker usage.
   */
  static boolean isCoveredBy(long word, long later) {
    return index(word) == index(later)
        && point(word) <= point(later)
        && word >>> USAGE_SHIFT >= later >>> USAGE_SHIFT;
  }
}
