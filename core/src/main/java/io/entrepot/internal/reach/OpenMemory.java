package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.FileStatus;
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
 * <p>Nor does it wait for anybody. A link is a text, and a process may have open what only has such
 * a name: a pipe, or a file of a file system that a process of the same user serves (FUSE) and that
 * never answers. So a file is first held by a descriptor that cannot be read from ({@code O_PATH}),
 * which asks nobody; only what the kernel itself knows to be a memory is opened for reading, by
 * that very descriptor, behind which no other file can come.
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
  private static final int AT_FDCWD = -100;
  private static final int O_NOCTTY = 0x100;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;

  /**
   * All memories whose name begins so, of all processes that can be looked at. Whatever only has
   * such a name is none.
   *
   * @throws IllegalStateException when this process cannot look at anything, for want of
   *     descriptors for instance
   * @throws SystemCallException as {@link #open} does
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
          OpenMemory memory = look(pid, Integer.parseInt(number), name);
          if (memory != null) {
            found.add(memory);
          }
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

  /** What a descriptor is; {@code null} when it is no memory, or not there any more. */
  private static OpenMemory look(long pid, int descriptor, String name) {
    try (Descriptor held = opened(path(pid, descriptor), O_PATH | O_CLOEXEC)) {
      FileStatus status = held == null ? null : FileStatus.of(held);
      return status != null && status.isSharedMemory()
          ? new OpenMemory(pid, descriptor, name, status.inode())
          : null;
    }
  }

  /**
   * Opens it for reading; the result is the caller's to close.
   *
   * @return the memory, or {@code null} when it is not there any more, or may not be looked at
   * @throws SystemCallException when this process cannot open anything, for one
   */
  public SharedMemory open() {
    try (Descriptor held = opened(path(pid, descriptor), O_PATH | O_CLOEXEC)) {
      return held != null && isThis(held) ? openHeld(held) : null;
    }
  }

  private SharedMemory openHeld(Descriptor held) {
    Descriptor opened = opened("/proc/self/fd/" + held.number(), O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (opened == null) {
      return null;
    }
    if (!isThis(opened)) {
      opened.close();
      throw new IllegalStateException("/proc/self/fd leads elsewhere than to what is open");
    }
    return SharedMemory.received(opened);
  }

  /** Another file may have the number by now. */
  private boolean isThis(Descriptor opened) {
    FileStatus status = FileStatus.of(opened);
    return status.isSharedMemory() && status.inode() == inode;
  }

  private static String path(long pid, int descriptor) {
    return PROC + "/" + pid + "/fd/" + descriptor;
  }

  /** A file; {@code null} when it is not there, or may not be opened so. */
  private static Descriptor opened(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long opened = SystemCall.OPENAT.call(AT_FDCWD, arena.allocateFrom(path).address(), flags);
      if (opened == -Errno.EMFILE || opened == -Errno.ENFILE || opened == -Errno.ENOMEM) {
        throw new SystemCallException(SystemCall.OPENAT, path, (int) -opened);
      }
      return opened < 0 ? null : Descriptor.owning((int) opened);
    }
  }
}
