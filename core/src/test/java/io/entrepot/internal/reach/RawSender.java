package io.entrepot.internal.reach;

import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What another program could do with a socket. */
final class RawSender {
  private static final int F_DUPFD = 0;

  private RawSender() {}

  /** Sends three bytes and any number of descriptors. */
  static long send(int socket, int[] numbers) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(3);
      MemorySegment iovec = arena.allocate(16, 8);
      iovec.set(ValueLayout.JAVA_LONG, 0, payload.address());
      iovec.set(ValueLayout.JAVA_LONG, 8, payload.byteSize());
      long length = 16 + numbers.length * 4L;
      MemorySegment control = arena.allocate(Math.ceilDiv(length, 8) * 8, 8);
      control.set(ValueLayout.JAVA_LONG, 0, length);
      control.set(ValueLayout.JAVA_INT, 8, 1);
      control.set(ValueLayout.JAVA_INT, 12, 1);
      MemorySegment.copy(numbers, 0, control, ValueLayout.JAVA_INT, 16, numbers.length);
      MemorySegment header = arena.allocate(56, 8);
      header.set(ValueLayout.JAVA_LONG, 16, iovec.address());
      header.set(ValueLayout.JAVA_LONG, 24, 1);
      header.set(ValueLayout.JAVA_LONG, 32, control.address());
      header.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
      return SystemCall.SENDMSG.call(socket, header.address(), 0);
    }
  }

  /** Another number of the same file. */
  static int duplicate(int number) {
    return (int) SystemCallException.orThrow(SystemCall.FCNTL, "F_DUPFD", tryDuplicate(number));
  }

  /** As {@link #duplicate}, or a negative error number. */
  static int tryDuplicate(int number) {
    return (int) SystemCall.FCNTL.call(number, F_DUPFD, 0);
  }
}
