package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;

/**
 * Layout of one timeline's words, and how much of a point they tell.
 *
 * <pre>
 *   0        8        16         24            32          40       48     120
 *  +--------+--------+----------+-------------+-----------+--------+------+------------+
 *  |signaled| issued | time(ms) | unsettled   | unsettled | swept  |errors| pad to 128 |
 *  |        |        |          | from, or 0  | to        |        |      |            |
 *  +--------+--------+----------+-------------+-----------+--------+------+------------+
 * </pre>
 *
 * {@code errors} is for other processes, which have nothing but these words: {@link ErrorWords}.
 *
 * <p>{@code signaled} keeps in its upper bits which error the last signal had, so that point and
 * error become known by one CAS:
 *
 * <pre>
 *   63  62       46 45              0
 *  | 0 | error tag |  low bits of   |
 *  |   |           |  the point     |
 * </pre>
 *
 * <p>Points from <em>unsettled from</em> to <em>unsettled to</em> were signaled because their
 * issuer closed or was lost, not because their work was done: nobody waits for them, but they keep
 * their buffers.
 *
 * <p><b>Points without end.</b> {@code signaled} and {@code issued} only grow, over all tenants of
 * a record. A point has 64 bits, of which {@code signaled} and the words in reservations tell the
 * low {@value #POINT_BITS}, as numbers on a circle: of two, that is the later which is less than
 * half of the circle ahead. So a word in a reservation that names an old point, perhaps of an old
 * tenant, stays signaled while less than 2<sup>45</sup> points have gone by. Before that, what is
 * settled is swept out of all slots:
 *
 * <pre>
 *                 at most span / 2            at most span
 *   signaled &lt;----------------------> swept -----------------> the next sweep
 *          settled words before it are gone
 * </pre>
 *
 * <p>{@code swept} is the point that the last sweep was made for. No point is given out that lies
 * more than {@link #SPAN} above it: whoever issues one sweeps first. At that moment the signaled
 * point is at most half a span behind, or the issue is refused. So until the next sweep no word in
 * a slot is more than one span and a half away from the signaled point, and 2<sup>45</sup> are two.
 * A thread that is stopped between reading a word and putting it elsewhere may be late by another
 * 2<sup>44</sup> points, which is 24 hours at 200 million a second; later than that, its word keeps
 * a buffer from reuse until the next sweep, which clears what says more than was issued.
 */
final class TimelineDescriptor {
  static final long SIGNALED = 0;
  static final long ISSUED = SIGNALED + Words.WORD_BYTES;
  static final long SIGNAL_TIME_MS = ISSUED + Words.WORD_BYTES;
  static final long UNSETTLED_FROM = SIGNAL_TIME_MS + Words.WORD_BYTES;
  static final long UNSETTLED_TO = UNSETTLED_FROM + Words.WORD_BYTES;
  static final long SWEPT = UNSETTLED_TO + Words.WORD_BYTES;
  static final long ERRORS = SWEPT + Words.WORD_BYTES;
  static final long RECORD_BYTES = Words.PAD_BYTES;

  /** Largest tag of a {@code signaled} word. */
  static final long TAG_MAX = (1L << 17) - 1;

  /** So many bits of a point are told by words that have other things to tell as well. */
  static final int POINT_BITS = 46;

  /** So many points are issued from one sweep of a record's old fences to the next. */
  static final long SPAN = 1L << POINT_BITS - 2;

  private static final int OTHER_BITS = Long.SIZE - POINT_BITS;
  private static final long POINT_MASK = (1L << POINT_BITS) - 1;

  private TimelineDescriptor() {}

  /** How far the low bits of {@code later} are ahead of those of {@code earlier}, on the circle. */
  static long distance(long earlier, long later) {
    return later - earlier << OTHER_BITS >> OTHER_BITS;
  }

  /** The point with the low bits of {@code word} that is nearest to {@code point}. */
  static long nearest(long word, long point) {
    return point + distance(point, word);
  }

  /** Whether a {@code signaled} word tells that a point is signaled, given by its low bits. */
  static boolean isReached(long signaled, long point) {
    return signaled - point << OTHER_BITS >= 0;
  }

  /** Whether a point has low bits that are all 0, with which a word could look like none. */
  static boolean looksLikeNone(long point) {
    return point << OTHER_BITS == 0;
  }

  /** Which error the last signal had, or 0. */
  static long tag(long signaled) {
    return signaled >>> POINT_BITS;
  }

  static long tagged(long point, long tag) {
    return tag << POINT_BITS | point & POINT_MASK;
  }
}
