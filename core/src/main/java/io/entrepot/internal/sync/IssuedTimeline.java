package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.Timeline;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * What the issuer holds of a timeline. Fences refer to the {@link TimelineState} alone, so that an
 * issuer which was lost can be told by this object being unreachable.
 */
public final class IssuedTimeline implements Timeline {
  private final TimelineState state;

  /** Kept alive by this alone, so that it may refer to this. */
  private final FenceIssuer issuer;

  IssuedTimeline(TimelineState state, FenceIssuer issuer) {
    this.state = state;
    this.issuer = issuer;
  }

  TimelineState state() {
    return state;
  }

  @Override
  public String name() {
    return state.name();
  }

  @Override
  public long issue() {
    return state.issue();
  }

  @Override
  public Fence fence(long point) {
    return new TimelinePoint(state.checkIssued(point), point);
  }

  @Override
  public Fence next() {
    return fence(issue());
  }

  @Override
  public long issued() {
    return state.issued();
  }

  @Override
  public long signaled() {
    return state.signaled();
  }

  @Override
  public long lastSignalMs() {
    return state.lastSignalMs();
  }

  @Override
  public boolean signal(long point) {
    return end(point, null);
  }

  @Override
  public boolean signal(long point, FenceError error) {
    return end(point, Objects.requireNonNull(error, "error"));
  }

  private boolean end(long point, FenceError error) {
    try {
      return state.checkIssued(point).signal(point, error);
    } finally {
      // Not found lost while its last signal is under way, which would then lose to that.
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void close() {
    try {
      state.close();
    } finally {
      // Not found lost while it closes, with the lazy issuer that is asked for what it has done.
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public String toString() {
    return state + (issuer == null ? "" : ", lazy, of " + issuer);
  }
}
