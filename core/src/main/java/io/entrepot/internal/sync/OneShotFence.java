package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import java.time.Duration;
import java.util.Optional;
import org.agrona.concurrent.IdleStrategy;

/** A fence of no timeline. Does not refer to who signals it, so that this can be found lost. */
public final class OneShotFence implements Fence, Completing {
  private final String name;
  private final Interest interest;
  private final Completion completion = new Completion(this);

  /**
   * Pending.
   *
   * @param issuer {@code null} when nobody wants to be asked or told
   */
  OneShotFence(String name, FenceIssuer issuer) {
    this.name = name;
    this.interest = issuer == null ? null : new Interest(issuer);
  }

  boolean signal(FenceError error) {
    return completion.complete(Completion.Outcome.now(error));
  }

  @Override
  public String timelineName() {
    return name;
  }

  @Override
  public long point() {
    return 1;
  }

  @Override
  public boolean isSignaled() {
    if (!completion.isComplete() && interest != null && interest.completed() >= 1) {
      signal(null);
    }
    return completion.isComplete();
  }

  @Override
  public Optional<FenceError> error() {
    return completion.error();
  }

  @Override
  public long signalTimeMs() {
    return completion.timeMs();
  }

  @Override
  public void hintDeadline(long deadlineNs) {
    if (interest != null && !isSignaled()) {
      interest.hintDeadline(1, deadlineNs);
    }
  }

  /** Tells the issuer that somebody waits. */
  void enable() {
    if (interest == null || completion.isComplete()) {
      return;
    }
    Throwable thrown = interest.enable(1);
    if (thrown != null) {
      signal(FenceError.failed("its issuer threw " + Uncaught.text(thrown)));
      Uncaught.handle(thrown);
    }
  }

  @Override
  public Watch watch() {
    enable();
    return null;
  }

  /** Callbacks and waiting threads that are kept, and a few that are over. */
  int kept() {
    return completion.kept();
  }

  @Override
  public boolean await(Duration timeout) {
    return completion.await(timeout);
  }

  @Override
  public boolean await(Duration timeout, IdleStrategy idle) {
    return completion.await(timeout, idle);
  }

  @Override
  public Callback onSignal(Runnable callback) {
    return completion.onSignal(callback);
  }

  @Override
  public String toString() {
    return name + ":1 " + completion.describe();
  }
}
