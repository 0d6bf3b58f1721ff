package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.SyncDomain;

/**
 * A point of a domain as other processes may name it, which see the domain's words.
 *
 * @param record of its timeline
 * @param point which no other timeline of that record has
 */
public record PointName(int record, long point) {
  /**
   * Names a fence. A lazy issuer is told that it is waited for: of those who wait in another
   * process it will not know.
   *
   * @throws IllegalArgumentException when it is no point of a timeline of the domain
   */
  public static PointName of(SyncDomain domain, Fence fence) {
    return switch (fence) {
      case TimelinePoint point when point.state().table() == domain -> {
        point.state().enable(point.point());
        yield new PointName(point.state().index(), point.point());
      }
      case TimelinePoint point ->
          throw refused(
              point,
              "is of another sync domain: issue a point on a timeline of this pool, and signal it "
                  + "with that one");
      case FenceArray array -> throw container(array);
      case FenceChain chain -> throw container(chain);
      case OneShotFence own ->
          throw refused(
              own,
              "is of no timeline: issue a point on a timeline of this pool, and signal it with "
                  + "that one");
      case SignaledFence signaled ->
          throw refused(signaled, "is signaled for ever: nobody needs to wait for it");
    };
  }

  private static IllegalArgumentException container(Fence fence) {
    return refused(fence, "is a container: export each fence of Fences.unwrap(fence)");
  }

  private static IllegalArgumentException refused(Fence fence, String why) {
    return new IllegalArgumentException("what is exported must have words: " + fence + " " + why);
  }
}
