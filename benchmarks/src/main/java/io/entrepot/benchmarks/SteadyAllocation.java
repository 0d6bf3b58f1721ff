package io.entrepot.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What a thread allocates for each message once it has warmed up: next to nothing, or the run
 * fails. A run that is too short to tell says nothing.
 */
final class SteadyAllocation {
  /** Messages until everything is compiled. */
  static final long WARM_UP = 500_000;

  /** Fewest messages after them that tell something. */
  static final long FEWEST = 100_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Messages between two looks: what is allocated behind the last one, to end, is nobody's. */
  private static final long LOOK = 20_000;

  private long messages;
  private long bytesBefore;

  /** Allocated until the last look, and messages until then. */
  private long bytes;

  private long looked;

  /** Counts a message, on the thread that is measured. */
  void count() {
    if (++messages % LOOK == 0 && messages >= WARM_UP) {
      looked = messages;
      bytes = THREADS.getCurrentThreadAllocatedBytes();
      if (looked == WARM_UP) {
        bytesBefore = bytes;
      }
    }
  }

  /**
   * Checks what was allocated since the warm-up.
   *
   * @throws IllegalStateException when it is more than a message may
   */
  void check() {
    long measured = looked - WARM_UP;
    if (measured < FEWEST) {
      return;
    }
    double each = (double) (bytes - bytesBefore) / measured;
    if (each >= Measurement.NO_BYTES) {
      throw new IllegalStateException(
          Numbers.format(
              "%.1f bytes were allocated for each of %d messages; less than %.1f count as none",
              each, measured, Measurement.NO_BYTES));
    }
  }
}
