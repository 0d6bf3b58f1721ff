package io.entrepot.internal.sync;

import io.entrepot.sync.Usage;

/**
 * What a slot of a reservation holds: one fence, or a job whose fence is still to be.
 *
 * <pre>
 *   63 62 | 61 | 60          46 | 45              0
 *   usage |  0 | timeline index |  low bits of point  a fence
 *   usage |  1 | job record     |      epoch          a job, see {@link JobTable}
 *                                                     EMPTY = 0, CLAIMED = -1
 * </pre>
 *
 * <p>Epochs start at 1, so no job is EMPTY; the highest number is no job record's, so none is
 * CLAIMED. Of points {@link TimelineDescriptor} says how the low bits tell earlier from later. The
 * one that would be EMPTY is {@linkplain TimelineState#issue() given to nobody}.
 */
final class FenceWord {
  static final long EMPTY = 0;
  static final long CLAIMED = -1;

  private static final int USAGE_SHIFT = 62;
  private static final int INDEX_SHIFT = TimelineDescriptor.POINT_BITS;
  private static final long INDEX_MASK = (1L << 15) - 1;
  private static final long POINT_MASK = (1L << INDEX_SHIFT) - 1;
  private static final long JOB = 1L << 61;
  private static final Usage[] USAGES = Usage.values();

  /**
   * What a word of another process means that makes no sense: a fence of a timeline which is not
   * there, seen by every query and so pending for all.
   */
  static final long UNKNOWN = INDEX_MASK << INDEX_SHIFT | 1;

  private FenceWord() {}

  /** A fence of any point that was issued, however long ago. */
  static long of(TimelineState timeline, long point, Usage usage) {
    return pack(timeline.index(), timeline.told(point), usage);
  }

  static long pack(int index, long point, Usage usage) {
    return withUsage((long) index << INDEX_SHIFT | point & POINT_MASK, usage);
  }

  /** The word of a job, with usage {@link Usage#MOVE}. */
  static long job(int record, long epoch) {
    return JOB | (long) record << INDEX_SHIFT | epoch;
  }

  static boolean isJob(long word) {
    return (word & JOB) != 0 && word != CLAIMED;
  }

  /** The same fence or job with another usage. */
  static long withUsage(long word, Usage usage) {
    return word & (1L << USAGE_SHIFT) - 1 | (long) usage.ordinal() << USAGE_SHIFT;
  }

  /** Index of the timeline, or of the job record. */
  static int index(long word) {
    return (int) (word >>> INDEX_SHIFT & INDEX_MASK);
  }

  /** The low bits of the point, or the epoch of a job. */
  static long point(long word) {
    return word & POINT_MASK;
  }

  static Usage usage(long word) {
    return USAGES[(int) (word >>> USAGE_SHIFT)];
  }

  /** Whether the word of a slot whose jobs were looked up is a fence. */
  static boolean isFence(long word) {
    return word != EMPTY && word != CLAIMED;
  }

  /** Whether a query for {@code usage} sees the fence. */
  static boolean isSeenBy(long word, Usage usage) {
    return word >>> USAGE_SHIFT <= usage.ordinal();
  }

  /** Whether a fence has a point before that of {@code later}, where both are of one timeline. */
  static boolean isEarlier(long word, long later) {
    return TimelineDescriptor.distance(word, later) > 0;
  }

  /**
   * Whether the signal of {@code later} implies that of {@code word}, and every query that sees
   * {@code word} sees {@code later}: the same timeline, no earlier point, no weaker usage.
   */
  static boolean isCoveredBy(long word, long later) {
    return index(word) == index(later)
        && TimelineDescriptor.distance(word, later) >= 0
        && word >>> USAGE_SHIFT >= later >>> USAGE_SHIFT;
  }
}
