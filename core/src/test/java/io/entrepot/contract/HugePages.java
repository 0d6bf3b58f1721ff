package io.entrepot.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Huge pages of the default size, some of them reserved for a test: only root may. */
final class HugePages implements AutoCloseable {
  private static final Path RESERVED = Path.of("/proc/sys/vm/nr_hugepages");
  private static final long BYTES_PER_KB = 1024;

  private final int pages;

  private HugePages(int pages) {
    this.pages = pages;
  }

  /** Reserves some more, or skips the test. */
  static HugePages reserve(int pages) throws IOException {
    assumeTrue(Files.isWritable(RESERVED), "only root may reserve huge pages");
    HugePages reserved = new HugePages(pages);
    long before = free();
    change(pages);
    if (free() < before + pages) {
      reserved.close();
      assumeTrue(false, "this machine has no " + pages + " huge pages to reserve");
    }
    return reserved;
  }

  private static void change(int by) throws IOException {
    long reserved = Long.parseLong(Files.readString(RESERVED).strip());
    Files.writeString(RESERVED, Long.toString(Math.max(0, reserved + by)));
  }

  /** Those that nobody has or was promised. */
  static long free() {
    return meminfo("HugePages_Free") - meminfo("HugePages_Rsvd");
  }

  /** Size of a page. */
  static long bytes() {
    return meminfo("Hugepagesize") * BYTES_PER_KB;
  }

  private static long meminfo(String field) {
    List<String> lines;
    try {
      lines = Files.readAllLines(Path.of("/proc/meminfo"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return lines.stream()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.substring(field.length() + 1).strip().split(" ")[0])
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }

  @Override
  public void close() throws IOException {
    change(-pages);
  }
}
