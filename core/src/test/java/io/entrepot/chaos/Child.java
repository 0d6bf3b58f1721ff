package io.entrepot.chaos;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A participant's own end of its talk with the test: orders come line by line, answers begin with
 * {@value #MARK}, whatever else it writes is for people.
 */
public final class Child {
  static final String MARK = "@";

  private static final AtomicBoolean FAILED = new AtomicBoolean();

  private Child() {}

  /** Carries out orders. */
  @FunctionalInterface
  public interface Orders {
    /** Carries out one: its words. */
    void obey(String... words) throws Exception;
  }

  /** Says one line to the test. */
  public static void say(String line) {
    System.out.println(MARK + line);
    System.out.flush();
  }

  /** Tells of a failure, the first alone, in one line; the process is killed by the test. */
  public static void fail(Throwable thrown) {
    if (FAILED.compareAndSet(false, true)) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace));
      say("failed " + trace.toString().replace('\n', '|'));
    }
  }

  /** Obeys to the end of its input, or to its death. */
  public static void obey(Orders orders) {
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> fail(thrown));
    say("ready");
    try (BufferedReader input = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        orders.obey(line.split(" "));
      }
    } catch (Exception | AssertionError failed) {
      fail(failed);
    }
  }

  /** A thread of a participant's, which tells of whatever it throws. */
  public static Thread start(String name, Work work) {
    return Thread.ofPlatform()
        .daemon()
        .name(name)
        .start(() -> {
          try {
            work.run();
          } catch (Throwable failed) {
            fail(failed);
          }
        });
  }

  /** What a thread does. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }
}
