package io.entrepot.contract;

import io.entrepot.flow.BufferPool;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.IdleStrategy;

/** JVMs of their own, for what flags change or a plain JDK must do without any. */
final class ForkedJvm {
  private ForkedJvm() {}

  /**
   * How a JVM ended.
   *
   * @param exitValue 0 when its program did
   * @param output what it wrote, errors included
   */
  record Run(int exitValue, String output) {}

  private static String pathOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static List<String> classPath() {
    return List.of(
        "-cp",
        String.join(
            File.pathSeparator,
            pathOf(ForkedJvm.class),
            pathOf(BufferPool.class),
            pathOf(IdleStrategy.class)));
  }

  /** The library as a module; the program, which is in none of its packages, beside it. */
  static List<String> modulePath() {
    return List.of(
        "-p",
        pathOf(BufferPool.class) + File.pathSeparator + pathOf(IdleStrategy.class),
        "--add-modules",
        "io.entrepot",
        "-cp",
        pathOf(ForkedJvm.class));
  }

  /** Runs a program to its end. */
  static Run run(Class<?> program, List<String> path, String... flags)
      throws IOException, InterruptedException {
    List<String> withFlags = new ArrayList<>(path);
    withFlags.addAll(List.of(flags));
    Process process = start(program, withFlags);
    String output = new String(process.getInputStream().readAllBytes());
    return new Run(process.waitFor(), output);
  }

  /** Starts a program, whose errors come with its output. */
  static Process start(Class<?> program, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(program.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    return builder.start();
  }
}
