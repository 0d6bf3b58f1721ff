package io.entrepot.internal.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open. */
public final class OpenDescriptors {
  private OpenDescriptors() {}

  /** How many descriptors lead to a name that has this in it. */
  public static long of(String target) {
    return targets().stream().filter(name -> name.contains(target)).count();
  }

  /** How many descriptors lead to memory of just this name: no file's path is one. */
  public static long ofMemory(String name) {
    return targets().stream().filter(("/memfd:" + name + " (deleted)")::equals).count();
  }

  /** How many descriptors there are, but for that which looks, and what classes come from. */
  public static long all() {
    return targets().stream()
        .filter(name -> !name.startsWith("/proc/") && !name.endsWith(".jar"))
        .count();
  }

  /** How many mappings have a name that has this in it. */
  public static long mappingsOf(String target) throws IOException {
    return mappings(target).size();
  }

  /** The lines of all mappings that have a name that has this in it. */
  public static List<String> mappings(String target) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains(target)).toList();
    }
  }

  /** Where all descriptors lead. */
  public static List<String> targets() {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.flatMap(OpenDescriptors::target).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> target(Path descriptor) {
    try {
      return Stream.of(Files.readSymbolicLink(descriptor).toString());
    } catch (NoSuchFileException closedMeanwhile) {
      return Stream.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
