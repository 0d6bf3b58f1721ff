package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A shared memory that a process has open, as {@code /proc/PID/fd} shows it to whoever may look:
 * the same user, and root.
 *
 * <p>Looking takes nothing and stops nobody. What was seen may be over at the next step: the
 * process may have ended, or closed the descriptor and have another file by its number.
 *
 * @param pid the process, in this process's namespace
 * @param descriptor its number there
 * @param name given to the memory when it was made
 * @param inode tells it from any other memory that is there
 */
public record OpenMemory(long pid, int descriptor, String name, long inode) {
  private static final Path PROC = Path.of("/proc");
  private static final String PREFIX = "/memfd:";
  private static final String SUFFIX = " (deleted)";
  private static final String INODE = "unix:ino";

  private static final int AT_FDCWD = -100;
  private static final int O_NOCTTY = 0x100;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;

  /**
   * All memories whose name begins so, of all processes that can be looked at.
   *
   * @throws IllegalStateException when this process cannot look at anything, for want of
   *     descriptors for instance
   */
  public static List<OpenMemory> named(String beginning) {
    List<OpenMemory> found = new ArrayList<>();
    for (String process : numbersIn(PROC)) {
      found.addAll(of(Long.parseLong(process), beginning));
    }
    return found;
  }

  /** Those of one process; none when it has ended, or is another user's. */
  public static List<OpenMemory> of(long pid, String beginning) {
    List<OpenMemory> found = new ArrayList<>();
    Path descriptors = PROC.resolve(pid + "/fd");
    for (String number : numbersIn(descriptors)) {
      try {
        Path link = descriptors.resolve(number);
        String target = Files.readSymbolicLink(link).toString();
        if (target.startsWith(PREFIX + beginning) && target.endsWith(SUFFIX)) {
          String name = target.substring(PREFIX.length(), target.length() - SUFFIX.length());
          long inode = (long) Files.getAttribute(link, INODE);
          found.add(new OpenMemory(pid, Integer.parseInt(number), name, inode));
        }
      } catch (IOException gone) {
        // Closed meanwhile: not open any more.
        continue;
      }
    }
    return found;
  }

  private static List<String> numbersIn(Path directory) {
    List<String> numbers = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "[0-9]*")) {
      entries.forEach(entry -> numbers.add(entry.getFileName().toString()));
    } catch (IOException | DirectoryIteratorException unseen) {
      // Another user's process, or one that has ended, shows nothing.
      if (Files.isReadable(directory)) {
        throw new IllegalStateException(directory + " cannot be looked at: " + unseen, unseen);
      }
      return List.of();
    }
    return numbers;
  }

  /**
   * Opens it for reading; the result is the caller's to close.
   *
   * @return the memory, or {@code null} when it is not there any more, or may not be looked at
   * @throws SystemCallException when this process cannot open anything, for one
   */
  public SharedMemory open() {
    long opened;
    try (Arena arena = Arena.ofConfined()) {
      String path = PROC + "/" + pid + "/fd/" + descriptor;
      // Another file may have the number by now: one whose opening must not wait, for instance.
      opened =
          SystemCall.OPENAT.call(
              AT_FDCWD, arena.allocateFrom(path).address(), O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
      if (opened == -Errno.EMFILE || opened == -Errno.ENFILE || opened == -Errno.ENOMEM) {
        throw new SystemCallException(SystemCall.OPENAT, path, (int) -opened);
      }
    }
    if (opened < 0) {
      return null;
    }
    SharedMemory memory = SharedMemory.received(Descriptor.owning((int) opened));
    boolean same = false;
    try {
      same = (long) Files.getAttribute(Path.of("/proc/self/fd/" + opened), INODE) == inode;
    } catch (IOException noFile) {
      throw new IllegalStateException("/proc/self/fd cannot be looked at", noFile);
    } finally {
      if (!same) {
        memory.close();
      }
    }
    return same ? memory : null;
  }
}
