package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;
import io.entrepot.sync.FenceError;

/**
 * The last errors of a timeline's record as words, for processes that can read it and no more: from
 * which point to which, and of what kind. What an error says for people stays in its process.
 *
 * <pre>
 *   0         8        16       24              56       64
 *  +---------+--------+--------+------ ... -----+--------+--------+
 *  |forgotten| first  | last   | two more pairs | first  | last   |
 *  +---------+--------+--------+------ ... -----+--------+--------+
 *
 *   63     49 | 48  46 | 45              0
 *    0        | kind+1 | low bits of point    last, or 0 for none
 *   check of first and last | low bits       first
 *    0             | 1 | low bits of point    forgotten, or 0 for none
 * </pre>
 *
 * {@code forgotten} is the last point of the latest error that is no longer among the {@value
 * #RANGES} pairs: of it and what lies before, nothing is certain.
 *
 * <p><b>Writing.</b> An error is put here when its signal has taken effect, by who made that signal
 * or, before it, by who makes the next; twice is harmless. The latest takes the place of the
 * oldest: it raises {@code forgotten}, then changes {@code last} by CAS, then {@code first} by CAS
 * while {@code last} stands. A thread that was stopped in between finds a later {@code last} and
 * leaves it alone, or changes {@code first} to what the next one, which looks again, corrects.
 *
 * <p><b>Reading.</b> The signaled word first, then the pairs, then {@code forgotten}: an error that
 * leaves its pair meanwhile is seen there. The tag of the signaled word says that an error is yet
 * to be put here. All are volatile accesses.
 */
final class ErrorWords {
  /** So many errors are told with their range and kind. */
  static final int RANGES = 4;

  private static final long FORGOTTEN = TimelineDescriptor.ERRORS;
  private static final long PAIRS = FORGOTTEN + Words.WORD_BYTES;
  private static final long PAIR_BYTES = 2L * Words.WORD_BYTES;
  private static final long FIRST = 0;
  private static final long LAST = FIRST + Words.WORD_BYTES;

  private static final int POINT_BITS = TimelineDescriptor.POINT_BITS;
  private static final long POINT_MASK = (1L << POINT_BITS) - 1;
  private static final long KIND_MASK = 7;
  private static final FenceError.Kind[] KINDS = FenceError.Kind.values();

  private final Words words;
  private final long record;

  /** What is told of a point that is signaled. */
  record Told(FenceError.Kind kind, boolean isCertain) {
    /** It had no error. */
    static final Told NO_ERROR = new Told(null, true);

    /** There were errors near it, and it may have had one. */
    static final Told PERHAPS = new Told(FenceError.Kind.FAILED, false);
  }

  /** Those of the record that lies at a place. */
  ErrorWords(Words words, long record) {
    this.words = words;
    this.record = record;
  }

  private long place(int pair) {
    return record + PAIRS + pair * PAIR_BYTES;
  }

  // ---------------------------------------------------------------- writing

  /** Tells an error whose signal took effect. */
  void tell(long from, long to, FenceError.Kind kind) {
    long last = kind.ordinal() + 1L << POINT_BITS | to & POINT_MASK;
    while (true) {
      long pair = place(0);
      long before = words.getVolatile(pair + LAST);
      for (int i = 0; i < RANGES && before != last; i++) {
        long there = words.getVolatile(place(i) + LAST);
        if (there == last || (before != 0 && (there == 0 || isLater(before, there)))) {
          pair = place(i);
          before = there;
        }
      }
      if (before == last) {
        tellFirst(pair, from, last);
        return;
      }
      if (isLater(before, last)) {
        // So are all others: it was told, and has gone.
        forget(last);
        return;
      }
      if (before != 0) {
        forget(before);
      }
      // From the word that was the oldest: somebody else's error is not taken for it.
      words.compareAndSet(pair + LAST, before, last);
    }
  }

  private void tellFirst(long pair, long from, long last) {
    long first = first(from, last);
    while (true) {
      // In this order: what is expected was there before the error that we complete was looked at.
      long before = words.getVolatile(pair + FIRST);
      if (before == first || words.getVolatile(pair + LAST) != last) {
        return;
      }
      words.compareAndSet(pair + FIRST, before, first);
    }
  }

  private void forget(long last) {
    long next = 1L << POINT_BITS | last & POINT_MASK;
    long before = words.getVolatile(record + FORGOTTEN);
    while ((before == 0 || isLater(next, before))
        && !words.compareAndSet(record + FORGOTTEN, before, next)) {
      before = words.getVolatile(record + FORGOTTEN);
    }
  }

  /** Takes out what is so long ago that its low bits could look like those of points to come. */
  void forgetBefore(long point) {
    for (int i = 0; i < RANGES; i++) {
      clearIfBefore(place(i) + LAST, point);
    }
    clearIfBefore(record + FORGOTTEN, point);
  }

  private void clearIfBefore(long place, long point) {
    long word = words.getVolatile(place);
    if (word != 0 && isLater(point, word)) {
      words.compareAndSet(place, word, 0);
    }
  }

  private static boolean isLater(long word, long than) {
    return word != 0 && TimelineDescriptor.distance(than, word) > 0;
  }

  private static long first(long from, long last) {
    long point = from & POINT_MASK;
    // Of both words by all their bits, so that those of two errors hardly look like one.
    long mixed = (point * 0x9E3779B97F4A7C15L ^ last) * 0xBF58476D1CE4E5B9L;
    return mixed >>> POINT_BITS << POINT_BITS | point;
  }

  // ---------------------------------------------------------------- reading

  /**
   * What is told of a point that a signaled word reaches; {@code null} when that is not known yet:
   * an error is just being told, and who looks again soon finds it, unless who tells it was stopped
   * or killed.
   */
  Told of(long point, long signaled) {
    boolean isTold = TimelineDescriptor.tag(signaled) == 0;
    boolean isBeingTold = false;
    for (int i = 0; i < RANGES; i++) {
      long last = words.getVolatile(place(i) + LAST);
      if (last == 0) {
        continue;
      }
      isTold |= (last & POINT_MASK) == (signaled & POINT_MASK);
      if (TimelineDescriptor.distance(point, last) < 0) {
        continue;
      }
      long first = words.getVolatile(place(i) + FIRST);
      if (first != first(first, last) || words.getVolatile(place(i) + LAST) != last) {
        isBeingTold = true;
      } else if (TimelineDescriptor.distance(first, point) >= 0) {
        return new Told(kind(last), true);
      }
    }
    if (!isTold || isBeingTold) {
      return null;
    }
    long forgotten = words.getVolatile(record + FORGOTTEN);
    return forgotten != 0 && TimelineDescriptor.distance(point, forgotten) >= 0
        ? Told.PERHAPS
        : Told.NO_ERROR;
  }

  /** Any number that another process may have written there. */
  private static FenceError.Kind kind(long last) {
    long number = (last >>> POINT_BITS & KIND_MASK) - 1;
    return number >= 0 && number < KINDS.length ? KINDS[(int) number] : FenceError.Kind.FAILED;
  }
}
