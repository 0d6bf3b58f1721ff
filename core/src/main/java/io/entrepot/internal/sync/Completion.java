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
import java.util.function.LongSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * The one-shot state of a fence that is no point of a timeline, and the interest in it.
 *
 * <p><b>Linearization.</b> One CAS, from {@code null} to the outcome, which has error and time in
 * it: whoever sees the signal sees both. {@link Callbacks} says how a callback that is added
 * meanwhile is not missed.
 *
 * <p><b>Interest.</b> Whoever waits holds the {@link Watch} meanwhile, and so does a callback until
 * it runs or is removed. The CAS that replaces one that is over decides whose is the next.
 */
final class Completion implements LongSupplier {
  private static final VarHandle OUTCOME;
  private static final VarHandle WATCH;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      OUTCOME = lookup.findVarHandle(Completion.class, "outcome", Outcome.class);
      WATCH = lookup.findVarHandle(Completion.class, "watch", Watch.class);
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

  private final Completing fence;
  private final Callbacks callbacks = new Callbacks(this);
  private Outcome outcome;
  private Watch watch;

  /** Pending, as the state of a fence. */
  Completion(Completing fence) {
    this.fence = fence;
  }

  /** Signals, and runs the callbacks; false when it was signaled before. */
  boolean complete(Outcome by) {
    if (!OUTCOME.compareAndSet(this, null, by)) {
      return false;
    }
    try {
      Watch ended = (Watch) WATCH.getAndSet(this, null);
      if (ended != null) {
        ended.end();
      }
    } finally {
      // Nobody signals again: whatever goes wrong before, the callbacks are due now or never.
      callbacks.signaled(1);
    }
    return true;
  }

  /** The outcome, or {@code null} while pending. */
  Outcome outcome() {
    return (Outcome) OUTCOME.getVolatile(this);
  }

  boolean isComplete() {
    return outcome() != null;
  }

  /** What callbacks and waiters look at: 1 when the fence is signaled. */
  @Override
  public long getAsLong() {
    return fence.isSignaled() ? 1 : 0;
  }

  Optional<FenceError> error() {
    return fence.isSignaled() ? Optional.ofNullable(outcome().error()) : Optional.empty();
  }

  long timeMs() {
    return fence.isSignaled() ? outcome().timeMs() : 0;
  }

  // ---------------------------------------------------------------- interest

  /**
   * Begins to be interested.
   *
   * @return what the caller has to leave in the end, or {@code null}
   */
  Watch interest() {
    Watch held = fence.isSignaled() ? null : hold();
    if (held != null) {
      held.arm();
    }
    return held;
  }

  /** As {@link #interest()}, but adds no callbacks yet. */
  Watch hold() {
    Watch mine = null;
    while (!isComplete()) {
      Watch now = (Watch) WATCH.getVolatile(this);
      if (now != null && now.join()) {
        return now;
      }
      mine = mine == null ? fence.watch() : mine;
      if (mine == null || WATCH.compareAndSet(this, now, mine)) {
        return mine;
      }
    }
    return null;
  }

  /** Refers no longer to a watch that is over. */
  void forget(Watch over) {
    WATCH.compareAndSet(this, over, null);
  }

  static void leave(Watch held) {
    if (held != null) {
      held.leave();
    }
  }

  Fence.Callback onSignal(Runnable action) {
    Watch held = interest();
    Fence.Callback added = fence.isSignaled() ? null : add(action);
    if (added == null) {
      leave(held);
      return null;
    }
    return held == null ? added : new WatchedCallback(added, held);
  }

  /** Adds a callback without interest; {@code null} when signaled. */
  Fence.Callback add(Runnable action) {
    PendingCallback added = callbacks.push(1, action);
    return isComplete() && added.remove() ? null : added;
  }

  boolean await(Duration timeout) {
    Watch held = timeout.isPositive() ? interest() : null;
    try {
      return callbacks.await(1, TimeUnit.NANOSECONDS.convert(timeout));
    } finally {
      leave(held);
    }
  }

  boolean await(Duration timeout, IdleStrategy idle) {
    Watch held = timeout.isPositive() ? interest() : null;
    try {
      return WaitList.await(fence::isSignaled, TimeUnit.NANOSECONDS.convert(timeout), idle);
    } finally {
      leave(held);
    }
  }

  /** Callbacks and waiting threads that are kept, and a few that are over. */
  int kept() {
    return callbacks.kept();
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
