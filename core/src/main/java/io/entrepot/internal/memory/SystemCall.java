package io.entrepot.internal.memory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * The calls into the Linux kernel that sharing across processes needs, by their numbers on x86-64
 * and aarch64.
 *
 * <p>All go through the one {@code syscall(2)} of the C library, so that neither the age nor the
 * make of that library matters: structures are those of the kernel. Arguments are {@code long}s,
 * addresses too: a call that blocks must not hold the arena of a segment, whose owner could then
 * not close it. Who passes an address keeps its memory alive until the call returns.
 *
 * <p>The answer is the kernel's own: the result, or the negative of the error number.
 */
public enum SystemCall {
  ACCEPT4(288, 242),
  BIND(49, 200),
  CLOCK_GETTIME(228, 113),
  CLOSE(3, 57),
  CONNECT(42, 203),
  FALLOCATE(285, 47),
  FCHMOD(91, 52),
  FCNTL(72, 25),
  FLOCK(73, 32),
  FSTATFS(138, 44),
  FTRUNCATE(77, 46),
  FUTEX(202, 98),
  FUTEX_WAITV(449, 449),
  GETSOCKOPT(55, 209),
  IOCTL(16, 29),
  LISTEN(50, 201),
  MEMFD_CREATE(319, 279),
  MEMFD_SECRET(447, 447),
  MMAP(9, 222),
  MUNMAP(11, 215),
  OPENAT(257, 56),
  PIDFD_OPEN(434, 434),
  PPOLL(271, 73),
  PRLIMIT64(302, 261),
  RECVMSG(47, 212),
  SENDMSG(46, 211),
  SHUTDOWN(48, 210),
  SOCKET(41, 198),
  STATX(332, 291);

  private final long number;

  SystemCall(int onX64, int onAarch64) {
    this.number = Linux.isAarch64() ? onAarch64 : onX64;
  }

  public long call(long a) {
    return call(a, 0, 0, 0, 0, 0);
  }

  public long call(long a, long b) {
    return call(a, b, 0, 0, 0, 0);
  }

  public long call(long a, long b, long c) {
    return call(a, b, c, 0, 0, 0);
  }

  public long call(long a, long b, long c, long d) {
    return call(a, b, c, d, 0, 0);
  }

  public long call(long a, long b, long c, long d, long e) {
    return call(a, b, c, d, e, 0);
  }

  /**
   * Makes the call; allocates nothing.
   *
   * @return the result, or the negative of the error number
   * @throws UnsupportedOperationException elsewhere than on a Linux whose call numbers are known
   */
  public long call(long a, long b, long c, long d, long e, long f) {
    return invoke(number, a, b, c, d, e, f);
  }

  /** As {@link #call(long, long, long, long, long, long)}, for a call that is not listed here. */
  static long invoke(long number, long a, long b, long c, long d, long e, long f) {
    if (!Linux.AVAILABLE) {
      throw Linux.unavailable();
    }
    CallState state = CallState.current();
    try {
      long result = (long) Handle.SYSCALL.invokeExact(state.captured(), number, a, b, c, d, e, f);
      return result == -1 ? -state.errno() : result;
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new AssertionError("system call " + number, thrown);
    }
  }

  /** The name in the manual. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bound on first use, so that {@link Linux#require()} can say its sentence before. */
  private static final class Handle {
    static final MethodHandle SYSCALL = bind();

    private Handle() {}

    @SuppressWarnings("restricted")
    private static MethodHandle bind() {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));
    }
  }
}
