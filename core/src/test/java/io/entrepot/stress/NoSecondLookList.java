package io.entrepot.stress;

import io.entrepot.internal.memory.Words;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Wrong: a wait list whose waiters look at their condition, then arm, then park for all their time.
 */
final class NoSecondLookList {
  private final Words words;
  private final long armedOffset;
  private volatile Thread waiting;
  private volatile boolean woken;

  NoSecondLookList(Words words, long armedOffset) {
    this.words = words;
    this.armedOffset = armedOffset;
  }

  /** Whether the condition held or a wake-up came. */
  boolean await(BooleanSupplier condition, long timeoutNs) {
    if (condition.getAsBoolean()) {
      return true;
    }
    long startNs = System.nanoTime();
    waiting = Thread.currentThread();
    words.getAndAdd(armedOffset, 1);
    while (!woken && System.nanoTime() - startNs < timeoutNs) {
      LockSupport.parkNanos(this, timeoutNs);
    }
    return woken;
  }

  void signal() {
    if (words.getOpaque(armedOffset) != 0) {
      woken = true;
      LockSupport.unpark(waiting);
    }
  }
}
