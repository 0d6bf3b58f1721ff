package io.entrepot.internal.sync;

import java.util.function.LongConsumer;

/**
 * Points of one timeline, pending when they were put in, that a later one stands for: a merge asks
 * them for errors when they are signaled, and for nothing else.
 *
 * <p>Never changes, and what is made of it shares nearly all of it: merging again and again takes
 * O(log n) steps each time. A treap, a search tree by point that is a heap by a hash of the point:
 * one set of points has one shape, so whatever two sets share is met as the same node.
 */
record EarlierPoints(long point, EarlierPoints lower, EarlierPoints higher) {

  /** Both sets, either of which may be {@code null}, which is the empty one. */
  static EarlierPoints union(EarlierPoints one, EarlierPoints other) {
    if (one == other || other == null) {
      return one;
    }
    if (one == null) {
      return other;
    }
    if (isAbove(other.point, one.point)) {
      return union(other, one);
    }
    EarlierPoints lower = union(one.lower, below(other, one.point));
    EarlierPoints higher = union(one.higher, above(other, one.point));
    return one.with(lower, higher);
  }

  /** A set with one more point. */
  static EarlierPoints with(EarlierPoints set, long point) {
    return union(set, new EarlierPoints(point, null, null));
  }

  /** Those above a point. */
  static EarlierPoints above(EarlierPoints set, long point) {
    if (set == null) {
      return null;
    }
    return set.point > point
        ? set.with(above(set.lower, point), set.higher)
        : above(set.higher, point);
  }

  /** Those below a point. */
  static EarlierPoints below(EarlierPoints set, long point) {
    if (set == null) {
      return null;
    }
    return set.point < point
        ? set.with(set.lower, below(set.higher, point))
        : below(set.lower, point);
  }

  /** Gives each, the lowest first. */
  static void forEach(EarlierPoints set, LongConsumer action) {
    if (set != null) {
      forEach(set.lower, action);
      action.accept(set.point);
      forEach(set.higher, action);
    }
  }

  static int size(EarlierPoints set) {
    return set == null ? 0 : size(set.lower) + 1 + size(set.higher);
  }

  private EarlierPoints with(EarlierPoints newLower, EarlierPoints newHigher) {
    return newLower == lower && newHigher == higher
        ? this
        : new EarlierPoints(point, newLower, newHigher);
  }

  /** Which of two points is nearer to the root: by a hash, which no two points share. */
  private static boolean isAbove(long one, long other) {
    return hash(one) > hash(other);
  }

  /** Spreads numbers that follow one another: by steps each of which can be undone. */
  private static long hash(long point) {
    long mixed = point * 0x9E37_79B9_7F4A_7C15L;
    mixed ^= mixed >>> 32;
    mixed *= 0xD6E8_FEB8_6659_FD93L;
    return mixed ^ mixed >>> 32;
  }
}
