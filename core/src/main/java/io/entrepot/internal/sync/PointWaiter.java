package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.SyncPoint;
import io.entrepot.sync.SyncWait;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Waits for one point of a sync object: first for its fence, which it takes once, and then, if that
 * is what is waited for, for the signal. {@link #done()} is for this wait alone and never leaves
 * this package, for it is a fence of what may never be submitted.
 *
 * <p><b>Linearization.</b> The CAS of the fence from {@code null}. All else follows from it, may be
 * done by any thread, and is looked up by who polls {@link #done()}.
 */
final class PointWaiter implements FenceIssuer {
  private static final VarHandle FENCE;
  private static final VarHandle CALLBACK;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      FENCE = lookup.findVarHandle(PointWaiter.class, "fence", Fence.class);
      CALLBACK = lookup.findVarHandle(PointWaiter.class, "callback", Fence.Callback.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final SyncSlot slot;
  private final long point;
  private final boolean untilSignaled;
  private final OneShotFence done;

  private Fence fence;

  /** In the fence, while that is pending. Volatile against {@link #left}: one sees the other. */
  private volatile Fence.Callback callback;

  private volatile boolean left;

  private PointWaiter(SyncPoint of, SyncWait until) {
    this.slot = (SyncSlot) of.object();
    this.point = of.point();
    this.untilSignaled = until != SyncWait.SUBMITTED;
    this.done = new OneShotFence(slot.name(), this);
  }

  /** Begins to wait. */
  static PointWaiter join(SyncPoint point, SyncWait until) {
    PointWaiter waiter = new PointWaiter(point, until);
    Fence there = waiter.slot.join(waiter);
    if (there != null) {
      waiter.tell(there);
    }
    return waiter;
  }

  long point() {
    return point;
  }

  /** The fence that was taken, or {@code null}. */
  Fence fence() {
    return (Fence) FENCE.getVolatile(this);
  }

  /** Is signaled when there is nothing more to wait for. */
  OneShotFence done() {
    return done;
  }

  /** There is a fence. Only the first that it is told of counts. */
  void tell(Fence there) {
    take(there);
    if (isDone()) {
      done.signal(null);
    } else {
      watch();
    }
  }

  /** What a thread has done that was stopped in telling. */
  void take(Fence there) {
    FENCE.compareAndSet(this, null, there);
  }

  /**
   * Shows interest in the fence that was taken, unless somebody has. Of two who do it at once one
   * takes its callback back.
   */
  private void watch() {
    if (callback != null) {
      return;
    }
    Fence.Callback added = fence().onSignal(() -> done.signal(null));
    if (added == null) {
      done.signal(null);
    } else if (!CALLBACK.compareAndSet(this, null, added)) {
      added.remove();
    } else if (left) {
      removeCallback();
    }
  }

  private boolean isDone() {
    Fence there = fence();
    return there != null && (!untilSignaled || there.isSignaled());
  }

  /** Asked by who waits, so that nobody waits for a thread that was stopped before it told. */
  @Override
  public long completed() {
    if (fence() == null) {
      slot.tellAll();
    }
    if (isDone()) {
      return 1;
    }
    if (fence() != null) {
      watch();
    }
    return 0;
  }

  /** Ends the wait; leaves nothing behind. */
  void leave() {
    left = true;
    slot.leave(this);
    removeCallback();
  }

  private void removeCallback() {
    Fence.Callback added = callback;
    if (added != null) {
      added.remove();
    }
  }
}
