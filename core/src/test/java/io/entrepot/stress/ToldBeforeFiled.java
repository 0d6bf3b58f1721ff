package io.entrepot.stress;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Wrong: a callback of point 2 that is told to be filed before it is. */
final class ToldBeforeFiled {
  private static final long POINT = 2;

  private final AtomicLong signaled = new AtomicLong();
  private final AtomicBoolean isFiled = new AtomicBoolean();
  private final AtomicBoolean isTaken = new AtomicBoolean();
  private final Queue<Runnable> filed = new ConcurrentLinkedQueue<>();
  private final Runnable action;

  ToldBeforeFiled(Runnable action) {
    this.action = action;
  }

  void signal(long point) {
    signaled.accumulateAndGet(point, Math::max);
    if (isFiled.get()) {
      Runnable found = filed.peek();
      if (found != null && point >= POINT) {
        take(found);
      }
    } else if (point >= POINT) {
      take(action);
    } else if (isFiled.compareAndSet(false, true)) {
      filed.add(action);
    }
  }

  private void take(Runnable due) {
    if (isTaken.compareAndSet(false, true)) {
      due.run();
    }
  }
}
