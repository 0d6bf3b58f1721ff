package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A callback and the word that decides, by CAS, whether it runs or was removed. */
final class PendingCallback implements Fence.Callback, Comparable<PendingCallback> {
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
  private final long number;
  private final Runnable action;
  private int state = PENDING;

  PendingCallback(TimelineState timeline, long point, long number, Runnable action) {
    this.timeline = timeline;
    this.point = point;
    this.number = number;
    this.action = action;
  }

  /** By point, then in the order in which they were added. */
  @Override
  public int compareTo(PendingCallback other) {
    int byPoint = Long.compare(point, other.point);
    return byPoint != 0 ? byPoint : Long.compare(number, other.number);
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
      try {
        self.getUncaughtExceptionHandler().uncaughtException(self, thrown);
      } catch (Throwable ignored) {
        // As the JVM does: what a handler throws has nowhere to go.
      }
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
