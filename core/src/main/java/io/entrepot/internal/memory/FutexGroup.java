package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waiting until one of several words changes ({@code futex_waitv(2)}, Linux 5.16).
 *
 * <p>Each word is as {@link Futex} says. Where the kernel has no such call a wait is a sleep of at
 * most {@value #SLICE_MS} ms: the caller looks at its words again then. Made once and used again
 * and again by one thread; a wait allocates nothing.
 *
 * <pre>
 *   struct futex_waitv, 24 bytes
 *   0        expected value, low 32 bits
 *   8        address
 *   16       flags (32 bits): a word of 32 bits, shared
 *   20       reserved, 0
 * </pre>
 */
public final class FutexGroup {
  /** Most words that one call waits for. */
  public static final int MAX_WORDS = 128;

  /** Longest wait in milliseconds where the kernel has no such call. */
  public static final long SLICE_MS = 1;

  private static final int ENTRY_BYTES = 24;
  private static final int ADDRESS_OFFSET = 8;
  private static final int FLAGS_OFFSET = 16;
  private static final int FUTEX2_SIZE_U32 = 0x02;
  private static final int CLOCK_MONOTONIC = 1;

  private final MemorySegment entries;
  private final int capacity;
  private int size;

  /**
   * An empty group.
   *
   * @param capacity most words, 1 to {@value #MAX_WORDS}
   */
  public FutexGroup(int capacity) {
    if (capacity < 1 || capacity > MAX_WORDS) {
      throw new IllegalArgumentException(
          "a group has 1 to " + MAX_WORDS + " words, not " + capacity);
    }
    Linux.require();
    this.capacity = capacity;
    this.entries = Arena.ofAuto().allocate((long) capacity * ENTRY_BYTES, Long.BYTES);
  }

  /** Whether this kernel waits for several words. */
  public static boolean isAvailable() {
    return Probe.AVAILABLE;
  }

  /** Most words. */
  public int capacity() {
    return capacity;
  }

  /** Words in it now. */
  public int size() {
    return size;
  }

  /** Takes all words out. */
  public void clear() {
    size = 0;
  }

  /**
   * Adds a word.
   *
   * @param address of the 64-bit word
   * @param expected its low 32 bits as the caller saw them
   * @throws IllegalStateException when the group is full
   */
  public void add(long address, int expected) {
    if (size == capacity) {
      throw new IllegalStateException("the group has its " + capacity + " words");
    }
    long entry = (long) size * ENTRY_BYTES;
    entries.set(ValueLayout.JAVA_LONG, entry, Integer.toUnsignedLong(expected));
    entries.set(ValueLayout.JAVA_LONG, entry + ADDRESS_OFFSET, address);
    entries.set(ValueLayout.JAVA_INT, entry + FLAGS_OFFSET, FUTEX2_SIZE_U32);
    size++;
  }

  /**
   * Waits while all words have their values, for at most {@value Futex#MAX_WAIT_MS} ms.
   *
   * @param timeoutNs at most this long in nanoseconds; 0 or less just looks
   * @throws IllegalStateException when the group is empty
   * @throws SystemCallException as {@link Futex#await} does
   */
  public FutexResult await(long timeoutNs) {
    if (size == 0) {
      throw new IllegalStateException("an empty group would never wake");
    }
    if (Thread.currentThread().isInterrupted()) {
      return FutexResult.INTERRUPTED;
    }
    long sliceNs = Futex.sliceNs(timeoutNs);
    return isAvailable() ? awaitWords(sliceNs) : sleep(sliceNs);
  }

  /**
   * As {@link #await}, for words in memory of a hostile process: which can make the kernel refuse
   * to wait there, by taking pages out of it. That wait is a sleep of at most {@value #SLICE_MS}
   * ms.
   */
  public FutexResult tryAwait(long timeoutNs) {
    try {
      return await(timeoutNs);
    } catch (SystemCallException refused) {
      return sleep(Futex.sliceNs(timeoutNs));
    }
  }

  private FutexResult awaitWords(long sliceNs) {
    // The time-out is a point in time here, of the kernel's clock.
    CallState state = CallState.current();
    SystemCall.CLOCK_GETTIME.call(CLOCK_MONOTONIC, state.timespec(0));
    long timespec = state.timespec(state.timespecNanos() + sliceNs);
    long result =
        SystemCall.FUTEX_WAITV.call(entries.address(), size, 0, timespec, CLOCK_MONOTONIC);
    Reference.reachabilityFence(this);
    return Futex.result(SystemCall.FUTEX_WAITV, result);
  }

  static FutexResult sleep(long sliceNs) {
    LockSupport.parkNanos(Math.min(sliceNs, TimeUnit.MILLISECONDS.toNanos(SLICE_MS)));
    return Thread.currentThread().isInterrupted() ? FutexResult.INTERRUPTED : FutexResult.TIMED_OUT;
  }

  /** A call with no word is refused as such by a kernel that knows the call. */
  private static final class Probe {
    static final boolean AVAILABLE =
        Linux.AVAILABLE && SystemCall.FUTEX_WAITV.call(0, 0, 0, 0, 0) == -Errno.EINVAL;

    private Probe() {}
  }
}
