package io.entrepot.internal.memory;

import java.util.concurrent.TimeUnit;

/**
 * Waiting across processes until a word changes ({@code futex(2)}).
 *
 * <p>The word is the low 32 bits of a 64-bit word in shared memory: its first four bytes, since
 * only little-endian machines come here. The kernel compares and sleeps in one step, so a waker
 * that stores first and wakes then is never missed. Both calls work on a mapping for reading; they
 * do not work in secret memory.
 *
 * <p>For platform threads: a virtual thread would keep its carrier. A wait lasts at most {@value
 * #MAX_WAIT_MS} ms, then the caller looks at its deadline, and whether it shall go on at all, and
 * comes again. The caller keeps the memory mapped during the call. Allocates nothing.
 */
public final class Futex {
  /** Longest wait of one call in milliseconds. */
  public static final long MAX_WAIT_MS = 100;

  private static final long MAX_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(MAX_WAIT_MS);
  private static final long FUTEX_WAIT = 0;
  private static final long FUTEX_WAKE = 1;

  private Futex() {}

  /**
   * Waits while a word has a value.
   *
   * @param address of the 64-bit word
   * @param expected its low 32 bits as the caller saw them
   * @param timeoutNs at most this long in nanoseconds; 0 or less just looks
   * @throws SystemCallException when there is no memory at the address (EFAULT) or it is no
   *     multiple of four (EINVAL)
   */
  public static FutexResult await(long address, int expected, long timeoutNs) {
    if (Thread.currentThread().isInterrupted()) {
      return FutexResult.INTERRUPTED;
    }
    long timespec = CallState.current().timespec(sliceNs(timeoutNs));
    return result(SystemCall.FUTEX, SystemCall.FUTEX.call(address, FUTEX_WAIT, expected, timespec));
  }

  /**
   * Wakes up to {@code count} who wait on a word, in all processes.
   *
   * <p>Never fails: a hostile process may wait on the word by calls of its own that make the kernel
   * refuse to wake, which nobody here can help. Whoever waits by {@link #await} comes to look by
   * itself after {@value #MAX_WAIT_MS} ms.
   *
   * @return how many were woken; 0 also when the kernel refused, or there is no memory at the
   *     address
   */
  public static int tryWake(long address, int count) {
    return (int) Math.max(0, SystemCall.FUTEX.call(address, FUTEX_WAKE, count));
  }

  static long sliceNs(long timeoutNs) {
    return Math.clamp(timeoutNs, 0, MAX_WAIT_NS);
  }

  static FutexResult result(SystemCall call, long result) {
    if (result >= 0) {
      return FutexResult.WOKEN;
    }
    return switch ((int) -result) {
      case Errno.EAGAIN -> FutexResult.VALUE_CHANGED;
      case Errno.ETIMEDOUT -> FutexResult.TIMED_OUT;
      case Errno.EINTR -> FutexResult.INTERRUPTED;
      default -> throw new SystemCallException(call, "wait", (int) -result);
    };
  }
}
