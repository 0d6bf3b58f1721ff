package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.reach.WireFormat.Message;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** An importer, or exporter, that says whatever a test wants said. */
final class RawPeer implements AutoCloseable {
  static final long LONG_NS = TimeUnit.SECONDS.toNanos(20);

  private final UnixSocket socket;
  private final WireSocket wire;

  RawPeer(UnixSocket socket) {
    this.socket = socket;
    this.wire = new WireSocket(socket);
  }

  static RawPeer connect(Path path) throws InterruptedException {
    return new RawPeer(UnixSocket.connect(path, LONG_NS));
  }

  /** Sends bytes as they are; false when the other side has gone. */
  boolean raw(byte[] bytes, Descriptor... passed) throws InterruptedException {
    try {
      socket.send(MemorySegment.ofArray(bytes), bytes.length, passed);
      return true;
    } catch (SystemCallException gone) {
      return false;
    }
  }

  boolean say(int request, Message message, Descriptor... passed) throws InterruptedException {
    return raw(WireFormat.encode(request, message), passed);
  }

  /** The next message; {@code null} at the end of the connection. */
  WireSocket.Arrival hear() {
    try {
      WireSocket.Arrival arrival = wire.receive(LONG_NS);
      if (arrival == null) {
        throw new AssertionError("nothing came");
      }
      return arrival;
    } catch (WireSocket.EndOfConnection end) {
      return null;
    }
  }

  /** The next message, without descriptors. */
  Message answer() {
    WireSocket.Arrival arrival = hear();
    return arrival == null ? null : closed(arrival);
  }

  private static Message closed(WireSocket.Arrival arrival) {
    arrival.descriptors().forEach(Descriptor::close);
    return arrival.message();
  }

  Message ask(Message message) throws InterruptedException {
    say(7, message);
    return answer();
  }

  /** Greets; what came with the welcome is the caller's. */
  WireSocket.Arrival greet() throws InterruptedException {
    say(1, new WireFormat.Hello(0, "a test"));
    return hear();
  }

  /** Greets, and wants no memory. */
  RawPeer greeted() throws InterruptedException {
    closed(greet());
    return this;
  }

  /** Waits for the end, and says how the other side explained it. */
  String farewell() {
    String why = null;
    Message said;
    while ((said = answer()) != null) {
      if (said instanceof WireFormat.Goodbye(String text)) {
        why = text;
      }
    }
    return why;
  }

  /** Ends the connection, as close does. */
  void hangUp() {
    wire.close();
  }

  @Override
  public void close() {
    hangUp();
  }
}
