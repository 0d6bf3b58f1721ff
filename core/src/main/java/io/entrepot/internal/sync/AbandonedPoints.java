package io.entrepot.internal.sync;

import java.util.Arrays;

/**
 * Points of a timeline that were issued and then given to nobody: by a job that was aborted
 * meanwhile, or because the timeline had ended. No work is done for them, so each counts as
 * signaled with the point before it.
 *
 * <p>Never changes: the timeline has it in a volatile field, and changes that by CAS. Who abandons
 * does so, then reads the signaled point and the state of the timeline; a signal and the end change
 * those, then read the field. All are volatile accesses, so one of the two sees the other.
 */
final class AbandonedPoints {
  static final AbandonedPoints NONE = new AbandonedPoints();

  /** In ascending order. */
  private final long[] points;

  private AbandonedPoints(long... points) {
    this.points = points;
  }

  AbandonedPoints with(long point) {
    long[] more = Arrays.copyOf(points, points.length + 1);
    more[points.length] = point;
    Arrays.sort(more);
    return new AbandonedPoints(more);
  }

  /** Those above a point. */
  AbandonedPoints above(long point) {
    int from = 0;
    while (from < points.length && points[from] <= point) {
      from++;
    }
    return from == points.length
        ? NONE
        : new AbandonedPoints(Arrays.copyOfRange(points, from, points.length));
  }

  /** The last point that is signaled with {@code point}: that one, or the last of a run behind. */
  long behind(long point) {
    long last = point;
    for (long abandoned : points) {
      if (abandoned == last + 1) {
        last = abandoned;
      }
    }
    return last;
  }
}
