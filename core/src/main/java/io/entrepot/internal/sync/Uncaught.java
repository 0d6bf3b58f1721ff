package io.entrepot.internal.sync;

/** Where goes what users' code throws that is called on behalf of others. */
final class Uncaught {
  private Uncaught() {}

  /** Gives it to the calling thread's uncaught exception handler. */
  static void handle(Throwable thrown) {
    Thread self = Thread.currentThread();
    try {
      self.getUncaughtExceptionHandler().uncaughtException(self, thrown);
    } catch (Throwable ignored) {
      // As the JVM does: what a handler throws has nowhere to go.
    }
  }
}
