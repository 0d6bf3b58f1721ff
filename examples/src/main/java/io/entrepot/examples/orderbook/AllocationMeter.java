package io.entrepot.examples.orderbook;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Bytes that the calling thread has allocated, marked once per window of a run. The JVM counts them
 * exactly; asking allocates nothing.
 */
final class AllocationMeter {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long[] marks;
  private int count;

  AllocationMeter(int windows) {
    marks = new long[windows + 1];
  }

  /** Marks the end of a window and the beginning of the next. */
  void mark() {
    marks[count++] = THREADS.getCurrentThreadAllocatedBytes();
  }

  /** Bytes allocated in each window. */
  long[] bytesPerWindow() {
    if (count != marks.length) {
      throw new IllegalStateException(count + " marks for " + (marks.length - 1) + " windows");
    }
    long[] bytes = new long[marks.length - 1];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = marks[i + 1] - marks[i];
    }
    return bytes;
  }
}
