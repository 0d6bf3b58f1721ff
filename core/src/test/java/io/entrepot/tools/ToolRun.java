package io.entrepot.tools;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The program as its users run it: in a JVM of its own, with nothing on the class path but the
 * library itself.
 *
 * @param exitValue how it ended
 * @param output what it wrote
 * @param errors what it wrote to its error stream
 */
record ToolRun(int exitValue, String output, String errors) {
  static ToolRun of(String... words) throws IOException, InterruptedException {
    return of(List.of(), List.of(), words);
  }

  /** Runs it by a launcher, with flags for its JVM. */
  static ToolRun of(List<String> launcher, List<String> flags, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(command(flags, words));
    Path errors = Files.createTempFile("entrepot", ".err");
    try {
      Process process = start(new ProcessBuilder(command).redirectError(errors.toFile()));
      String output = new String(process.getInputStream().readAllBytes());
      return new ToolRun(process.waitFor(), output, Files.readString(errors));
    } finally {
      Files.delete(errors);
    }
  }

  /** What starts it. */
  static List<String> command(List<String> flags, String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Short-lived: what makes a JVM start quickly.
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "-esa", "-ea"));
    command.addAll(flags.isEmpty() ? List.of("--enable-native-access=ALL-UNNAMED") : flags);
    command.addAll(List.of("-cp", library(), Entrepot.class.getName()));
    command.addAll(List.of(words));
    return command;
  }

  static Process start(ProcessBuilder builder) throws IOException {
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    return builder.start();
  }

  private static String library() {
    try {
      return Path.of(Entrepot.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** The lines of its output that have a text in them. */
  List<String> linesWith(String text) {
    return output.lines().filter(line -> line.contains(text)).toList();
  }

  /** The lines that it wrote to its error stream and that have a text in them. */
  List<String> errorsWith(String text) {
    return errors.lines().filter(line -> line.contains(text)).toList();
  }
}
