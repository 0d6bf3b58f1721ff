package io.entrepot.chaos;

import io.entrepot.internal.memory.ChildJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The test's end of the talk with a process. Closing kills it. */
final class Participant implements AutoCloseable {
  /** Longer than anything takes that has no limit of its own, a start of a JVM for instance. */
  static final Duration LONG = Duration.ofSeconds(60);

  /** Lines beside its answers that are kept. */
  private static final int NOISE = 500;

  private final String name;
  private final ChildJvm jvm;
  private final BlockingQueue<String[]> answers = new LinkedBlockingQueue<>();
  private final List<String> noise = new ArrayList<>();

  private Participant(String name, ChildJvm jvm) {
    this.name = name;
    this.jvm = jvm;
    Thread.ofPlatform().daemon().name(name).start(this::listen);
  }

  static Participant start(String name, Class<?> program, String... arguments) throws IOException {
    return new Participant(name, ChildJvm.start(program, arguments));
  }

  private void listen() {
    try {
      while (true) {
        String line = jvm.line();
        if (line.startsWith(Child.MARK)) {
          answers.add(line.substring(1).split(" "));
        } else {
          hear(line);
        }
      }
    } catch (IOException | AssertionError ended) {
      answers.add(new String[] {"ended-without-a-word"});
    }
  }

  private void hear(String line) {
    synchronized (noise) {
      if (noise.size() < NOISE) {
        noise.add(line);
      }
    }
  }

  long pid() {
    return jvm.pid();
  }

  void say(String order) throws IOException {
    jvm.say(order);
  }

  /** Waits for an answer, and passes over others; its words. */
  String[] await(String answer) throws InterruptedException {
    return await(answer, LONG);
  }

  String[] await(String answer, Duration limit) throws InterruptedException {
    long startNs = System.nanoTime();
    while (true) {
      long leftNs = limit.toNanos() - (System.nanoTime() - startNs);
      String[] words = answers.poll(Math.max(0, leftNs), TimeUnit.NANOSECONDS);
      if (words == null) {
        throw failure("did not say '" + answer + "' within " + limit.toMillis() + " ms");
      }
      if (words[0].equals(answer)) {
        return words;
      }
      requireNoFailure(words);
    }
  }

  /** Fails if it has; what else it has said so far is passed over. */
  void requireWell() {
    for (String[] words = answers.poll(); words != null; words = answers.poll()) {
      requireNoFailure(words);
    }
  }

  private void requireNoFailure(String... words) {
    if (words[0].startsWith("ended-") || words[0].equals("failed")) {
      throw failure(String.join(" ", words).replace('|', '\n'));
    }
  }

  private AssertionError failure(String what) {
    return new AssertionError(this + " " + what + "\n" + noise());
  }

  /** What it has written beside its answers: warnings, of the library for instance. */
  String noise() {
    synchronized (noise) {
      return String.join("\n", noise);
    }
  }

  /** Ends it as SIGKILL does, which is what it gets; it is dead on return. */
  void kill() throws InterruptedException {
    jvm.kill();
  }

  /** Stops it as SIGSTOP does, at whatever instruction its threads are. */
  void stop() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on. */
  void wake() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    int result =
        new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid()).start().waitFor();
    if (result != 0) {
      throw failure("could not be sent the signal " + name);
    }
  }

  @Override
  public void close() {
    jvm.close();
  }

  @Override
  public String toString() {
    return name + ", process " + pid() + ",";
  }
}
