package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import java.util.List;

/**
 * Points that are signaled because their issuer ended, and whose work may go on: nobody waits for
 * them, but a buffer into which they are imported is kept for them. Of each timeline the latest is
 * enough, for all of an issuer's work is settled at once. Never changes; {@code null} is the empty
 * list.
 */
record UnsettledPoints(TimelinePoint point, UnsettledPoints others) {

  /** The list with what of a signaled fence may be worked on. */
  static UnsettledPoints with(UnsettledPoints all, Fence fence) {
    return switch (fence) {
      case TimelinePoint point -> withPoint(all, point);
      case ArrayOfFences array -> {
        UnsettledPoints more = all;
        for (Fence member : array.members()) {
          more = member instanceof TimelinePoint point ? withPoint(more, point) : more;
        }
        yield more;
      }
      default -> all;
    };
  }

  private static UnsettledPoints withPoint(UnsettledPoints all, TimelinePoint point) {
    if (!point.isSignaled() || isSettled(point)) {
      return all;
    }
    TimelinePoint latest = point;
    UnsettledPoints kept = null;
    for (UnsettledPoints at = all; at != null; at = at.others) {
      if (at.point.state() == point.state()) {
        latest = at.point.point() > latest.point() ? at.point : latest;
      } else if (!isSettled(at.point)) {
        kept = new UnsettledPoints(at.point, kept);
      }
    }
    return new UnsettledPoints(latest, kept);
  }

  /** Both lists. */
  static UnsettledPoints union(UnsettledPoints one, UnsettledPoints other) {
    UnsettledPoints both = one;
    for (UnsettledPoints at = other; at != null; at = at.others) {
      both = withPoint(both, at.point);
    }
    return both;
  }

  /** Adds the points of a list to others. */
  static void addTo(List<Fence> fences, UnsettledPoints all) {
    for (UnsettledPoints at = all; at != null; at = at.others) {
      fences.add(at.point);
    }
  }

  private static boolean isSettled(TimelinePoint point) {
    return point.state().isSettled(point.point());
  }
}
