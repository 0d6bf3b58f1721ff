package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Open files whose links in {@code /proc/PID/fd} say what one likes: each is in the root of a file
 * system that is out of everybody's sight, so that its path is its name. For root.
 *
 * <p>Of a file system that this process serves itself ({@code FUSE}), whoever asks anything of the
 * file once it is open waits until this is closed: nothing is answered any more.
 *
 * <pre>
 *   request   length (32 bits), operation (32), number (64), file (64), user, group, process (32 each)
 *   answer    length (32), negative error number (32), number (64), then what was asked for
 * </pre>
 */
public final class FilesOfOnesOwn implements AutoCloseable {
  private static final long MOUNT = Linux.isAarch64() ? 40 : 165;
  private static final long UNMOUNT = Linux.isAarch64() ? 39 : 166;
  private static final long MKNODAT = Linux.isAarch64() ? 33 : 259;
  private static final long READ = Linux.isAarch64() ? 63 : 0;
  private static final int DETACH = 2;
  private static final int AT_FDCWD = -100;
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int PIPE = 0x1000;
  private static final int DIRECTORY = 0x4000;
  private static final int REGULAR = 0x8000;

  private static final int LOOK_UP = 1;
  private static final int ATTRIBUTES = 3;
  private static final int OPEN = 14;
  private static final int BEGIN = 26;
  private static final int ENOSYS_ANSWER = -Errno.ENOSYS;
  private static final long REQUEST_BYTES = 1 << 17;
  private static final long HEADER_BYTES = 16;
  private static final long LOOK_NS = TimeUnit.MICROSECONDS.toNanos(200);

  private final Path folder;
  private final List<Descriptor> open = new ArrayList<>();
  private Thread serving;
  private volatile boolean silent;
  private volatile boolean over;

  /** In an empty folder; skips the test where nothing can be mounted. */
  public FilesOfOnesOwn(Path folder) {
    assumeTrue(Unprivileged.isRoot(), "needs root, to mount file systems");
    this.folder = folder;
  }

  /** A pipe; its descriptor's number. */
  public int pipe(String name) {
    return inMemory(
        name,
        path -> {
          long made = SystemCall.invoke(MKNODAT, AT_FDCWD, path, PIPE | 0600, 0, 0, 0);
          SystemCallException.orThrow(SystemCall.OPENAT, "a pipe", made);
          return O_RDWR | O_NONBLOCK;
        });
  }

  /** A file of bytes in a file system like that of shared memory. */
  public int regular(String name) {
    return inMemory(name, _ -> O_RDWR | O_CREAT);
  }

  private interface Making {
    /** Makes a file by the address of its path; with which flags to open it. */
    int flags(long path);
  }

  private int inMemory(String name, Making making) {
    try (Arena arena = Arena.ofConfined()) {
      String type = "tmpfs";
      assumeTrue(mount(arena, type, "size=64k") == 0, "needs to be allowed to mount " + type);
      try {
        long path = arena.allocateFrom(folder.resolve(name).toString()).address();
        return opened(path, making.flags(path));
      } finally {
        detach(arena);
      }
    }
  }

  /** A file of which nobody learns anything any more, now that it is open. */
  public int silent(String name) {
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "needs FUSE");
    try (Arena arena = Arena.ofConfined()) {
      long path = arena.allocateFrom("/dev/fuse").address();
      long number = SystemCall.OPENAT.call(AT_FDCWD, path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
      SystemCallException.orThrow(SystemCall.OPENAT, "FUSE", number);
      Descriptor device = Descriptor.owning((int) number);
      serving = Thread.ofPlatform().daemon().name("fuse").start(() -> serve(device));
      String options = "fd=" + number + ",rootmode=40000,user_id=0,group_id=0,allow_other";
      assumeTrue(mount(arena, "fuse", options) == 0, "needs to be allowed to mount FUSE");
      try {
        long file = arena.allocateFrom(folder.resolve(name).toString()).address();
        opened(file, 0);
        // Which asks for a flush: the answer is that there is none, and nobody who closes the file
        // asks again, as each child process does of its copy.
        open.removeLast().close();
        return opened(file, 0);
      } finally {
        detach(arena);
        silent = true;
      }
    }
  }

