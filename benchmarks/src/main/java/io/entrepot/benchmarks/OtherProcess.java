package io.entrepot.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that runs {@link AnsweringProcess}, as the benchmark that started it sees it.
 *
 * @param process itself
 */
record OtherProcess(Process process) implements OtherSide {
  /** Starts one, and waits until it is ready. */
  static OtherProcess startReady(List<String> args) throws IOException {
    OtherProcess other = start(args.toArray(String[]::new));
    other.awaitReady();
    return other;
  }

  /** Starts one, with what this JVM may reach of the JDK. */
  static OtherProcess start(String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--"))
        .forEach(command::add);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(AnsweringProcess.class.getName());
    command.addAll(List.of(args));
    return new OtherProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Waits until it says that it is ready. */
  void awaitReady() throws IOException {
    String line = line();
    if (!line.equals(AnsweringProcess.READY)) {
      throw new IllegalStateException("the other process said '" + line + "'");
    }
  }

  /** What it says next; not by a reader that reads ahead, for messages may follow the line. */
  String line() throws IOException {
    InputStream in = process.getInputStream();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** Ends what it reads from, which tells it to end. */
  void tellEnd() throws IOException {
    process.getOutputStream().close();
  }

  @Override
  public Throwable failure() {
    return process.isAlive() ? null : badEnd(process.exitValue());
  }

  @Override
  public void end() throws IOException, InterruptedException {
    tellEnd();
    awaitEnd();
  }

  /** Waits for its end, which must be a good one. */
  void awaitEnd() throws InterruptedException {
    int exit = process.waitFor();
    if (exit != 0) {
      throw badEnd(exit);
    }
  }

  private static IllegalStateException badEnd(int exit) {
    return new IllegalStateException("the other process ended with " + exit);
  }
}
