package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;

/**
 * The few calls into the operating system that Entrepot makes, through {@code java.lang.foreign}
 * alone. Each degrades: where the platform has no such call the answer says so and the caller takes
 * the portable way.
 */
public final class NativeCalls {
  private static final int PROT_READ_WRITE = 0x3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MADV_HUGEPAGE = 14;

  private static final int MEMBARRIER_PRIVATE_EXPEDITED = 1 << 3;
  private static final int MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 1 << 4;

  private static final boolean LINUX =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");

  private NativeCalls() {}

  /**
   * Fails with one sentence when the JVM denies native access to Entrepot.
   *
   * @throws IllegalStateException naming the flag to give
   */
  @SuppressWarnings("restricted")
  public static void requireNativeAccess() {
    try {
      MemorySegment.NULL.reinterpret(0);
    } catch (IllegalCallerException denied) {
      throw new IllegalStateException(
          "Entrepot needs native access, which this JVM denies: start it with"
              + " --enable-native-access=io.entrepot (module path) or"
              + " --enable-native-access=ALL-UNNAMED (class path)",
          denied);
    }
  }

  /**
   * Anonymous zeroed memory with huge-page advice, freed when the arena closes; empty where the
   * platform cannot give it.
   */
  @SuppressWarnings("restricted")
  public static Optional<MemorySegment> mapHuge(long byteSize, Arena arena) {
    if (Handles.MMAP == null || Handles.MUNMAP == null || Handles.MADVISE == null) {
      return Optional.empty();
    }
    try {
      long address =
          (long)
              Handles.MMAP.invokeExact(
                  0L, byteSize, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
      if (address == -1L) {
        return Optional.empty();
      }
      // The advice may be refused (no huge pages in this kernel); the memory is good all the same.
      int advised = (int) Handles.MADVISE.invokeExact(address, byteSize, MADV_HUGEPAGE);
      assert advised == 0 || advised == -1;
      return Optional.of(
          MemorySegment.ofAddress(address).reinterpret(byteSize, arena, NativeCalls::unmap));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("mmap(" + byteSize + ")", e);
    }
  }

  private static void unmap(MemorySegment segment) {
    try {
      int result = (int) Handles.MUNMAP.invokeExact(segment.address(), segment.byteSize());
      assert result == 0 : "munmap failed for " + segment;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("munmap", e);
    }
  }

  /** Registers this process for {@link #expeditedBarrier()}; false where the kernel has none. */
  static boolean registerExpeditedBarrier() {
    return membarrier(MEMBARRIER_REGISTER_PRIVATE_EXPEDITED) == 0;
  }

  /** Runs a memory barrier on every CPU that runs a thread of this process; false on failure. */
  static boolean expeditedBarrier() {
    return membarrier(MEMBARRIER_PRIVATE_EXPEDITED) == 0;
  }

  private static long membarrier(int command) {
    long number = membarrierNumber();
    if (Handles.SYSCALL == null || number < 0) {
      return -1;
    }
    try {
      return (long) Handles.SYSCALL.invokeExact(number, command, 0, 0);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("membarrier(" + command + ")", e);
    }
  }

  private static long membarrierNumber() {
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> 324;
      case "aarch64" -> 283;
      default -> -1;
    };
  }

  /** Bound on first use, so that {@link #requireNativeAccess()} can say its sentence before. */
  private static final class Handles {
    static final MethodHandle MMAP =
        bind(
            "mmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    static final MethodHandle MUNMAP =
        bind(
            "munmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    static final MethodHandle MADVISE =
        bind(
            "madvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    static final MethodHandle SYSCALL =
        bind(
            "syscall",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(1));

    private Handles() {}

    @SuppressWarnings("restricted")
    private static MethodHandle bind(
        String name, FunctionDescriptor type, Linker.Option... options) {
      if (!LINUX) {
        return null;
      }
      requireNativeAccess();
      Linker linker = Linker.nativeLinker();
      return linker
          .defaultLookup()
          .find(name)
          .map(symbol -> linker.downcallHandle(symbol, type, options))
          .orElse(null);
    }
  }
}
