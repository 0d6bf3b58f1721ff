package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * What a thread's system calls need of memory: where the error number of the last one is put, and
 * one {@code struct timespec}. Made once per thread, so that a call allocates nothing; it belongs
 * to the garbage collector, so a call that blocks holds up no closing.
 */
final class CallState {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final ThreadLocal<CallState> OF_THREAD = ThreadLocal.withInitial(CallState::new);

  private final MemorySegment captured;
  private final MemorySegment timespec;

  private CallState() {
    Arena arena = Arena.ofAuto();
    captured = arena.allocate(LAYOUT);
    timespec = arena.allocate(2 * Long.BYTES, Long.BYTES);
  }

  /** The calling thread's. */
  static CallState current() {
    return OF_THREAD.get();
  }

  MemorySegment captured() {
    return captured;
  }

  /** Error number of this thread's last call, of use only when that failed. */
  int errno() {
    return (int) ERRNO.get(captured, 0L);
  }

  /** Writes a duration or time into this thread's {@code timespec}; its address. */
  long timespec(long nanos) {
    timespec.set(ValueLayout.JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
    timespec.set(ValueLayout.JAVA_LONG, Long.BYTES, nanos % NANOS_PER_SECOND);
    return timespec.address();
  }

  /** What this thread's {@code timespec} says, in nanoseconds. */
  long timespecNanos() {
    return timespec.get(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND
        + timespec.get(ValueLayout.JAVA_LONG, Long.BYTES);
  }
}
