package io.entrepot.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What a thread allocates for each message once it has warmed up: next to nothing, or the run
 * fails. A run that is too short to tell says nothing.
 */
final class SteadyAllocation {
  /** Messages until everything is compiled, again where a second feed has changed what is known. */
  static final long WARM_UP = 1_000_000;

  /** Fewest messages after them that tell something. */
  static final long FEWEST = 100_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private long messages;
  private long bytesBefore;

  /** Counts a message, on the thread that is measured. */
  void count() {
    if (++messages == WARM_UP) {
      bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
    }
  }

  /**
   * Checks what was allocated since the warm-up, on the same thread.
   *
   * @throws IllegalStateException when it is more than a message may
   */
  void check() {
    long measured = messages - WARM_UP;
    if (measured < FEWEST) {
      return;
    }
    double bytes = (double) (THREADS.getCurrentThreadAllocatedBytes() - bytesBefore) / measured;
    if (bytes >= Measurement.NO_BYTES) {
      throw new IllegalStateException(
          Numbers.format(
              "%.1f bytes were allocated for each of %d messages; less than %.1f count as none",
              bytes, measured, Measurement.NO_BYTES));
    }
  }
}
