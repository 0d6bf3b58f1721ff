package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A socket to another process of this machine that keeps messages apart and passes descriptors
 * ({@code AF_UNIX}, {@code SOCK_SEQPACKET}).
 *
 * <p>Thread-safe: one thread receives and one sends at a time, others wait for it. No call blocks
 * in the kernel for long: closing from another thread ends a wait with {@link
 * IllegalStateException}, an interrupt with {@link InterruptedException}, both within {@value
 * Readiness#SLICE_MS} ms. For platform threads.
 */
public final class UnixSocket implements AutoCloseable {
  /** Longest message in bytes; the shortest has 1. */
  public static final int MAX_MESSAGE_BYTES = SocketMessage.MAX_BYTES;

  /** Most descriptors that go with one message. */
  public static final int MAX_DESCRIPTORS = SocketMessage.MAX_DESCRIPTORS;

  /** How long connecting and sending wait where no time is given. */
  public static final long DEFAULT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(1);

  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int O_NONBLOCK = 0x800;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int FD_CLOEXEC = 1;
  private static final int SHUT_RDWR = 2;
  private static final int SOL_SOCKET = 1;
  private static final int SO_TYPE = 3;
  private static final int SO_PEERCRED = 17;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SO_DOMAIN = 39;
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Descriptor descriptor;

  /** Null unless this process made it. */
  private final SocketFile file;

  /** Whether another process may have the same socket, which shutting down would end for it too. */
  private final boolean inherited;

  private final Object receiving = new Object();
  private final Object sending = new Object();
  private SocketMessage incoming; // guarded by receiving; made by the first receive
  private SocketMessage outgoing; // guarded by sending; made by the first send

  private UnixSocket(Descriptor descriptor, SocketFile file, boolean inherited) {
    this.descriptor = descriptor;
    this.file = file;
    this.inherited = inherited;
  }

  static Descriptor open() {
    long number = SystemCall.SOCKET.call(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    SystemCallException.orThrow(SystemCall.SOCKET, "AF_UNIX, SOCK_SEQPACKET", number);
    return Descriptor.owning((int) number);
  }

  /**
   * Listens at a path, which only this process's user may connect to. The socket file of a server
   * that died is replaced; {@link #close()} deletes the file.
   *
   * @param backlog how many may wait to be accepted
   * @throws IllegalArgumentException when the path is too long
   * @throws IllegalStateException when another server listens there, or something else is there
   * @throws SystemCallException when the kernel refuses
   */
  public static UnixSocket listen(Path path, int backlog) {
    Linux.require();
    Descriptor socket = open();
    try {
      return new UnixSocket(socket, SocketFile.listen(socket, path, backlog), false);
    } catch (RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Takes over a listening socket that this process was started with. It is made non-blocking, also
   * for others who have it.
   *
   * @throws IllegalArgumentException when it is no listening socket of this kind; it stays open
   */
  public static UnixSocket listenInherited(int number) {
    return inherit(number, true);
  }

  /**
   * Takes over a connected socket that this process was started with.
   *
   * @throws IllegalArgumentException when it is no socket of this kind; it stays open
   */
  public static UnixSocket adopt(int number) {
    return inherit(number, false);
  }

  private static UnixSocket inherit(int number, boolean listening) {
    Linux.require();
    if (option(number, SO_DOMAIN) != AF_UNIX
        || option(number, SO_TYPE) != SOCK_SEQPACKET
        || option(number, SO_ACCEPTCONN) != (listening ? 1 : 0)) {
      throw new IllegalArgumentException(
          "descriptor "
              + number
              + " is no "
              + (listening ? "listening" : "connected")
              + " socket of AF_UNIX, SOCK_SEQPACKET");
    }
    SystemCallException.orThrow(
        SystemCall.FCNTL, "F_SETFD", SystemCall.FCNTL.call(number, F_SETFD, FD_CLOEXEC));
    long flags =
        SystemCallException.orThrow(
            SystemCall.FCNTL, "F_GETFL", SystemCall.FCNTL.call(number, F_GETFL));
    SystemCallException.orThrow(
        SystemCall.FCNTL, "F_SETFL", SystemCall.FCNTL.call(number, F_SETFL, flags | O_NONBLOCK));
    return new UnixSocket(Descriptor.owning(number), null, true);
  }

  /** A number that the kernel knows about a socket; -1 when it is no socket. */
  private static long option(int number, int name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(Integer.BYTES, Integer.BYTES);
      long result = option(number, name, value);
      return result < 0 ? -1 : value.get(ValueLayout.JAVA_INT, 0);
    }
  }

  private static long option(int number, int name, MemorySegment value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) value.byteSize());
      return SystemCall.GETSOCKOPT.call(
          number, SOL_SOCKET, name, value.address(), length.address());
    }
  }

  /** Connects to who listens at a path, waiting for at most a second while its backlog is full. */
  public static UnixSocket connect(Path path) throws InterruptedException {
    return connect(path, DEFAULT_TIMEOUT_NS);
  }

  /**
   * Connects to who listens at a path.
   *
   * @param timeoutNs how long to wait while its backlog is full, in nanoseconds
   * @throws IllegalArgumentException when the path is too long
   * @throws SystemCallException when nobody listens there (ECONNREFUSED, ENOENT), this user may not
   *     connect (EACCES), or nobody accepted in time (EAGAIN)
   */
  public static UnixSocket connect(Path path, long timeoutNs) throws InterruptedException {
    Linux.require();
    UnixSocket socket = new UnixSocket(open(), null, false);
    try {
      long start = System.nanoTime();
      long result;
      while ((result = SocketFile.connect(socket.descriptor.number(), path)) == -Errno.EAGAIN
          && System.nanoTime() - start < timeoutNs) {
        LockSupport.parkNanos(RETRY_NS);
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while connecting to " + path);
        }
      }
      SystemCallException.orThrow(SystemCall.CONNECT, path.toString(), result);
      return socket;
    } catch (RuntimeException | Error | InterruptedException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Accepts the next who connects.
   *
   * @param timeoutNs in nanoseconds; 0 or less just looks
   * @return the connection; null when nobody came in time
   * @throws SystemCallException when the kernel refuses, EMFILE for instance; who waits to be
   *     accepted goes on waiting
   */
  public UnixSocket accept(long timeoutNs) throws InterruptedException {
    long start = System.nanoTime();
    while (true) {
      int number = descriptor.take();
      long accepted;
      try {
        accepted = SystemCall.ACCEPT4.call(number, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
      } finally {
        descriptor.giveBack();
      }
      if (accepted >= 0) {
        return new UnixSocket(Descriptor.owning((int) accepted), null, false);
      }
      requireOpen();
      if (accepted != -Errno.EAGAIN) {
        throw new SystemCallException(SystemCall.ACCEPT4, "", (int) -accepted);
      }
      if (Readiness.await(descriptor, Readiness.INPUT, leftNs(start, timeoutNs)) == 0) {
        return null;
      }
    }
  }

  /** Sends, waiting for at most a second while the other side does not read. */
  public void send(MemorySegment message, long length, Descriptor... passed)
      throws InterruptedException {
    send(message, length, DEFAULT_TIMEOUT_NS, passed);
  }

  /**
   * Sends one message, whole or not at all.
   *
   * @param length of the message in bytes, 1 to {@value SocketMessage#MAX_BYTES}
   * @param timeoutNs how long to wait while the other side does not read, in nanoseconds
   * @param passed descriptors to go with it; they stay the caller's, the other side gets its own
   * @throws SystemCallException when the other side is gone (EPIPE), or did not read in time
   *     (EAGAIN)
   */
  public void send(MemorySegment message, long length, long timeoutNs, Descriptor... passed)
      throws InterruptedException {
    if (length < 1 || length > MAX_MESSAGE_BYTES || length > message.byteSize()) {
      throw new IllegalArgumentException(
          "a message has 1 to "
              + Math.min(MAX_MESSAGE_BYTES, message.byteSize())
              + " bytes here, not "
              + length);
    }
    if (passed.length > MAX_DESCRIPTORS) {
      throw new IllegalArgumentException(
          "at most " + MAX_DESCRIPTORS + " descriptors go with a message, not " + passed.length);
    }
    long start = System.nanoTime();
    long result;
    while ((result = trySend(message, length, passed)) < 0) {
      requireOpen();
      if (result != -Errno.EAGAIN
          || Readiness.await(descriptor, Readiness.OUTPUT, leftNs(start, timeoutNs)) == 0) {
        break;
      }
    }
    SystemCallException.orThrow(
        SystemCall.SENDMSG, length + " bytes, " + passed.length + " descriptors", result);
  }

  private long trySend(MemorySegment message, long length, Descriptor[] passed) {
    int[] numbers = new int[passed.length];
    int taken = 0;
    int number = descriptor.take();
    try {
      while (taken < passed.length) {
        numbers[taken] = passed[taken].take();
        taken++;
      }
      synchronized (sending) {
        if (outgoing == null) {
          outgoing = new SocketMessage();
        }
        return outgoing.send(number, message, length, numbers);
      }
    } finally {
      while (taken > 0) {
        passed[--taken].giveBack();
      }
      descriptor.giveBack();
    }
  }

  /**
   * Receives one message.
   *
   * @param into where its bytes go; nothing is written when there is no message
   * @param timeoutNs in nanoseconds; 0 or less just looks
   * @throws IllegalStateException when the message is longer than {@code into}; its descriptors are
   *     closed, and it is lost
   * @throws LostDescriptorsException when not all descriptors of the message arrived; those that
   *     did are closed, its bytes are in {@code into}
   */
  public Received receive(MemorySegment into, long timeoutNs) throws InterruptedException {
    long start = System.nanoTime();
    Received received;
    while ((received = tryReceive(into)) == null) {
      if (Readiness.await(descriptor, Readiness.INPUT, leftNs(start, timeoutNs)) == 0) {
        return Received.NOTHING_YET;
      }
    }
    return received;
  }

  /** What is there; null for nothing yet. */
  private Received tryReceive(MemorySegment into) {
    int number = descriptor.take();
    try {
      synchronized (receiving) {
        if (incoming == null) {
          incoming = new SocketMessage();
        }
        long length = incoming.receive(number, into.byteSize());
        if (length < 0) {
          requireOpen();
          // A reset is told once, before the messages that came ahead of it.
          if (length == -Errno.EAGAIN || length == -Errno.ECONNRESET) {
            return null;
          }
          throw new SystemCallException(SystemCall.RECVMSG, "", (int) -length);
        }
        return checked(length, incoming.descriptors(), into);
      }
    } finally {
      descriptor.giveBack();
    }
  }

  private Received checked(long length, List<Descriptor> arrived, MemorySegment into) {
    boolean kept = false;
    try {
      if (incoming.isCutOff()) {
        throw new IllegalStateException(
            "a message of more than "
                + Math.min(into.byteSize(), MAX_MESSAGE_BYTES)
                + " bytes came");
      }
      if (incoming.lacksDescriptors()) {
        incoming.copyTo(into, length);
        throw new LostDescriptorsException(length, arrived.size());
      }
      if (length == 0) { // nobody sends an empty message, so this is the end
        requireOpen(); // of this side perhaps
        return Received.NOTHING_MORE;
      }
      incoming.copyTo(into, length);
      kept = true;
      return new Received(Received.Outcome.MESSAGE, length, arrived);
    } finally {
      if (!kept) {
        arrived.forEach(Descriptor::close);
      }
    }
  }

  /** Who made the other end. */
  public PeerCredentials peer() {
    int number = descriptor.take();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment credentials = arena.allocate(3 * Integer.BYTES, Integer.BYTES);
      long result = option(number, SO_PEERCRED, credentials);
      SystemCallException.orThrow(SystemCall.GETSOCKOPT, "SO_PEERCRED", result);
      return new PeerCredentials(
          credentials.getAtIndex(ValueLayout.JAVA_INT, 0),
          credentials.getAtIndex(ValueLayout.JAVA_INT, 1),
          credentials.getAtIndex(ValueLayout.JAVA_INT, 2));
    } finally {
      descriptor.giveBack();
    }
  }

  /** The socket's descriptor; it stays this object's. */
  Descriptor descriptor() {
    return descriptor;
  }

  private void requireOpen() {
    if (descriptor.isClosed()) {
      throw new IllegalStateException("the socket was closed");
    }
  }

  private static long leftNs(long start, long timeoutNs) {
    return Math.max(0, timeoutNs) - (System.nanoTime() - start);
  }

  /**
   * Closes, and deletes the file of a listening socket if it still is its own. Who waits in this
   * socket is woken. Again is harmless.
   */
  @Override
  public void close() {
    int number;
    try {
      number = descriptor.take();
    } catch (IllegalStateException closed) {
      return;
    }
    try {
      descriptor.close(); // before waking, so that who is woken sees it
      if (file != null) {
        file.delete(); // while the socket lives, so that the file's identity is not used again
      }
    } finally {
      if (!inherited) {
        SystemCall.SHUTDOWN.call(number, SHUT_RDWR);
      }
      descriptor.giveBack();
    }
  }
}
