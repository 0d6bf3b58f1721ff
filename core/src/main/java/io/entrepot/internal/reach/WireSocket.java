package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A socket that carries {@linkplain WireFormat messages}. One thread receives, any thread sends.
 */
final class WireSocket implements AutoCloseable {
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);

  private final UnixSocket socket;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment in = arena.allocate(WireFormat.MAX_BYTES);
  private final MemorySegment out = arena.allocate(WireFormat.MAX_BYTES);

  WireSocket(UnixSocket socket) {
    this.socket = socket;
  }

  /**
   * A message that came.
   *
   * @param request number of the request
   * @param message what it says
   * @param descriptors what came with it, now the caller's
   * @param lost why there are not as many as were sent; {@code null} where there are
   */
  record Arrival(
      int request,
      WireFormat.Message message,
      List<Descriptor> descriptors,
      LostDescriptorsException lost) {
    /**
     * As many descriptors as the message has; any other number is closed and refused.
     *
     * @throws LostDescriptorsException when some were lost on the way, for which the message is not
     *     to blame
     */
    List<Descriptor> descriptors(int expected) {
      if (lost != null) {
        throw lost;
      }
      if (descriptors.size() != expected) {
        descriptors.forEach(Descriptor::close);
        throw new WireException(
            message.getClass().getSimpleName()
                + " came with "
                + descriptors.size()
                + " descriptors, not "
                + expected);
      }
      return descriptors;
    }
  }

  /**
   * Sends a message, and descriptors, which stay the caller's. Waits for a second at most while the
   * other side does not read, and keeps nobody else from {@link #trySend} meanwhile.
   */
  void send(int request, WireFormat.Message message, Descriptor... passed) {
    byte[] bytes = WireFormat.encode(request, message);
    long startNs = System.nanoTime();
    while (true) {
      try {
        sendNow(bytes, passed);
        return;
      } catch (SystemCallException refused) {
        if (refused.errno() != Errno.EAGAIN
            || System.nanoTime() - startNs >= UnixSocket.DEFAULT_TIMEOUT_NS) {
          throw refused;
        }
        LockSupport.parkNanos(this, RETRY_NS);
      }
    }
  }

  /**
   * Sends a message if the other side has room for it now, for threads that must not wait for a
   * peer. Descriptors stay the caller's.
   *
   * @throws IllegalStateException when one of them is closed, or the socket
   * @throws SystemCallException when it is gone (EPIPE), or does not read (EAGAIN)
   */
  void trySend(int request, WireFormat.Message message, Descriptor... passed) {
    sendNow(WireFormat.encode(request, message), passed);
  }

  /** Whether a message could not be sent because the other side has ended the connection. */
  static boolean isEnd(SystemCallException refused) {
    return refused.errno() == Errno.EPIPE || refused.errno() == Errno.ECONNRESET;
  }

  private synchronized void sendNow(byte[] bytes, Descriptor... passed) {
    MemorySegment.copy(bytes, 0, out, ValueLayout.JAVA_BYTE, 0, bytes.length);
    boolean interrupted = false;
    boolean sent = false;
    while (!sent) {
      try {
        socket.send(out, bytes.length, 0, passed);
        sent = true;
      } catch (InterruptedException e) {
        // Nothing was sent. What is owed to the other side is sent all the same: it takes no time.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits for a message.
   *
   * @return the message; {@code null} when the time is over
   * @throws EndOfConnection when the other side has ended
   * @throws WireException when it is no message; what came with it is closed
   */
  Arrival receive(long timeoutNs) throws EndOfConnection {
    Received received;
    try {
      received = socket.receive(in, timeoutNs);
    } catch (LostDescriptorsException lost) {
      return arrival(lost.lengthBytes(), List.of(), lost);
    } catch (InterruptedException e) {
      // A thread of ours, which nobody interrupts, or one that greets: it will ask again, or end.
      Thread.currentThread().interrupt();
      return null;
    }
    switch (received.outcome()) {
      case TIMED_OUT -> {
        return null;
      }
      case END_OF_STREAM -> throw new EndOfConnection();
      case MESSAGE -> {}
    }
    boolean done = false;
    try {
      Arrival arrival = arrival(received.lengthBytes(), received.descriptors(), null);
      done = true;
      return arrival;
    } finally {
      if (!done) {
        received.descriptors().forEach(Descriptor::close);
      }
    }
  }

  /** What the first bytes of the incoming message say. */
  private Arrival arrival(
      long lengthBytes, List<Descriptor> descriptors, LostDescriptorsException lost) {
    byte[] copy = in.asSlice(0, lengthBytes).toArray(ValueLayout.JAVA_BYTE);
    WireFormat.Packet packet = WireFormat.decode(copy);
    return new Arrival(packet.request(), packet.message(), descriptors, lost);
  }

  /** The other side has closed the socket, or its process has ended. */
  static final class EndOfConnection extends Exception {
    private static final long serialVersionUID = 1L;

    EndOfConnection() {
      super("the other side has ended the connection");
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
