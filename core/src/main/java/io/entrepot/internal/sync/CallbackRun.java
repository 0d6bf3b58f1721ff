package io.entrepot.internal.sync;

import java.util.ArrayDeque;

/**
 * What a thread has yet to run. A callback that signals does not nest: the callbacks that it makes
 * due are left to the outermost run of its thread, so that a chain of them may be of any length.
 * The threads that it makes due are woken at once, for a callback may take as long as it likes.
 *
 * <p>An error that ends the run of one fence's callbacks, as of a full stack, goes where what
 * callbacks throw goes, and ends nobody else's: a fence is signaled once, so nobody would run them.
 */
final class CallbackRun {
  private static final ThreadLocal<CallbackRun> OF_THREAD =
      ThreadLocal.withInitial(CallbackRun::new);

  private final ArrayDeque<Callbacks> left = new ArrayDeque<>();
  private boolean running;

  private CallbackRun() {}

  static CallbackRun ofThread() {
    return OF_THREAD.get();
  }

  /**
   * Runs what is due after a signal of {@code point}, now or, within a callback, when that and
   * those before it are over.
   */
  void run(Callbacks callbacks, long point) {
    if (!running) {
      runOutermost(callbacks, null);
    } else if (callbacks.wakeDue(point)) {
      left.add(callbacks);
    }
  }

  /** As {@link #run(Callbacks, long)}, when one callback alone is due, which wakes no thread. */
  void run(Callbacks callbacks, PendingCallback alone) {
    if (running) {
      left.add(callbacks);
    } else {
      runOutermost(callbacks, alone);
    }
  }

  private void runOutermost(Callbacks callbacks, PendingCallback alone) {
    running = true;
    try {
      runOf(callbacks, alone);
      for (Callbacks next = left.poll(); next != null; next = left.poll()) {
        runOf(next, null);
      }
    } finally {
      running = false;
    }
  }

  private static void runOf(Callbacks callbacks, PendingCallback alone) {
    try {
      if (alone == null) {
        callbacks.runDue();
      } else {
        alone.takeAndRun();
      }
    } catch (Throwable thrown) {
      Uncaught.handle(thrown);
    }
  }
}
