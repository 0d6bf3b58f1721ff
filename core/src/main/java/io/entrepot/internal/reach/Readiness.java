package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * Waiting until something can be done with a descriptor ({@code ppoll(2)}).
 *
 * <p>The kernel is asked for at most {@value #SLICE_MS} ms at a time; between two questions the
 * waiter looks whether it was interrupted or the descriptor closed. For platform threads.
 *
 * <pre>
 *   struct pollfd, 8 bytes: descriptor (32 bits), events asked for (16), events that are (16)
 * </pre>
 */
final class Readiness {
  /** Something can be read, or accepted, or a process has ended. */
  static final short INPUT = 0x001;

  /** Something can be written. */
  static final short OUTPUT = 0x004;

  /** The other end is closed; told without being asked for. */
  static final short HANG_UP = 0x010;

  static final long SLICE_MS = 100;

  private static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(SLICE_MS);
  private static final long EVENTS_OFFSET = 4;
  private static final long FOUND_OFFSET = 6;
  private static final long TIMESPEC_OFFSET = 8;
  private static final long BYTES = TIMESPEC_OFFSET + 2 * Long.BYTES;

  private Readiness() {}

  /**
   * Waits for one of some events, an error or the closing of the other end.
   *
   * @param timeoutNs in nanoseconds; 0 or less just looks
   * @return the events that are; 0 when the time was up
   * @throws IllegalStateException when the descriptor is closed, before or meanwhile
   * @throws InterruptedException when the thread is interrupted while there is none
   */
  static int await(Descriptor descriptor, short events, long timeoutNs)
      throws InterruptedException {
    long patienceNs = Math.max(0, timeoutNs);
    long start = System.nanoTime();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment poll = arena.allocate(BYTES, Long.BYTES);
      while (true) {
        long leftNs = patienceNs - (System.nanoTime() - start);
        int found = look(descriptor, events, Math.clamp(leftNs, 0, SLICE_NS), poll);
        if (found != 0 || leftNs <= 0) {
          return found;
        }
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while waiting for " + descriptor);
        }
      }
    }
  }

  /** The events that are now. */
  static int now(Descriptor descriptor, short events) {
    try (Arena arena = Arena.ofConfined()) {
      return look(descriptor, events, 0, arena.allocate(BYTES, Long.BYTES));
    }
  }

  private static int look(Descriptor descriptor, short events, long sliceNs, MemorySegment poll) {
    long result;
    int number = descriptor.take();
    try {
      poll.set(ValueLayout.JAVA_INT, 0, number);
      poll.set(ValueLayout.JAVA_SHORT, EVENTS_OFFSET, events);
      poll.set(ValueLayout.JAVA_SHORT, FOUND_OFFSET, (short) 0);
      poll.set(ValueLayout.JAVA_LONG, TIMESPEC_OFFSET, 0);
      poll.set(ValueLayout.JAVA_LONG, TIMESPEC_OFFSET + Long.BYTES, sliceNs);
      result = SystemCall.PPOLL.call(poll.address(), 1, poll.address() + TIMESPEC_OFFSET, 0, 0);
    } finally {
      descriptor.giveBack();
    }
    if (result == -Errno.EINTR) {
      return 0;
    }
    SystemCallException.orThrow(SystemCall.PPOLL, descriptor.toString(), result);
    return Short.toUnsignedInt(poll.get(ValueLayout.JAVA_SHORT, FOUND_OFFSET));
  }
}
