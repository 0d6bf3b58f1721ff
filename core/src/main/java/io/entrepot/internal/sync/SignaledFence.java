package io.entrepot.internal.sync;

import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.time.Duration;
import java.util.Optional;
import org.agrona.concurrent.IdleStrategy;

/** A fence that is signaled from the start, with the time and error that it stands for. */
public record SignaledFence(long signalTimeMs, Optional<FenceError> error) implements Fence {
  /** Signaled when this class was loaded, without an error. */
  public static final SignaledFence STUB =
      new SignaledFence(CoarseClock.millis(), Optional.empty());

  @Override
  public String timelineName() {
    return "signaled";
  }

  @Override
  public long point() {
    return 1;
  }

  @Override
  public boolean isSignaled() {
    return true;
  }

  @Override
  public void hintDeadline(long deadlineNs) {
    // It is in time.
  }

  @Override
  public boolean await(Duration timeout) {
    return true;
  }

  @Override
  public boolean await(Duration timeout, IdleStrategy idle) {
    return true;
  }

  @Override
  public Callback onSignal(Runnable callback) {
    return null;
  }

  @Override
  public String toString() {
    return timelineName() + ":1 " + Completion.describe(error.orElse(null), signalTimeMs);
  }
}
