package io.entrepot.internal.memory;

/** System calls that the library has no use for, but an adversary has. */
public final class HostileCalls {
  private static final long MPROTECT = Linux.isAarch64() ? 226 : 10;
  private static final long WRITE = Linux.isAarch64() ? 64 : 1;
  private static final long PWRITE = Linux.isAarch64() ? 68 : 18;

  private HostileCalls() {}

  /** Changes what may be done with mapped memory; 0, or a negative error number. */
  public static long mprotect(long address, long length, int protection) {
    return SystemCall.invoke(MPROTECT, address, length, protection, 0, 0, 0);
  }

  /** Writes where a descriptor stands; how many bytes, or a negative error number. */
  public static long write(int number, long address, long length) {
    return SystemCall.invoke(WRITE, number, address, length, 0, 0, 0);
  }

  /** Writes at an offset; how many bytes, or a negative error number. */
  public static long pwrite(int number, long address, long length, long offset) {
    return SystemCall.invoke(PWRITE, number, address, length, offset, 0, 0);
  }
}
