package io.entrepot.internal.sync;

import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * The one-shot state of a fence that is no point of a timeline.
 *
 * <p><b>Linearization.</b> One CAS, from {@code null} to the outcome, which has error and time in
 * it: whoever sees the signal sees both. {@link Callbacks} says how a callback that is added
 * meanwhile is not missed.
 */
final class Completion {
  private static final VarHandle OUTCOME;

  static {
    try {
      OUTCOME = MethodHandles.lookup().findVarHandle(Completion.class, "outcome", Outcome.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What a fence is once it is signaled. */
  record Outcome(long timeMs, FenceError error) {
    static Outcome now(FenceError error) {
      return new Outcome(CoarseClock.millis(), error);
    }
  }

  private final BooleanSupplier poll;
  private final Callbacks callbacks;
  private Outcome outcome;

  /**
   * Pending.
   *
   * @param poll whether the fence is signaled, after asking whoever knows; may complete this
   */
  Completion(BooleanSupplier poll) {
    this.poll = poll;
    this.callbacks = new Callbacks(() -> poll.getAsBoolean() ? 1 : 0);
  }

  /** Signals, and runs the callbacks; false when it was signaled before. */
  boolean complete(Outcome by) {
    if (OUTCOME.compareAndSet(this, null, by)) {
      callbacks.signaled(1);
      return true;
    }
    return false;
  }

  /** The outcome, or {@code null} while pending. */
  Outcome outcome() {
    return (Outcome) OUTCOME.getVolatile(this);
  }

  boolean isComplete() {
    return outcome() != null;
  }

  Optional<FenceError> error() {
    return poll.getAsBoolean() ? Optional.ofNullable(outcome().error()) : Optional.empty();
  }

  long timeMs() {
    return poll.getAsBoolean() ? outcome().timeMs() : 0;
  }

  Fence.Callback onSignal(Runnable action) {
    PendingCallback added = callbacks.push(1, action);
    return isComplete() && added.remove() ? null : added;
  }

  boolean await(Duration timeout) {
    return callbacks.await(1, TimeUnit.NANOSECONDS.convert(timeout));
  }

  boolean await(Duration timeout, IdleStrategy idle) {
    return WaitList.await(poll, TimeUnit.NANOSECONDS.convert(timeout), idle);
  }

  /** State, error and age, for people. */
  String describe() {
    Outcome end = outcome();
    return end == null ? "pending" : describe(end.error(), end.timeMs());
  }

  static String describe(FenceError error, long signalTimeMs) {
    return "signaled "
        + Math.max(0, CoarseClock.millis() - signalTimeMs)
        + " ms ago"
        + (error == null ? "" : " with " + error.kind() + ": " + error.message());
  }
}
