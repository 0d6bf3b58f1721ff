package io.entrepot.internal.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether there is room for a memory, asked before it is allocated.
 *
 * <p>The kernel does not refuse pages above the limit of a control group, or of the machine: it
 * kills a process. So what cannot fit is refused here, with the numbers. The answer is of this
 * moment, others allocate too.
 */
public final class MemoryRoom {
  private static final MemoryRoom HERE =
      new MemoryRoom(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
  private static final long BYTES_PER_KB = 1024;
  private static final int CAP_IPC_LOCK = 14;

  private final Path proc;
  private final Path controlGroups;

  /** Room as told by these directories. */
  MemoryRoom(Path proc, Path controlGroups) {
    this.proc = proc;
    this.controlGroups = controlGroups;
  }

  /** Room of this process. */
  public static MemoryRoom here() {
    return HERE;
  }

  /**
   * Looks at the machine and at each control group that this process is in.
   *
   * @param name of the memory, for people
   * @param byteSize how many bytes it is to have
   * @throws NoRoomException when so many bytes cannot fit, with both numbers
   */
  public void require(String name, long byteSize) {
    long available = meminfo("MemAvailable").orElse(Long.MAX_VALUE);
    long swap = meminfo("SwapFree").orElse(0);
    if (available < Long.MAX_VALUE - swap && byteSize > available + swap) {
      throw new NoRoomException(
          need(name, byteSize)
              + ", the machine has "
              + (available + swap)
              + " left (MemAvailable and SwapFree): give less or free some");
    }
    requireInControlGroups(name, byteSize);
  }

  /** Huge pages are reserved by an administrator; size and numbers are of the default size. */
  void requireHuge(String name, long byteSize) {
    long pages = Math.ceilDiv(byteSize, hugePageBytes());
    long free = meminfoValue("HugePages_Free").orElse(0) - meminfoValue("HugePages_Rsvd").orElse(0);
    if (pages > free) {
      throw new NoRoomException(
          need(name, byteSize)
              + ", that is "
              + pages
              + " huge pages of "
              + hugePageBytes()
              + " bytes; "
              + free
              + " of "
              + meminfoValue("HugePages_Total").orElse(0)
              + " are free: reserve more (sysctl vm.nr_hugepages)");
    }
  }

  /** Size in bytes of a huge page of the default size. */
  long hugePageBytes() {
    return meminfo("Hugepagesize")
        .orElseThrow(() -> new IllegalStateException("this kernel has no huge pages"));
  }

  /**
   * Secret memory is locked memory, of which a process may have a limited number of bytes.
   *
   * @param limitBytes of all that this process locks
   * @param pageBytes size of a page: whole ones are locked
   */
  void requireLockable(String name, long byteSize, long limitBytes, long pageBytes) {
    long locked = valueIn("self/status", "VmLck").orElse(0) * BYTES_PER_KB;
    long pages = Math.ceilDiv(byteSize, pageBytes);
    if (pages > (limitBytes - locked) / pageBytes && !mayLockAnyNumber()) {
      throw new NoRoomException(
          need(name, byteSize)
              + " locked into memory; this process may lock "
              + limitBytes
              + " and has locked "
              + locked
              + ": raise RLIMIT_MEMLOCK (ulimit -l)");
    }
  }

  private boolean mayLockAnyNumber() {
    return fieldOf("self/status", "CapEff")
        .map(hex -> (Long.parseUnsignedLong(hex, 16) >>> CAP_IPC_LOCK & 1) == 1)
        .orElse(false);
  }

  private void requireInControlGroups(String name, long byteSize) {
    for (String line : lines(proc.resolve("self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && parts[0].equals("0") && parts[1].isEmpty()) {
        requireAlong(name, byteSize, controlGroups, parts[2], Hierarchy.UNIFIED);
      } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
        requireAlong(
            name, byteSize, controlGroups.resolve("memory"), parts[2], Hierarchy.OF_MEMORY);
      }
    }
  }

  /** A limit anywhere above counts. In a container the path may be one that is not seen there. */
  private void requireAlong(
      String name, long byteSize, Path root, String path, Hierarchy hierarchy) {
    Path named = root.resolve(path.substring(Math.min(1, path.length()))).normalize();
    Path group = named.startsWith(root) ? named : root; // "/..": above what this container sees
    while (group != null && group.startsWith(root)) {
      requireIn(name, byteSize, group, hierarchy);
      group = group.getParent();
    }
  }

  private void requireIn(String name, long byteSize, Path group, Hierarchy hierarchy) {
    requireBelow(name, byteSize, group, hierarchy, hierarchy.limit);
    if (hierarchy.threshold != null) {
      // Above it nobody is killed, but what allocates is held up without end.
      requireBelow(name, byteSize, group, hierarchy, hierarchy.threshold);
    }
  }

  private void requireBelow(
      String name, long byteSize, Path group, Hierarchy hierarchy, String limitFile) {
    OptionalLong limit = number(group.resolve(limitFile));
    OptionalLong used = number(group.resolve(hierarchy.used));
    if (limit.isEmpty() || used.isEmpty()) {
      return;
    }
    // Pages of files are given back before anybody is killed.
    long reclaimable = 0;
    for (String line : lines(group.resolve("memory.stat"))) {
      String[] parts = line.split(" ");
      if (parts[0].equals(hierarchy.prefix + "inactive_file")
          || parts[0].equals(hierarchy.prefix + "active_file")) {
        reclaimable += Long.parseLong(parts[1]);
      }
    }
    // What the group may swap out is left out: frames that are swapped out are no use to anybody.
    long room = Math.max(0, limit.getAsLong() - Math.max(0, used.getAsLong() - reclaimable));
    if (byteSize > room) {
      throw new NoRoomException(
          need(name, byteSize)
              + ", the control group "
              + group
              + " has "
              + room
              + " left of its limit of "
              + limit.getAsLong()
              + ": give less, or raise "
              + limitFile);
    }
  }

  private static String need(String name, long byteSize) {
    return "memory '" + name + "' needs " + byteSize + " bytes";
  }

  private OptionalLong meminfo(String field) {
    OptionalLong kilobytes = meminfoValue(field);
    return kilobytes.isEmpty() ? kilobytes : OptionalLong.of(kilobytes.getAsLong() * BYTES_PER_KB);
  }

  private OptionalLong meminfoValue(String field) {
    return valueIn("meminfo", field);
  }

  private OptionalLong valueIn(String file, String field) {
    return fieldOf(file, field)
        .map(text -> OptionalLong.of(Long.parseLong(text.split(" ")[0])))
        .orElse(OptionalLong.empty());
  }

  private Optional<String> fieldOf(String file, String field) {
    return lines(proc.resolve(file)).stream()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.substring(field.length() + 1).strip())
        .findFirst();
  }

  /** A number in a file of its own; empty for "max" and where there is no such file. */
  private static OptionalLong number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() || !lines.getFirst().matches("\\d{1,18}|[1-8]\\d{18}")
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(lines.getFirst()));
  }

  private static List<String> lines(Path file) {
    if (!Files.isReadable(file)) {
      return List.of(); // no such limit on this system, or none that is shown
    }
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot read "
              + file
              + " and so not tell whether there is room; this process may have "
              + ResourceLimit.NOFILE.soft()
              + " descriptors: if it has them, raise RLIMIT_NOFILE (ulimit -n)",
          e);
    }
  }

  /** The two makes of control groups. */
  private enum Hierarchy {
    UNIFIED("memory.max", "memory.high", "memory.current", ""),
    OF_MEMORY("memory.limit_in_bytes", null, "memory.usage_in_bytes", "total_");

    private final String limit;

    /** Above which whoever allocates is held up; {@code null} where there is none. */
    private final String threshold;

    private final String used;
    private final String prefix;

    Hierarchy(String limit, String threshold, String used, String prefix) {
      this.limit = limit;
      this.threshold = threshold;
      this.used = used;
      this.prefix = prefix;
    }
  }
}
