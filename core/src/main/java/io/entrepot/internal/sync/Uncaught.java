package io.entrepot.internal.sync;

/** What users' code throws that is called on behalf of others: where it goes, and how it reads. */
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

  /**
   * The text of what was thrown. It is users' code too: one that throws in turn must not keep a
   * fence from being signaled.
   */
  static String text(Throwable thrown) {
    try {
      return thrown.toString();
    } catch (Throwable again) {
      return thrown.getClass().getName() + ", whose text cannot be told";
    }
  }
}
