package io.entrepot.contract;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A control group with a memory limit, below that of this process where groups are of one
 * controller each, and at the top where all controllers share their groups: a group with processes
 * cannot have limited ones below it there.
 */
final class MemoryGroup implements AutoCloseable {
  private static final Path TOP = Path.of("/sys/fs/cgroup");

  private final Path path;
  private final String limit;
  private final String peak;

  private MemoryGroup(Path path, String limit, String peak) {
    this.path = path;
    this.limit = limit;
    this.peak = peak;
  }

  /** Makes one, or skips the test. */
  static MemoryGroup limitedTo(long bytes) throws IOException {
    String name = "entrepot-" + ProcessHandle.current().pid();
    MemoryGroup group = null;
    if (has(TOP.resolve("cgroup.subtree_control"))) {
      group = new MemoryGroup(TOP.resolve(name), "memory.max", "memory.peak");
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (List.of(parts[1].split(",")).contains("memory")) {
        Path own = TOP.resolve("memory").resolve(parts[2].substring(1));
        Path above = Files.isDirectory(own) ? own : TOP.resolve("memory");
        group =
            new MemoryGroup(
                above.resolve(name), "memory.limit_in_bytes", "memory.max_usage_in_bytes");
      }
    }
    assumeTrue(group != null, "needs a control group hierarchy that limits memory");
    try {
      Files.createDirectory(group.path);
    } catch (FileSystemException e) {
      abort("this user may not make a control group: " + e.getMessage());
    }
    try {
      Files.writeString(group.path.resolve(group.limit), Long.toString(bytes));
    } catch (IOException e) {
      group.close();
      throw e;
    }
    return group;
  }

  private static boolean has(Path controllers) throws IOException {
    return Files.isReadable(controllers)
        && List.of(Files.readString(controllers).strip().split(" ")).contains("memory");
  }

  /** Puts a process into it. */
  void add(long pid) throws IOException {
    Files.writeString(path.resolve("cgroup.procs"), Long.toString(pid));
  }

  Path path() {
    return path;
  }

  /** Name of the limit, which errors tell. */
  String limitName() {
    return limit;
  }

  /** The most bytes that it ever had. */
  long peak() {
    try {
      return Long.parseLong(Files.readString(path.resolve(peak)).strip());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Its processes have to have ended. */
  @Override
  public void close() throws IOException {
    Elsewhere.await("the group " + path + " is empty", this::isEmpty);
    try {
      Files.delete(path);
    } catch (DirectoryNotEmptyException e) {
      throw new AssertionError(path + " is left behind", e);
    }
  }

  private boolean isEmpty() {
    try {
      return Files.readString(path.resolve("cgroup.procs")).isEmpty();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
