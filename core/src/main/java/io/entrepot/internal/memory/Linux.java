package io.entrepot.internal.memory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * Where sharing across processes can be had: Linux on x86-64 or aarch64, little endian, 64 bit.
 * Everywhere else each class that stands on it loads, and says so in one exception when used.
 */
public final class Linux {
  private static final String OS = System.getProperty("os.name", "");
  private static final String ARCHITECTURE = System.getProperty("os.arch", "");

  /** Whether this is Linux on a processor whose call numbers are known. */
  static final boolean AVAILABLE =
      OS.toLowerCase(Locale.ROOT).contains("linux")
          && (isX64() || isAarch64())
          && ValueLayout.ADDRESS.byteSize() == Long.BYTES
          && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private Linux() {}

  /**
   * Fails where memory cannot be shared across processes.
   *
   * @throws UnsupportedOperationException naming what this is and what it has to be
   * @throws IllegalStateException when this JVM denies native access
   */
  public static void require() {
    if (!AVAILABLE) {
      throw unavailable();
    }
    NativeCalls.requireNativeAccess();
  }

  /** Whether {@link #require()} passes, but for the permission that the JVM's user gives. */
  public static boolean isAvailable() {
    return AVAILABLE;
  }

  static UnsupportedOperationException unavailable() {
    return new UnsupportedOperationException(
        "sharing memory across processes needs Linux on x86-64 or aarch64, little endian; this is "
            + OS
            + " on "
            + ARCHITECTURE
            + ", "
            + ByteOrder.nativeOrder());
  }

  static boolean isAarch64() {
    return ARCHITECTURE.equals("aarch64");
  }

  private static boolean isX64() {
    return ARCHITECTURE.equals("amd64") || ARCHITECTURE.equals("x86_64");
  }

  /** Size in bytes of a page of memory. */
  public static long pageBytes() {
    require();
    return Page.BYTES;
  }

  /** Asked on first use, after {@link #require()} could say its sentence. */
  private static final class Page {
    static final long BYTES = ask();

    private Page() {}

    @SuppressWarnings("restricted")
    private static long ask() {
      Linker linker = Linker.nativeLinker();
      MemorySegment symbol = linker.defaultLookup().findOrThrow("getpagesize");
      MethodHandle handle =
          linker.downcallHandle(symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT));
      try {
        return (int) handle.invokeExact();
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("getpagesize", e);
      }
    }
  }
}
