package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.SystemCallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The file by which a listening socket is found.
 *
 * <p>Its server deletes it; one that was killed leaves it behind. A socket on which nobody listens
 * refuses connections, so that is how a stale file is told from a live one. Servers that start at
 * the same time exclude each other by a lock on the directory ({@code flock(2)}), held while one
 * looks, replaces and begins to listen.
 */
final class SocketFile {
  private static final int AF_UNIX = 1;
  private static final int ADDRESS_BYTES = 110;
  private static final int PATH_OFFSET = 2;
  private static final int MAX_PATH_BYTES = 107;
  private static final int AT_FDCWD = -100;
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int LOCK_EX_NB = 2 | 4;
  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_SOCKET = 0140000;
  private static final int OWNER_READS_AND_WRITES = 0600;
  private static final long LOCK_WAIT_NS = TimeUnit.SECONDS.toNanos(2);
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final Charset PATH_CHARSET =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private final Path path;
  private final Object key;

  private SocketFile(Path path) {
    this.path = path;
    this.key = Objects.requireNonNull(keyOf(path), () -> path + " was deleted at once");
  }

  /** Binds a socket to a path and lets it listen there. */
  static SocketFile listen(Descriptor socket, Path path, int backlog) {
    Path absolute = path.toAbsolutePath();
    requireShort(path);
    Descriptor directory = lock(absolute.getParent());
    try {
      removeStale(path);
      int number = socket.take();
      try {
        // The kernel takes the file's mode from the socket's, so nobody gets in before us.
        SystemCallException.orThrow(
            SystemCall.FCHMOD, "socket", SystemCall.FCHMOD.call(number, OWNER_READS_AND_WRITES));
        call(SystemCall.BIND, number, path);
        SocketFile file = new SocketFile(absolute);
        long result = SystemCall.LISTEN.call(number, backlog);
        if (result < 0) {
          file.delete();
        }
        SystemCallException.orThrow(SystemCall.LISTEN, path.toString(), result);
        return file;
      } finally {
        socket.giveBack();
      }
    } finally {
      directory.close();
    }
  }

  /** Connects a socket; the answer of the kernel. */
  static long connect(int number, Path path) {
    requireShort(path);
    return address(SystemCall.CONNECT, number, path);
  }

  /** Deletes the file unless another one has taken its place. */
  void delete() {
    try {
      if (key.equals(keyOf(path))) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + path, e);
    }
  }

  private static void removeStale(Path path) {
    int mode;
    try {
      mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException absent) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + path, e);
    }
    if ((mode & TYPE_MASK) != TYPE_SOCKET) {
      throw new IllegalStateException(
          path + " is there and no socket: give another path, or remove it");
    }
    long result;
    Descriptor probe = UnixSocket.open();
    try {
      result = connect(probe.number(), path);
    } finally {
      probe.close();
    }
    if (result == -Errno.ECONNREFUSED) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot replace " + path + " of a dead server", e);
      }
    } else if (result >= 0 || result == -Errno.EAGAIN || result == -Errno.EPROTOTYPE) {
      throw new IllegalStateException(
          "another server listens at " + path + ": stop it, or give another path");
    } else if (result != -Errno.ENOENT) {
      throw new SystemCallException(SystemCall.CONNECT, path.toString(), (int) -result);
    }
  }

  private static Descriptor lock(Path directory) {
    try (Arena arena = Arena.ofConfined()) {
      long opened =
          SystemCall.OPENAT.call(
              AT_FDCWD,
              arena.allocateFrom(directory.toString(), PATH_CHARSET).address(),
              O_RDONLY_CLOEXEC);
      SystemCallException.orThrow(SystemCall.OPENAT, directory.toString(), opened);
      Descriptor locked = Descriptor.owning((int) opened);
      long start = System.nanoTime();
      long result;
      while ((result = SystemCall.FLOCK.call(opened, LOCK_EX_NB)) == -Errno.EAGAIN
          && System.nanoTime() - start < LOCK_WAIT_NS) {
        LockSupport.parkNanos(RETRY_NS);
      }
      if (result < 0) {
        locked.close();
        throw new SystemCallException(
            SystemCall.FLOCK, directory + ", held by another process", (int) -result);
      }
      return locked;
    }
  }

  /** Identity of a file; null when there is none. */
  private static Object keyOf(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException absent) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + path, e);
    }
  }

  private static void requireShort(Path path) {
    int length = path.toString().getBytes(PATH_CHARSET).length;
    if (length < 1 || length > MAX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "the path of a socket has 1 to "
              + MAX_PATH_BYTES
              + " bytes, this one has "
              + length
              + ": "
              + path);
    }
  }

  private static void call(SystemCall call, int number, Path path) {
    SystemCallException.orThrow(call, path.toString(), address(call, number, path));
  }

  /**
   * Calls with the path as an address.
   *
   * <pre>
   *   struct sockaddr_un: family (16 bits), path with a 0 behind it
   * </pre>
   */
  private static long address(SystemCall call, int number, Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ADDRESS_BYTES, Long.BYTES);
      byte[] bytes = path.toString().getBytes(PATH_CHARSET);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, PATH_OFFSET, bytes.length);
      return call.call(number, address.address(), PATH_OFFSET + bytes.length + 1L);
    }
  }
}
