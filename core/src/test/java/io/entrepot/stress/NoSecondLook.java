package io.entrepot.stress;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Wrong: a timeline whose callbacks look whether it is signaled before they are in the queue. */
final class NoSecondLook {
  private final AtomicLong signaled = new AtomicLong();
  private final Queue<Runnable> callbacks = new ConcurrentLinkedQueue<>();

  Runnable onSignal(long point, Runnable action) {
    if (signaled.get() >= point) {
      return null;
    }
    callbacks.add(action);
    return action;
  }

  void signal(long point) {
    signaled.set(point);
    callbacks.forEach(Runnable::run);
  }
}
