package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A point of a timeline as an object. */
public record TimelinePoint(TimelineState state, long point) implements Fence {

  @Override
  public String timelineName() {
    return state.name();
  }

  @Override
  public boolean isSignaled() {
    return state.isSignaled(point);
  }

  @Override
  public Optional<FenceError> error() {
    return Optional.ofNullable(state.error(point));
  }

  @Override
  public boolean await(Duration timeout) {
    return state.await(point, TimeUnit.NANOSECONDS.convert(timeout));
  }

  @Override
  public Callback onSignal(Runnable callback) {
    return state.addCallback(point, callback);
  }

  @Override
  public String toString() {
    FenceError error = state.error(point);
    String status = !isSignaled() ? "pending" : error == null ? "signaled" : error.toString();
    return state.name() + ":" + point + " " + status;
  }
}
