package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.sync.FarProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The process at the other end of a socket, by a descriptor of the process itself ({@code
 * pidfd_open(2)}): a number of a process may be given to the next, this one cannot be mistaken.
 *
 * <p>A process that ended runs no instruction any more and has no memory mapped. Thread-safe.
 */
public final class PeerProcess implements FarProcess {
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERPIDFD = 77;
  private static final int F_DUPFD_CLOEXEC = 1030;

  /** In a line "Uid: real effective saved file-system". */
  private static final int EFFECTIVE_USER = 2;

  private final PeerCredentials credentials;
  private final Descriptor process;

  private PeerProcess(PeerCredentials credentials, Descriptor process) {
    this.credentials = credentials;
    this.process = process;
  }

  /**
   * The process that made the other end of a connection.
   *
   * @throws IllegalStateException when it has ended already
   * @throws SystemCallException when the kernel refuses
   */
  public static PeerProcess of(UnixSocket connection) {
    PeerCredentials credentials = connection.peer();
    int number = connection.descriptor().take();
    long result;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(Integer.BYTES, Integer.BYTES);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
      result =
          SystemCall.GETSOCKOPT.call(
              number, SOL_SOCKET, SO_PEERPIDFD, value.address(), length.address());
      if (result >= 0) {
        Descriptor process = Descriptor.owning(value.get(ValueLayout.JAVA_INT, 0));
        PeerProcess peer = new PeerProcess(credentials, process);
        if (!peer.isAlive()) {
          peer.close();
          throw ended(credentials);
        }
        return peer;
      }
    } finally {
      connection.descriptor().giveBack();
    }
    if (result == -Errno.ESRCH || result == -Errno.EINVAL) {
      throw ended(credentials);
    }
    if (result != -Errno.ENOPROTOOPT) {
      throw new SystemCallException(SystemCall.GETSOCKOPT, "SO_PEERPIDFD", (int) -result);
    }
    return byCredentials(connection, credentials);
  }

  /**
   * For kernels before 6.5: opens the process of that number, then looks whether it is the peer.
   *
   * <p>The number may have been given to another process before it was opened, but only after the
   * peer had ended, which closed its end of the connection. So a connection that is open after the
   * process was opened says that it is the peer's, unless the peer gave its end away and died; the
   * user is compared too, so that even then it is a process of the same user.
   */
  static PeerProcess byCredentials(UnixSocket connection, PeerCredentials credentials) {
    long opened = SystemCall.PIDFD_OPEN.call(credentials.pid(), 0);
    if (opened == -Errno.ESRCH) {
      throw ended(credentials);
    }
    SystemCallException.orThrow(SystemCall.PIDFD_OPEN, "process " + credentials.pid(), opened);
    Descriptor process = Descriptor.owning((int) opened);
    PeerProcess peer = new PeerProcess(credentials, process);
    boolean kept = false;
    try {
      boolean open = (Readiness.now(connection.descriptor(), (short) 0) & Readiness.HANG_UP) == 0;
      if (!open || userOf(credentials.pid()) != credentials.uid() || !peer.isAlive()) {
        throw ended(credentials);
      }
      kept = true;
      return peer;
    } finally {
      if (!kept) {
        process.close();
      }
    }
  }

  /** The user that a process runs as; -1 when there is no such process. */
  private static int userOf(int pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("Uid:"))
          .map(line -> line.split("\\s+")[EFFECTIVE_USER])
          .mapToInt(Integer::parseUnsignedInt)
          .findFirst()
          .orElse(-1);
    } catch (IOException | UncheckedIOException gone) {
      return -1;
    }
  }

  private static IllegalStateException ended(PeerCredentials credentials) {
    return new IllegalStateException(
        "process " + credentials.pid() + " at the other end has ended already");
  }

  /** Who it is. */
  public PeerCredentials credentials() {
    return credentials;
  }

  /**
   * Another handle of the same process, to be closed on its own.
   *
   * @throws IllegalStateException when this one is closed
   * @throws SystemCallException when the kernel refuses
   */
  public PeerProcess share() {
    int number = process.take();
    try {
      long another = SystemCall.FCNTL.call(number, F_DUPFD_CLOEXEC, 0);
      SystemCallException.orThrow(SystemCall.FCNTL, "F_DUPFD_CLOEXEC", another);
      return new PeerProcess(credentials, Descriptor.owning((int) another));
    } finally {
      process.giveBack();
    }
  }

  /** Whether it runs. */
  @Override
  public boolean isAlive() {
    return Readiness.now(process, Readiness.INPUT) == 0;
  }

  /** By its number, which is nobody else's while it runs; 0 is that of all who have none here. */
  @Override
  public boolean isSameAs(FarProcess other) {
    int pid = credentials.pid();
    return other instanceof PeerProcess peer && pid != 0 && pid == peer.credentials.pid();
  }

  /**
   * Waits for its end.
   *
   * @param timeoutNs in nanoseconds; 0 or less just looks
   * @return whether it has ended
   * @throws IllegalStateException when closed, before or meanwhile
   */
  public boolean awaitEnd(long timeoutNs) throws InterruptedException {
    return Readiness.await(process, Readiness.INPUT, timeoutNs) != 0;
  }

  /** Lets go; the process goes on. Who waits is told within a tenth of a second. */
  @Override
  public void close() {
    process.close();
  }
}
