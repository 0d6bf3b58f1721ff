package io.entrepot.schedule;

import static io.entrepot.schedule.Scenario.require;

import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Usage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What has been added to one reservation, and so what each query must tell.
 *
 * <p>A fence that is {@linkplain #added known} before a query begins, and pending when that ends,
 * is seen by it; or what covers it; or what replaced it, at any time since it was added.
 */
final class Fences {
  /** One fence. */
  record Fence(int timeline, long point, Usage usage) {
    private boolean covers(Fence other) {
      return timeline == other.timeline
          && point >= other.point
          && usage.compareTo(other.usage) <= 0;
    }

    @Override
    public String toString() {
      return usage + " " + timeline + ":" + point;
    }
  }

  /** A fence that was added between two times. */
  private record Added(Fence fence, int from, int to) {}

  /** A replacement of what is pending of a timeline. */
  static final class Replacement {
    private final int of;
    private final Fence by;
    private final int from;
    private int to = Integer.MAX_VALUE;

    private Replacement(int of, Fence by, int from) {
      this.of = of;
      this.by = by;
      this.from = from;
    }
  }

  private final Schedule schedule;
  private final Predicate<Fence> isSignaled;
  private final List<Added> added = new ArrayList<>();
  private final List<Replacement> replacements = new ArrayList<>();

  Fences(Schedule schedule, Predicate<Fence> isSignaled) {
    this.schedule = schedule;
    this.isSignaled = isSignaled;
  }

  /** A fence is known from now on; the call that added it began at a time. */
  void added(Fence fence, int from) {
    added.add(new Added(fence, from, schedule.now()));
  }

  /** A replacement begins. */
  Replacement replacing(int timeline, Fence by) {
    Replacement replacement = new Replacement(timeline, by, schedule.now());
    replacements.add(replacement);
    return replacement;
  }

  /** A replacement has ended. */
  void replaced(Replacement replacement, int count) {
    replacement.to = schedule.now();
    if (count > 0) {
      added(replacement.by, replacement.from);
    }
  }

  /** Any fence that was added. */
  Fence any() {
    return added.isEmpty() ? null : added.get(schedule.random().nextInt(added.size())).fence();
  }

  /** What a query tells that began at a time. */
  void check(FenceSnapshot found, Usage usage, int from) {
    List<Fence> fences = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      int timeline = Integer.parseInt(found.timelineName(i));
      fences.add(new Fence(timeline, found.point(i), found.usage(i)));
    }
    check(fences, usage, from);
  }

  /** What a query tells that found nothing. */
  void checkNone(Usage usage, int from) {
    check(List.of(), usage, from);
  }

  private void check(List<Fence> found, Usage usage, int from) {
    for (Added one : added) {
      if (one.to <= from && one.fence.usage.compareTo(usage) <= 0) {
        boolean isTold = isTold(one.fence, one.from, found, usage, new HashSet<>());
        require(isTold, Fences.LOST + ": " + one.fence + " of " + usage + " in " + found);
      }
    }
  }

  static final String LOST = "a pending fence is lost";

  private boolean isTold(
      Fence fence, int from, List<Fence> found, Usage usage, Set<Replacement> seen) {
    if (fence.usage.compareTo(usage) > 0
        || schedule.peek(() -> isSignaled.test(fence))
        || found.stream().anyMatch(other -> other.covers(fence))) {
      return true;
    }
    for (Replacement replacement : replacements) {
      if (replacement.of == fence.timeline
          && replacement.to >= from
          && seen.add(replacement)
          && isTold(replacement.by, replacement.from, found, usage, seen)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a fence that was added before a time is pending and was never replaced. */
  boolean isCertain(Fence fence, int from) {
    for (Added one : added) {
      if (one.to <= from && one.fence.covers(fence)) {
        return !schedule.peek(() -> isSignaled.test(one.fence))
            && replacements.stream()
                .noneMatch(
                    replacement -> replacement.of == fence.timeline && replacement.to >= one.from);
      }
    }
    return false;
  }
}
