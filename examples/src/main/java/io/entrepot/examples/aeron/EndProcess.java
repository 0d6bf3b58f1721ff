package io.entrepot.examples.aeron;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A process of one end. What goes wrong with the network is one line and not a stack; one that is
 * told to terminate closes what it has, for a media driver leaves its directory behind otherwise.
 */
final class EndProcess {
  private static final long CLOSING_MS = TimeUnit.SECONDS.toMillis(10);

  private static volatile boolean isEnding;

  private EndProcess() {}

  /** What an end does; its answer is the end's result. */
  @FunctionalInterface
  interface Work {
    /** Does it, and looks often whether it {@linkplain #checkGoesOn() goes on}. */
    Record over(Plan plan, Network network) throws ExecutionException, InterruptedException;
  }

  /**
   * Does an end's work by this process's properties, on the first thread, and writes its result.
   */
  static void run(String result, Work work)
      throws IOException, ExecutionException, InterruptedException {
    begin();
    Plan plan = Plan.ofProperties();
    try (Network network = Network.ofProperties()) {
      JsonFile.write(plan.output().resolve(result), work.over(plan, network));
    }
  }

  private static void begin() {
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
