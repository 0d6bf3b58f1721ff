package io.entrepot.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the machine is, as far as it matters for speed. */
final class Machine {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private Machine() {}

  /** Processor, cores, kernel and JVM, a line each. */
  static List<String> describe() {
    return List.of(
        "CPU: " + cpu() + ", " + Runtime.getRuntime().availableProcessors() + " cores",
        "Kernel: "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.version").replaceFirst("-.*", "")
            + ", "
            + System.getProperty("os.arch"),
        "JVM: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
  }

  private static String cpu() {
    List<String> lines;
    try {
      lines = Files.readAllLines(CPU_INFO);
    } catch (IOException e) {
      return "unknown";
    }
    String model = value(lines, "model name");
    boolean virtual = (" " + value(lines, "flags") + " ").contains(" hypervisor ");
    return model + (virtual ? " (virtual machine)" : "");
  }

  private static String value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
