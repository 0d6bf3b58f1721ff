package io.entrepot.internal.reach;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The number by which a process knows itself. In a container, that is in a pid namespace of its
 * own, it is another one than the processes outside know it by.
 *
 * @param here number of the process in this process's namespace
 * @param own number in its own namespace; the same where that is not known
 * @param isContained whether its namespace is one below this process's
 */
public record OwnNumber(long here, long own, boolean isContained) {
  private static final String FIELD = "NSpid:";

  /** As the kernel has it now; of a process that has ended the number here is all there is. */
  public static OwnNumber of(long pid) {
    // "NSpid: 4711 1", from this namespace down to that of the process.
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith(FIELD))
          .map(line -> line.substring(FIELD.length()).strip().split("\\s+"))
          .map(numbers ->
              new OwnNumber(pid, Long.parseLong(numbers[numbers.length - 1]), numbers.length > 1))
          .findFirst()
          .orElseGet(() -> new OwnNumber(pid, pid, false));
    } catch (IOException | UncheckedIOException gone) {
      return new OwnNumber(pid, pid, false);
    }
  }

  /** The number here, and the other one where there is one. */
  @Override
  public String toString() {
    return isContained ? here + " (" + own + " in its container)" : Long.toString(here);
  }

  /** A process that this one knows by a number. */
  public String known(long number) {
    if (!isContained) {
      return "process " + number;
    }
    return number == 0
        ? "a process outside the container of process " + here
        : "process " + number + " in the container of process " + here;
  }
}
