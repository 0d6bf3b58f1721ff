package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A callback, its place in {@link Callbacks}, and the word that decides what becomes of it.
 *
 * <pre>
 *  STACKED --file--> FILED
 *     |  \           /  |
 *     |   +-- take -+   |          take: runs, once      remove: never runs
 *     |                 |
 *     +----- remove ----+
 * </pre>
 *
 * <p><b>Linearization.</b> The CAS to TAKEN or to REMOVED decides; neither is ever left, so a
 * callback runs once or is removed, never both.
 */
final class PendingCallback implements Fence.Callback, Comparable<PendingCallback> {
  private static final int STACKED = 0;
  private static final int FILED = 1;
  private static final int TAKEN = 2;
  private static final int REMOVED = 3;

  private static final VarHandle STATE;
  private static final VarHandle BELOW;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(PendingCallback.class, "state", int.class);
      BELOW = lookup.findVarHandle(PendingCallback.class, "below", PendingCallback.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Callbacks callbacks;
  private final long point;

  /** A {@link Runnable} to run, or a {@link Thread} to wake; read by whoever takes it alone. */
  private Object action;

  private long number;
  private PendingCallback below;
  private int state;

  PendingCallback(Callbacks callbacks, long point, Object action) {
    this.callbacks = callbacks;
    this.point = point;
    this.action = action;
  }

  long point() {
    return point;
  }

  /** Says what lies below, before this is pushed. */
  void putOn(PendingCallback top) {
    number = top == null ? 0 : top.number + 1;
    PendingCallback stacked = top;
    while (stacked != null && !stacked.isStacked()) {
      stacked = stacked.below();
    }
    below = stacked;
  }

  PendingCallback below() {
    return (PendingCallback) BELOW.getAcquire(this);
  }

  /** Leaves out what lies between, none of which is stacked any more. */
  void bypassTo(PendingCallback lower) {
    BELOW.setRelease(this, lower);
  }

  /** By point, then in the order in which they were added. */
  @Override
  public int compareTo(PendingCallback other) {
    int byPoint = Long.compare(point, other.point);
    return byPoint != 0 ? byPoint : Long.compare(number, other.number);
  }

  boolean isStacked() {
    return (int) STATE.getVolatile(this) == STACKED;
  }

  boolean isPending() {
    return (int) STATE.getVolatile(this) <= FILED;
  }

  /** Whether all it does is to wake a thread. Says no of one that is over. */
  boolean wakesThread() {
    return action instanceof Thread || action instanceof Wake;
  }

  /**
   * Tells that it is filed, and no longer looked for in the stack; false when it is not pending.
   */
  boolean file() {
    return STATE.compareAndSet(this, STACKED, FILED) || isPending();
  }

  /** Runs it, unless somebody else has taken or removed it. */
  void takeAndRun() {
    if (decide(TAKEN)) {
      run();
    }
  }

  @Override
  public boolean remove() {
    if (decide(REMOVED)) {
      action = null;
      callbacks.removed();
      return true;
    }
    return false;
  }

  private boolean decide(int end) {
    int now = (int) STATE.getVolatile(this);
    while (now <= FILED) {
      if (STATE.compareAndSet(this, now, end)) {
        if (now == FILED) {
          callbacks.unfile(this);
        }
        return true;
      }
      now = (int) STATE.getVolatile(this);
    }
    return false;
  }

  private void run() {
    Object taken = action;
    action = null;
    if (taken instanceof Thread waiting) {
      LockSupport.unpark(waiting);
      return;
    }
    try {
      ((Runnable) taken).run();
    } catch (Throwable thrown) {
      Uncaught.handle(thrown);
    }
  }
}
