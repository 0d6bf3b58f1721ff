package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The points of timelines that a fence of any kind waits for, on their way into a reservation.
 *
 * <p>All or none are added: slots are claimed first for those that find no earlier fence to take
 * over from. One that found such a fence may have lost it when its turn comes, and then takes any
 * free slot: if there is none left, what was added before stays, for taking it out could take out
 * what somebody else relies on. It makes others wait for the import that failed, and no more.
 */
final class ImportedFences {
  private final List<TimelinePoint> points;
  private final Usage usage;

  private ImportedFences(List<TimelinePoint> points, Usage usage) {
    this.points = points;
    this.usage = usage;
  }

  /**
   * The points of a fence whose work is not known to be over, the latest of each timeline.
   *
   * <p>Those are in it too that were signaled because their issuer closed or was lost: nobody waits
   * for them, but they keep the buffer as they do when they end behind their import.
   *
   * @throws IllegalArgumentException when one is of no timeline, or of one of another domain
   */
  static ImportedFences of(TimelineTable domain, Fence fence, Usage usage) {
    Map<TimelineState, TimelinePoint> latest = new LinkedHashMap<>();
    for (Fence leaf : Flattening.protecting(fence)) {
      if (isOver(leaf)) {
        continue;
      }
      TimelinePoint point = TimelinePoint.inReservation(leaf);
      if (point.state().table() != domain) {
        throw new IllegalArgumentException(
            "timeline '"
                + point.timelineName()
                + "' is not of this buffer's sync domain: issue a fence on a timeline of "
                + "the buffer's pool, and signal it with "
                + point);
      }
      latest.merge(point.state(), point, (one, other) -> one.point() < other.point() ? other : one);
    }
    return new ImportedFences(List.copyOf(latest.values()), Objects.requireNonNull(usage, "usage"));
  }

  private static boolean isOver(Fence leaf) {
    return leaf instanceof TimelinePoint point
        ? point.state().isSettled(point.point())
        : leaf.isSignaled();
  }

  /** Adds the points to a buffer's reservation; how many. */
  int addTo(ReservationSlots slots, long base) {
    CollectedFences here = new CollectedFences().reset(slots.timelines());
    slots.collect(base, Usage.BOOKKEEP, here);
    boolean[] needsClaim = new boolean[points.size()];
    for (int i = 0; i < needsClaim.length; i++) {
      needsClaim[i] = !hasPredecessor(here, word(i)) && !slots.alreadyKeeps(base, word(i));
    }
    int[] claims = new int[points.size()];
    int claimed = 0;
    int stored = 0;
    try {
      for (boolean needed : needsClaim) {
        if (needed) {
          claims[claimed] = slots.reserve(base);
          claimed++;
        }
      }
      for (int i = 0; i < needsClaim.length; i++) {
        if (!needsClaim[i]) {
          slots.add(base, points.get(i).state(), points.get(i).point(), usage);
        }
      }
      for (int i = 0; i < needsClaim.length; i++) {
        if (needsClaim[i]) {
          slots.add(base, claims[stored], points.get(i).state(), points.get(i).point(), usage);
          stored++;
        }
      }
      return points.size();
    } finally {
      while (claimed > stored) {
        slots.cancel(base, claims[--claimed]);
      }
    }
  }

  private long word(int index) {
    TimelinePoint point = points.get(index);
    return FenceWord.of(point.state(), point.point(), usage);
  }

  /** Whether a pending fence was there that a word takes over from, or that covers it. */
  private static boolean hasPredecessor(CollectedFences here, long word) {
    for (int i = 0; i < here.size(); i++) {
      if (FenceWord.isCoveredBy(here.word(i), word) || FenceWord.isCoveredBy(word, here.word(i))) {
        return true;
      }
    }
    return false;
  }
}
