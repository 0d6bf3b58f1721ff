package io.entrepot.examples.aeron;

import java.util.concurrent.TimeUnit;

/**
 * A process of one end. What goes wrong with the network is one line and not a stack; one that is
 * told to terminate closes what it has, for a media driver leaves its directory behind otherwise.
 */
final class EndProcess {
  private static final long CLOSING_MS = TimeUnit.SECONDS.toMillis(10);

  private static volatile boolean isEnding;

  private EndProcess() {}

  /** Prepares the calling thread, the process's first, which looks often whether it goes on. */
  static void begin() {
    Thread main = Thread.currentThread();
    main.setUncaughtExceptionHandler(EndProcess::say);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(main), "end"));
  }

  private static void say(Thread thread, Throwable failure) {
    if (failure instanceof NetworkException) {
      System.err.println(failure.getMessage());
    } else {
      failure.printStackTrace();
    }
  }

  private static void end(Thread main) {
    isEnding = true; // not an interrupt, which closes files and sockets under whoever uses them
    try {
      main.join(CLOSING_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Throws when this process shall end. */
  static void checkGoesOn() {
    if (isEnding) {
      throw new NetworkException("terminated");
    }
  }
}
