package io.entrepot.examples.aeron;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Bytes that a thread has allocated in each of some windows of frames, as the JVM counts them for
 * it. The first windows show the compiler at work, the last ones the steady state.
 */
final class AllocationWindows {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long first;
  private final long framesPerWindow;
  private final long[] marks;
  private int count;

  private AllocationWindows(long first, long frames, int windows) {
    this.first = first;
    this.framesPerWindow = frames / windows;
    this.marks = new long[windows + 1];
  }

  /** Those of the frames at full speed. */
  static AllocationWindows of(Plan plan) {
    return new AllocationWindows(plan.warmup(), plan.frames(), Plan.WINDOWS);
  }

  /** Notes that so many frames were dealt with; of the measured thread, and often enough. */
  void at(long frames) {
    if (count < marks.length && frames >= first + count * framesPerWindow) {
      marks[count++] = THREADS.getCurrentThreadAllocatedBytes();
    }
  }

  /** Bytes allocated in each window that is over. */
  long[] bytes() {
    long[] bytes = new long[Math.max(0, count - 1)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = marks[i + 1] - marks[i];
    }
    return bytes;
  }
}
