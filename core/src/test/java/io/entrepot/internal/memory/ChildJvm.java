package io.entrepot.internal.memory;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.IdleStrategy;

/** A JVM of its own that is talked to line by line; killed when closed. */
public final class ChildJvm implements AutoCloseable {
  /** A flag with which nobody may use native memory. */
  static final String DENY_NATIVE_ACCESS = "--illegal-native-access=deny";

  private final Process process;
  private final BufferedReader output;
  private final Writer input;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader();
    this.input = process.outputWriter();
  }

  /** Starts a program with flags for its JVM (those that begin with a minus) and arguments. */
  public static ChildJvm start(Class<?> program, String... flagsAndArguments) throws IOException {
    return start(List.of(), program, flagsAndArguments);
  }

  /** Starts a program by a shell that first limits its descriptors. */
  public static ChildJvm startLimited(int descriptors, Class<?> program, String... arguments)
      throws IOException {
    return start(shell("ulimit -n " + descriptors), program, arguments);
  }

  /** A launcher that does something first, which its command inherits. */
  static List<String> shell(String first) {
    return List.of("/bin/sh", "-c", first + " && exec \"$@\"", "sh");
  }

  /** Starts a program by a launcher: a command that runs the command behind it. */
  public static ChildJvm start(List<String> launcher, Class<?> program, String... flagsAndArguments)
      throws IOException {
    return start(launcher, classPath(), program, flagsAndArguments);
  }

  /** As {@link #start(List, Class, String...)}, with a class path that its user can read. */
  static ChildJvm start(
      List<String> launcher, String classPath, Class<?> program, String... flagsAndArguments)
      throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Short-lived: what makes a JVM start quickly.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"));
    if (!List.of(flagsAndArguments).contains(DENY_NATIVE_ACCESS)) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-esa");
    command.add("-ea");
    command.addAll(List.of("-cp", classPath));
    for (String flag : flagsAndArguments) {
      if (flag.startsWith("-")) {
        command.add(flag);
      }
    }
    command.add(program.getName());
    for (String argument : flagsAndArguments) {
      if (!argument.startsWith("-")) {
        command.add(argument);
      }
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    return new ChildJvm(builder.start());
  }

  private static String classPath() {
    return String.join(
        File.pathSeparator,
        pathOf(ChildJvm.class),
        pathOf(SharedMemory.class),
        pathOf(IdleStrategy.class));
  }

  static String pathOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  public long pid() {
    return process.pid();
  }

  /** The next line that the program wrote; fails with all the rest when it ended. */
  public String line() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new AssertionError("the program ended");
    }
    return line;
  }

  /** Waits for a line; all lines before it are part of the failure when it does not come. */
  public void expect(String expected) throws IOException {
    StringBuilder before = new StringBuilder();
    String line;
    while ((line = output.readLine()) != null) {
      if (line.equals(expected)) {
        return;
      }
      before.append('\n').append(line);
    }
    throw new AssertionError("no '" + expected + "' but" + before);
  }

  /** Waits for a line that has this in it, and answers it. */
  public String expectPart(String part) throws IOException {
    StringBuilder before = new StringBuilder();
    String line;
    while ((line = output.readLine()) != null) {
      if (line.contains(part)) {
        return line;
      }
      before.append('\n').append(line);
    }
    throw new AssertionError("no line with '" + part + "' but" + before);
  }

  /** All that the program wrote, to its end. */
  public String rest() throws IOException {
    StringBuilder rest = new StringBuilder();
    String line;
    while ((line = output.readLine()) != null) {
      rest.append(line).append('\n');
    }
    return rest.toString();
  }

  /** Says one line to the program. */
  public void say(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  /** Ends its input. */
  public void endInput() throws IOException {
    input.close();
  }

  /** Ends it as SIGKILL does; it is dead on return. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
