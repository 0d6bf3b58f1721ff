package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SyncObject;
import io.entrepot.sync.SyncPoint;
import io.entrepot.sync.SyncWait;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Waiting for one of several points of sync objects, and for all. */
public final class PointWaits {
  private PointWaits() {}

  /** In place of a fence that is not there. */
  private static final Fence NEVER = new OneShotFence("not submitted", null);

  /** See {@link SyncObject#awaitAny}. */
  public static int awaitAny(Duration timeout, SyncWait until, SyncPoint... points) {
    return await(timeout, until, points, fences -> Fences.awaitAny(timeout, fences));
  }

  /** See {@link SyncObject#awaitAll}. */
  public static boolean awaitAll(Duration timeout, SyncWait until, SyncPoint... points) {
    return await(timeout, until, points, fences -> Fences.awaitAll(timeout, fences));
  }

  private static <T> T await(
      Duration timeout, SyncWait until, SyncPoint[] points, Function<Fence[], T> wait) {
    Objects.requireNonNull(until, "until");
    if (until == SyncWait.SIGNALED || !timeout.isPositive()) {
      // Taken once: what is done to the objects from here on changes nothing.
      return wait.apply(
          Arrays.stream(points).map(point -> look(point, until)).toArray(Fence[]::new));
    }
    PointWaiter[] waiters = new PointWaiter[points.length];
    try {
      for (int i = 0; i < points.length; i++) {
        waiters[i] = PointWaiter.join(points[i], until);
      }
      return wait.apply(Arrays.stream(waiters).map(PointWaiter::done).toArray(Fence[]::new));
    } finally {
      for (PointWaiter waiter : waiters) {
        if (waiter != null) {
          waiter.leave();
        }
      }
    }
  }

  private static Fence look(SyncPoint at, SyncWait until) {
    Optional<Fence> fence = at.object().fence(at.point());
    return switch (until) {
      case SIGNALED -> fence.orElseThrow(() -> missing(at.object(), at.point()));
      case SUBMITTED_AND_SIGNALED -> fence.orElse(NEVER);
      case SUBMITTED -> fence.isPresent() ? Fence.signaled() : NEVER;
    };
  }

  /** Nothing was submitted that would signal a point. */
  static IllegalStateException missing(SyncObject object, long point) {
    return new IllegalStateException(
        "point "
            + point
            + " of "
            + object
            + " has no fence; its highest is "
            + object.submittedPoint()
            + "; wait until it is submitted");
  }
}
