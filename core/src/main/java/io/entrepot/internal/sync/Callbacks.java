package io.entrepot.internal.sync;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The callbacks and waiting threads of one timeline: a signal wakes the threads that are due, then
 * runs the callbacks, in the order of their points.
 *
 * <pre>
 *  top -> newest -> ... -> oldest          stacked: at most a few that no signal has passed over
 *  filed: 7, 9, 9, 12, ...                 by point, for those that more than a few wait beside
 * </pre>
 *
 * <p>Adding pushes by one CAS, with the callback's handle as its own node. A signal walks the
 * stack, runs what is due, and when more than {@value #FEW} are left files these in a sorted set,
 * each once: so a signal costs what it runs, plus a few, however many others wait.
 *
 * <p><b>Invariant.</b> A stacked callback is reachable from {@code top}: a push goes on top, and
 * links are changed to leave out callbacks only that are not stacked any more, which they never are
 * again. A filed one was in the set before it was told to be filed. What was dropped from both was
 * taken or removed.
 *
 * <p><b>Callback against signal.</b> Adding pushes, then reads the signaled point; a signal raises
 * the point, then reads {@code top}. All four are volatile accesses, so in their total order one of
 * the two comes last and sees the other. Where both do, the callback's own state decides.
 */
final class Callbacks {
  /** Pending callbacks that signals pass over rather than file. */
  static final int FEW = 16;

  /** Removed callbacks that the stack may hold before it is walked for their sake. */
  private static final int REMOVALS = 32;

  private static final int SPINS = 128;

  /**
   * Longest single park. A wake-up is not lost; this is for the case that whoever raised the point
   * is stopped before it wakes others. Much shorter parks make each wake-up slower: the kernel then
   * sets its clock for each.
   */
  static final long SLICE_NS = 10_000_000;

  private static final VarHandle TOP;
  private static final VarHandle FILED;
  private static final VarHandle REMOVED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TOP = lookup.findVarHandle(Callbacks.class, "top", PendingCallback.class);
      FILED = lookup.findVarHandle(Callbacks.class, "filed", ConcurrentSkipListSet.class);
      REMOVED = lookup.findVarHandle(Callbacks.class, "removed", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final LongSupplier signaled;
  private final int few;

  private PendingCallback top;
  private ConcurrentSkipListSet<PendingCallback> filed;

  /** A hint: a count lost between two threads makes a walk later, by as much. */
  private int removed;

  /**
   * No callbacks yet.
   *
   * @param signaled reads the highest signaled point by a volatile access
   */
  Callbacks(LongSupplier signaled) {
    this(signaled, FEW);
  }

  /** As {@link #Callbacks(LongSupplier)}, filing what is more than {@code few}. */
  Callbacks(LongSupplier signaled, int few) {
    this.signaled = signaled;
    this.few = few;
  }

  /**
   * Adds a callback. Who calls this looks at the signaled point afterwards, and removes it when
   * that is not below.
   *
   * @param action a {@link Runnable} to run, or a {@link Thread} to wake, or a {@link Wake}
   */
  PendingCallback push(long point, Object action) {
    PendingCallback added = new PendingCallback(this, point, action);
    PendingCallback on;
    do {
      on = top();
      added.putOn(on);
    } while (!TOP.compareAndSet(this, on, added));
    return added;
  }

  /** Runs what is due; after a signal has raised the point. */
  void signaled(long point) {
    PendingCallback first = top();
    if (first != null) {
      signaled(point, first);
    }
  }

  private void signaled(long point, PendingCallback first) {
    // Looked at before the set: one that was filed and left the stack is seen there.
    boolean isStacked = first.isStacked();
    if (first.below() != null || !noneFiled()) {
      CallbackRun.ofThread().run(this, point);
    } else if (isStacked && first.point() <= point) {
      if (!first.wakesThread()) {
        CallbackRun.ofThread().run(this, first);
      } else {
        // Nothing can nest in a wake-up.
        first.takeAndRun();
      }
    }
  }

  private boolean noneFiled() {
    ConcurrentSkipListSet<PendingCallback> sorted = filed();
    return sorted == null || sorted.isEmpty();
  }

  /** Wakes the threads that are due now, then runs the callbacks. */
  void runDue() {
    List<PendingCallback> due = due(signaled.getAsLong());
    if (due.isEmpty() || !wake(due)) {
      return;
    }
    if (due.size() > 1) {
      due.sort(null);
    }
    for (int i = 0; i < due.size(); i++) {
      try {
        due.get(i).takeAndRun();
      } catch (Throwable thrown) {
        Uncaught.handle(thrown);
      }
    }
  }

  /** Wakes the threads that wait for a point; whether there are callbacks to run. */
  boolean wakeDue(long point) {
    return wake(due(point));
  }

  private static boolean wake(List<PendingCallback> due) {
    boolean callbacksToo = false;
    for (int i = 0; i < due.size(); i++) {
      if (due.get(i).wakesThread()) {
        due.get(i).takeAndRun();
      } else {
        callbacksToo = true;
      }
    }
    return callbacksToo;
  }

  /**
   * What is due in stack and set, in any order, and again where it was filed meanwhile. None is
   * taken before its turn, so what a thread that is stopped here has found is found by the next.
   */
  private List<PendingCallback> due(long point) {
    List<PendingCallback> due = walk(point);
    if (!noneFiled()) {
      for (PendingCallback callback : filed()) {
        if (callback.point() > point) {
          break;
        }
        due = with(due, callback);
      }
    }
    return due;
  }

  /** Finds what is due in the stack, leaves out what is over, and files the rest if it is long. */
  private List<PendingCallback> walk(long point) {
    List<PendingCallback> due = List.of();
    int passed = 0;
    PendingCallback above = top();
    PendingCallback next = above;
    while (next != null) {
      PendingCallback callback = next;
      next = callback.below();
      if (!callback.isStacked()) {
        continue;
      }
      if (callback.point() <= point) {
        due = with(due, callback);
      } else {
        passed++;
      }
      above = link(above, callback);
    }
    if (above != null && above.below() != null) {
      above.bypassTo(null);
    }
    if (passed > few) {
      file(point);
    }
    return due;
  }

  private static PendingCallback link(PendingCallback above, PendingCallback callback) {
    if (above != callback && above.below() != callback) {
      above.bypassTo(callback);
    }
    return callback;
  }

  private static List<PendingCallback> with(List<PendingCallback> due, PendingCallback callback) {
    if (due.isEmpty()) {
      return List.of(callback);
    }
    List<PendingCallback> more = due.size() == 1 ? new ArrayList<>(due) : due;
    more.add(callback);
    return more;
  }

  private void file(long point) {
    for (PendingCallback next = top(); next != null; next = next.below()) {
      if (next.isStacked() && next.point() > point) {
        ConcurrentSkipListSet<PendingCallback> sorted = filedOrNew();
        // In the set before it is told to be filed: at no time it is in neither.
        sorted.add(next);
        if (!next.file()) {
          sorted.remove(next);
        }
      }
    }
  }

  /** Callbacks that are kept, pending or not. */
  int kept() {
    int count = noneFiled() ? 0 : filed().size();
    for (PendingCallback next = top(); next != null; next = next.below()) {
      count++;
    }
    return count;
  }

  void unfile(PendingCallback callback) {
    filed().remove(callback);
  }

  /** Counts one more removed callback, of which the stack is rid now and then. */
  void removed() {
    int count = (int) REMOVED.getOpaque(this) + 1;
    if (count < REMOVALS) {
      REMOVED.setOpaque(this, count);
    } else {
      REMOVED.setOpaque(this, 0);
      walk(Long.MIN_VALUE);
    }
  }

  private PendingCallback top() {
    return (PendingCallback) TOP.getVolatile(this);
  }

  @SuppressWarnings("unchecked")
  private ConcurrentSkipListSet<PendingCallback> filed() {
    return (ConcurrentSkipListSet<PendingCallback>) FILED.getVolatile(this);
  }

  private ConcurrentSkipListSet<PendingCallback> filedOrNew() {
    if (filed() == null) {
      FILED.compareAndSet(this, null, new ConcurrentSkipListSet<PendingCallback>());
    }
    return filed();
  }

  /**
   * Waits until a point is signaled. An interrupt ends the wait at once and stays set.
   *
   * @return whether the point is signaled
   */
  boolean await(long point, long timeoutNs) {
    if (signaled.getAsLong() >= point) {
      return true;
    }
    if (timeoutNs <= 0) {
      return false;
    }
    for (int i = 0; i < SPINS; i++) {
      Thread.onSpinWait();
      if (signaled.getAsLong() >= point) {
        return true;
      }
    }
    long startNs = System.nanoTime();
    Thread self = Thread.currentThread();
    PendingCallback wake = push(point, self);
    while (signaled.getAsLong() < point) {
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      if (leftNs <= 0 || self.isInterrupted()) {
        wake.remove();
        return signaled.getAsLong() >= point;
      }
      LockSupport.parkNanos(this, Math.min(SLICE_NS, leftNs));
    }
    wake.remove();
    return true;
  }
}
