package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A callback and the word that decides, by CAS, whether it runs or was removed. */
final class PendingCallback implements Fence.Callback {
  private static final int PENDING = 0;
  private static final int TAKEN = 1;
  private static final int REMOVED = 2;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(PendingCallback.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final TimelineState timeline;
  private final long point;
  private final Runnable action;
  private int state = PENDING;

  PendingCallback(TimelineState timeline, long point, Runnable action) {
    this.timeline = timeline;
    this.point = point;
    this.action = action;
  }

  long point() {
    return point;
  }

  boolean takeToRun() {
    return STATE.compareAndSet(this, PENDING, TAKEN);
  }

  void run() {
    try {
      action.run();
    } catch (Throwable thrown) {
      Thread self = Thread.currentThread();
      self.getUncaughtExceptionHandler().uncaughtException(self, thrown);
    }
  }

  @Override
  public boolean remove() {
    if (STATE.compareAndSet(this, PENDING, REMOVED)) {
      timeline.forget(this);
      return true;
    }
    return false;
  }
}
