package io.entrepot.internal.sync;

import java.util.ArrayDeque;

/**
 * What a thread has yet to run. A callback that signals does not nest: what it makes due is left to
 * the outermost run of its thread, so that a chain of callbacks may be of any length.
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

  /** Runs what is due, now or, within a callback, when that and those before it are over. */
  void run(Callbacks callbacks) {
    run(callbacks, null);
  }

  /** As {@link #run(Callbacks)}, when one callback alone is due. */
  void run(Callbacks callbacks, PendingCallback alone) {
    if (running) {
      left.add(callbacks);
      return;
    }
    running = true;
    try {
      if (alone == null) {
        callbacks.runDue();
      } else {
        alone.takeAndRun();
      }
      for (Callbacks next = left.poll(); next != null; next = left.poll()) {
        next.runDue();
      }
    } finally {
      running = false;
    }
  }
}
