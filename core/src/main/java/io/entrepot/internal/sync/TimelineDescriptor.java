package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;

/**
 * Layout of one timeline's words.
 *
 * <pre>
 *   0        8        16         24            32          40
 *  +--------+--------+----------+-------------+-----------+----------- ... -+
 *  |signaled| issued | time(ms) | unsettled   | unsettled | padding to 128  |
 *  |        |        |          | from, or 0  | to        |                 |
 *  +--------+--------+----------+-------------+-----------+----------- ... -+
 * </pre>
 *
 * {@code signaled} keeps in its upper bits which error the last signal had, so that point and error
 * become known by one CAS:
 *
 * <pre>
 *   63  62       46 45              0
 *  | 0 | error tag |   point        |
 * </pre>
 *
 * <p>Points from <em>unsettled from</em> to <em>unsettled to</em> were signaled because their
 * issuer closed or was lost, not because their work was done: nobody waits for them, but they keep
 * their buffers.
 *
 * <p>{@code signaled} and {@code issued} only grow, over all tenants of a record: a word in a
 * reservation that names an old tenant's point stays signaled for ever, so records can be reused
 * without looking for such words.
 */
final class TimelineDescriptor {
  static final long SIGNALED = 0;
  static final long ISSUED = SIGNALED + Words.WORD_BYTES;
  static final long SIGNAL_TIME_MS = ISSUED + Words.WORD_BYTES;
  static final long UNSETTLED_FROM = SIGNAL_TIME_MS + Words.WORD_BYTES;
  static final long UNSETTLED_TO = UNSETTLED_FROM + Words.WORD_BYTES;
  static final long RECORD_BYTES = Words.PAD_BYTES;

  /** Largest tag of a {@code signaled} word. */
  static final long TAG_MAX = (1L << 17) - 1;

  private static final int TAG_SHIFT = 46;

  /**
   * The last point of a record: half of what its bits could tell, so that those that are issued too
   * much by threads in a race find room.
   */
  static final long LAST_POINT = 1L << TAG_SHIFT - 1;

  /** A record that has come so far gets no further tenant, so that each has as many points. */
  static final long WORN_POINT = LAST_POINT / 2;

  private TimelineDescriptor() {}

  /** The highest signaled point that a {@code signaled} word tells. */
  static long point(long signaled) {
    return signaled & (1L << TAG_SHIFT) - 1;
  }

  /** Which error the last signal had, or 0. */
  static long tag(long signaled) {
    return signaled >>> TAG_SHIFT;
  }

  static long tagged(long point, long tag) {
    return tag << TAG_SHIFT | point;
  }
}
