package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Takes containers apart, and makes one fence of several. */
public final class Flattening {
  /** The latest pending fence of each timeline; a fence of no timeline is its own. */
  private final Map<Object, Fence> pending = new LinkedHashMap<>();

  /** The earlier points that were given of a timeline. */
  private final Map<TimelineState, EarlierPoints> earlier = new HashMap<>();

  /** Points that are signaled, but not because their work was over. */
  private UnsettledPoints unsettled;

  private long latestMs;
  private FenceError firstError;
  private long firstErrorMs;

  private Flattening() {}

  /** See {@link io.entrepot.sync.Fences#unwrap}. */
  public static List<Fence> unwrap(Fence... fences) {
    List<Fence> leaves = new ArrayList<>();
    for (Fence fence : fences) {
      if (fence instanceof ChainLink newest) {
        for (ChainLink link = newest; link != null; link = link.previous()) {
          addLeaves(link.fence(), leaves);
        }
      } else {
        addLeaves(fence, leaves);
      }
    }
    return leaves;
  }

  /**
   * As {@link #unwrap}, of one fence, with the points that a chain has left out although their work
   * may go on: what protects a buffer, other than what is waited for.
   */
  static List<Fence> protecting(Fence fence) {
    List<Fence> leaves = new ArrayList<>();
    if (fence instanceof ChainLink newest) {
      ChainLink link = newest;
      while (link != null) {
        addLeaves(link.fence(), leaves);
        ChainLink previous = link.previous();
        UnsettledPoints.addTo(leaves, link.unsettledLeftOut());
        link = previous;
      }
    } else {
      addLeaves(fence, leaves);
    }
    return leaves;
  }

  private static void addLeaves(Fence fence, List<Fence> leaves) {
    if (fence instanceof ArrayOfFences array) {
      leaves.addAll(array.members());
    } else {
      leaves.add(fence);
    }
  }

  /** See {@link io.entrepot.sync.Fences#merge}. */
  public static Fence merge(String name, Fence... fences) {
    Flattening all = new Flattening();
    for (Fence fence : fences) {
      if (fence instanceof ChainLink newest) {
        all.addChain(newest);
      } else {
        all.add(fence);
      }
    }
    return all.merged(name);
  }

  private void addChain(ChainLink newest) {
    ChainLink link = newest;
    while (link != null) {
      boolean isOver = link.isSignaled();
      if (isOver) {
        note(link.outcome());
        unsettled = UnsettledPoints.with(unsettled, link.fence());
      } else {
        add(link.fence());
      }
      // What the step left out is told behind it; what is left out after that is met on the way.
      ChainLink previous = link.previous();
      unsettled = UnsettledPoints.union(unsettled, link.unsettledLeftOut());
      if (isOver) {
        return;
      }
      note(link.leftOut());
      link = previous;
    }
  }

  private void add(Fence fence) {
    if (fence instanceof ArrayOfFences array) {
      for (int i = 0; i < array.members().size(); i++) {
        addPlain(array.members().get(i), array.earlier(i));
      }
    } else {
      addPlain(fence, null);
    }
  }

  private void addPlain(Fence fence, EarlierPoints before) {
    if (fence instanceof TimelinePoint point) {
      addPoint(point, before);
    } else if (fence.isSignaled()) {
      note(new Completion.Outcome(fence.signalTimeMs(), fence.error().orElse(null)));
    } else {
      pending.put(fence, fence);
    }
  }

  private void addPoint(TimelinePoint point, EarlierPoints before) {
    TimelineState state = point.state();
    if (point.isSignaled()) {
      EarlierPoints.forEach(before, each -> noteSignaled(state, each));
      noteSignaled(state, point.point());
      unsettled = UnsettledPoints.with(unsettled, point);
      return;
    }
    Fence other = pending.putIfAbsent(state, point);
    EarlierPoints all = EarlierPoints.union(earlier.get(state), before);
    if (other != null && other.point() != point.point()) {
      all = EarlierPoints.with(all, Math.min(point.point(), other.point()));
      pending.put(state, point.point() > other.point() ? point : other);
    }
    if (all != null) {
      earlier.put(state, all);
    }
  }

  private void noteSignaled(TimelineState state, long point) {
    note(new Completion.Outcome(state.lastSignalMs(), state.error(point)));
  }

  /**
   * Earlier points of a timeline that are pending still. What the others have told is noted, so
   * that a merge keeps no more of a timeline, however often it is merged, than is pending of it.
   */
  private EarlierPoints pendingBefore(TimelineState state) {
    EarlierPoints all = earlier.get(state);
    long signaled = state.signaled();
    EarlierPoints.forEach(
        EarlierPoints.below(all, signaled + 1), each -> noteSignaled(state, each));
    return EarlierPoints.above(all, signaled);
  }

  private void note(Completion.Outcome told) {
    latestMs = Math.max(latestMs, told.timeMs());
    if (told.error() != null && (firstError == null || told.timeMs() < firstErrorMs)) {
      firstError = told.error();
      firstErrorMs = told.timeMs();
    }
  }

  private Fence merged(String name) {
    if (pending.isEmpty() && unsettled == null) {
      return latestMs == 0 ? Fence.signaled() : signaled();
    }
    earlier.replaceAll((state, all) -> pendingBefore(state));
    boolean isMore = firstError != null || earlier.values().stream().anyMatch(Objects::nonNull);
    if (pending.size() == 1 && !isMore && unsettled == null) {
      return pending.values().iterator().next();
    }
    List<Fence> members = new ArrayList<>();
    if (firstError != null) {
      // With its own time, not the latest: it is compared with other errors when merged again.
      members.add(new SignaledFence(firstErrorMs, Optional.of(firstError)));
    }
    if (pending.isEmpty()) {
      members.add(signaled());
    }
    UnsettledPoints.addTo(members, unsettled);
    members.addAll(pending.values());
    return ArrayOfFences.merged(name, members, earlier);
  }

  private Fence signaled() {
    return new SignaledFence(latestMs, Optional.ofNullable(firstError));
  }
}
