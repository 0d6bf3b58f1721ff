package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A system call that the kernel refuses to the calling thread from now on, by a filter ({@code
 * seccomp(2)}): as on a kernel that lacks it, or in a container that hides it.
 *
 * <pre>
 *   struct sock_filter, 8 bytes: code (16 bits), jump if true, jump if false (8 bits), k (32 bits)
 * </pre>
 */
public final class HiddenCall {
  private static final long PRCTL = Linux.isAarch64() ? 167 : 157;
  private static final long SECCOMP = Linux.isAarch64() ? 277 : 317;
  private static final int NO_NEW_PRIVILEGES = 38;
  private static final int SET_MODE_FILTER = 1;
  private static final short LOAD_WORD = 0x20;
  private static final short JUMP_IF_EQUAL = 0x15;
  private static final short RETURN = 0x06;
  private static final int ALLOW = 0x7fff_0000;
  private static final int ERROR = 0x0005_0000;

  private HiddenCall() {}

  /**
   * Hides {@code memfd_secret}, which has the same number everywhere, behind an error; false where
   * the kernel has no filters.
   */
  public static boolean memfdSecret(int errno) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment filter = arena.allocate(4 * 8, 8);
      put(filter, 0, LOAD_WORD, 0, 0, 0); // the number of the call
      put(filter, 1, JUMP_IF_EQUAL, 0, 1, 447);
      put(filter, 2, RETURN, 0, 0, ERROR | errno);
      put(filter, 3, RETURN, 0, 0, ALLOW);
      MemorySegment program = arena.allocate(16, 8);
      program.set(ValueLayout.JAVA_SHORT, 0, (short) 4);
      program.set(ValueLayout.JAVA_LONG, 8, filter.address());
      return SystemCall.invoke(PRCTL, NO_NEW_PRIVILEGES, 1, 0, 0, 0, 0) == 0
          && SystemCall.invoke(SECCOMP, SET_MODE_FILTER, 0, program.address(), 0, 0, 0) == 0;
    }
  }

  private static void put(
      MemorySegment filter, int index, short code, int ifTrue, int ifFalse, int k) {
    filter.set(ValueLayout.JAVA_SHORT, index * 8L, code);
    filter.set(ValueLayout.JAVA_BYTE, index * 8L + 2, (byte) ifTrue);
    filter.set(ValueLayout.JAVA_BYTE, index * 8L + 3, (byte) ifFalse);
    filter.set(ValueLayout.JAVA_INT, index * 8L + 4, k);
  }
}
