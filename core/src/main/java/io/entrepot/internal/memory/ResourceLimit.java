package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A limit that the kernel puts on this process ({@code getrlimit(2)}). */
public enum ResourceLimit {
  /** Most bytes that a file may have; shared memory is one. */
  FSIZE(1),
  /** Highest number of open descriptors. */
  NOFILE(7),
  /** Most bytes that may be locked into memory. */
  MEMLOCK(8);

  private final int resource;

  ResourceLimit(int resource) {
    this.resource = resource;
  }

  /** The limit in force; {@link Long#MAX_VALUE} for none. */
  public long soft() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limits = arena.allocate(2 * Long.BYTES, Long.BYTES);
      long result = SystemCall.PRLIMIT64.call(0, resource, 0, limits.address());
      if (result < 0) {
        throw new SystemCallException(SystemCall.PRLIMIT64, "RLIMIT_" + this, (int) -result);
      }
      long soft = limits.get(ValueLayout.JAVA_LONG, 0);
      return soft < 0 ? Long.MAX_VALUE : soft; // RLIM_INFINITY is the largest unsigned value
    }
  }
}
