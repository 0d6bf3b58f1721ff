package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes containers apart, and makes one fence of several. */
public final class Flattening {
  /** The latest pending fence of each timeline; a fence of no timeline is its own. */
  private final Map<Object, Fence> pending = new LinkedHashMap<>();

  private final List<Fence> superseded = new ArrayList<>();

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
      if (link.isSignaled()) {
        note(link.outcome());
        return;
      }
      add(link.fence());
      // What the step left out is told behind it; what is left out after that is met on the way.
      ChainLink previous = link.previous();
      note(link.leftOut());
      link = previous;
    }
  }

  private void add(Fence fence) {
    if (fence instanceof ArrayOfFences array) {
      array.everythingAsked().forEach(this::addPlain);
    } else {
      addPlain(fence);
    }
  }

  private void addPlain(Fence fence) {
    if (fence.isSignaled()) {
      note(new Completion.Outcome(fence.signalTimeMs(), fence.error().orElse(null)));
    } else if (fence instanceof TimelinePoint point) {
      Fence other = pending.putIfAbsent(point.state(), point);
      if (other != null && other.point() != point.point()) {
        boolean isLater = point.point() > other.point();
        superseded.add(isLater ? other : point);
        pending.put(point.state(), isLater ? point : other);
      }
    } else {
      pending.put(fence, fence);
    }
  }

  private void note(Completion.Outcome told) {
    latestMs = Math.max(latestMs, told.timeMs());
    if (told.error() != null && (firstError == null || told.timeMs() < firstErrorMs)) {
      firstError = told.error();
      firstErrorMs = told.timeMs();
    }
  }

  private Fence merged(String name) {
    if (pending.isEmpty()) {
      return latestMs == 0 ? Fence.signaled() : signaled();
    }
    if (pending.size() == 1 && superseded.isEmpty() && firstError == null) {
      return pending.values().iterator().next();
    }
    List<Fence> members = new ArrayList<>();
    if (firstError != null) {
      members.add(signaled());
    }
    members.addAll(pending.values());
    return ArrayOfFences.merged(name, members, superseded);
  }

  private Fence signaled() {
    return new SignaledFence(latestMs, Optional.ofNullable(firstError));
  }
}