  private long mount(Arena arena, String type, String options) {
    long name = arena.allocateFrom(type).address();
    return SystemCall.invoke(
        MOUNT,
        name,
        arena.allocateFrom(folder.toString()).address(),
        name,
        0,
        arena.allocateFrom(options).address(),
        0);
  }

  /** What is open in it stays so. */
  private void detach(Arena arena) {
    long at = arena.allocateFrom(folder.toString()).address();
    long result = SystemCall.invoke(UNMOUNT, at, DETACH, 0, 0, 0, 0);
    SystemCallException.orThrow(SystemCall.OPENAT, "unmounting " + folder, result);
  }

  private int opened(long path, int flags) {
    long number = SystemCall.OPENAT.call(AT_FDCWD, path, flags | O_CLOEXEC, 0600);
    SystemCallException.orThrow(SystemCall.OPENAT, "a file of one's own", number);
    open.add(Descriptor.owning((int) number));
    return (int) number;
  }

  // ---------------------------------------------------------------- the file system

  /** The file system ends with its device, which is closed here: nobody else has it. */
  private void serve(Descriptor device) {
    try (device;
        Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(REQUEST_BYTES, 8);
      while (!over) {
        long read =
            silent
                ? 0
                : SystemCall.invoke(
                    READ, device.number(), request.address(), REQUEST_BYTES, 0, 0, 0);
        if (read > 0) {
          answer(device.number(), request, arena);
        } else {
          LockSupport.parkNanos(LOOK_NS);
        }
      }
    }
  }

  private static void answer(int device, MemorySegment request, Arena arena) {
    MemorySegment answer = arena.allocate(256, 8);
    long length = HEADER_BYTES;
    int error = 0;
    long at = HEADER_BYTES;
    switch (request.get(ValueLayout.JAVA_INT, 4)) {
      case BEGIN -> {
        answer.set(ValueLayout.JAVA_INT, at, 7);
        answer.set(ValueLayout.JAVA_INT, at + 4, 31);
        answer.set(ValueLayout.JAVA_INT, at + 20, 1 << 16); // bytes of a write
        length += 64;
      }
      case LOOK_UP -> {
        answer.set(ValueLayout.JAVA_LONG, at, 2);
        attributes(answer, at + 40, 2, REGULAR | 0600);
        length += 128;
      }
      case ATTRIBUTES -> {
        long file = request.get(ValueLayout.JAVA_LONG, 16);
        attributes(answer, at + 16, file, file == 1 ? DIRECTORY | 0700 : REGULAR | 0600);
        length += 104;
      }
      case OPEN -> length += 16;
      default -> error = ENOSYS_ANSWER;
    }
    answer.set(ValueLayout.JAVA_INT, 0, (int) length);
    answer.set(ValueLayout.JAVA_INT, 4, error);
    answer.set(ValueLayout.JAVA_LONG, 8, request.get(ValueLayout.JAVA_LONG, 8));
    HostileCalls.write(device, answer.address(), length);
  }

  /** They are to be asked for again each time. */
  private static void attributes(MemorySegment answer, long at, long file, int mode) {
    answer.set(ValueLayout.JAVA_LONG, at, file);
    answer.set(ValueLayout.JAVA_INT, at + 60, mode);
    answer.set(ValueLayout.JAVA_INT, at + 64, 1); // links
  }

  /** Whoever waits for an answer gets an error. */
  @Override
  public void close() {
    over = true;
    while (serving != null && serving.isAlive()) {
      Thread.onSpinWait();
    }
    // Behind the file system's end: closing a file asks it, too.
    open.forEach(Descriptor::close);
  }
}
