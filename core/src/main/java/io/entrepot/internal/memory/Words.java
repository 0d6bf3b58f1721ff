package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A run of 64-bit words, addressed by byte offset, on which all lock-free state of Entrepot lives.
 *
 * <p>There are two forms of one behaviour. The <em>heap</em> form ({@code long[]}) is what a pool
 * of one process runs on: an access to an array costs a third of one to a segment, and model
 * checkers can follow it. The <em>off-heap</em> form is for words that are shared with others, and
 * is 128-byte aligned. Descriptor classes lay out records in multiples of 128 bytes, which keeps
 * hot words of different threads apart in both forms.
 *
 * <p>The access mode is part of each method's name and means what {@link VarHandle} means by it:
 *
 * <ul>
 *   <li><b>Plain</b>: no ordering; for words written by the calling thread alone.
 *   <li><b>Opaque</b>: coherent and eventually visible, no ordering of other words.
 *   <li><b>Acquire / Release</b>: a release store and the acquire load that reads it form a
 *       happens-before edge.
 *   <li><b>Volatile</b>: as acquire/release, and all volatile accesses have one total order.
 * </ul>
 */
public final class Words {
  /** Size of a word in bytes. */
  public static final int WORD_BYTES = Long.BYTES;

  /** Distance in bytes that keeps two words out of each other's cache-line pair. */
  public static final int PAD_BYTES = 128;

  private static final VarHandle OFF_HEAP =
      ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();
  private static final VarHandle ON_HEAP =
      MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();

  private final MemorySegment segment;
  private final long[] array;
  private final long byteSize;

  private Words(MemorySegment segment, long[] array, long byteSize) {
    this.segment = segment;
    this.array = array;
    this.byteSize = byteSize;
  }

  /**
   * Off-heap words, all zero. The memory belongs to the garbage collector, not to a closing owner:
   * counters and dumps stay readable after the pool that used them was closed.
   */
  public static Words offHeap(long byteSize) {
    return new Words(Arena.ofAuto().allocate(byteSize, PAD_BYTES), null, byteSize);
  }

  /** Words in a {@code long[]}, all zero: the form that model checkers can follow. */
  public static Words onHeap(long byteSize) {
    return new Words(null, new long[Math.toIntExact(byteSize / WORD_BYTES)], byteSize);
  }

  /** Size of this run in bytes. */
  public long byteSize() {
    return byteSize;
  }

  public long getPlain(long offset) {
    return array == null
        ? (long) OFF_HEAP.get(segment, offset)
        : (long) ON_HEAP.get(array, index(offset));
  }

  public void setPlain(long offset, long value) {
    if (array == null) {
      OFF_HEAP.set(segment, offset, value);
    } else {
      ON_HEAP.set(array, index(offset), value);
    }
  }

  public long getOpaque(long offset) {
    return array == null
        ? (long) OFF_HEAP.getOpaque(segment, offset)
        : (long) ON_HEAP.getOpaque(array, index(offset));
  }

  public void setOpaque(long offset, long value) {
    if (array == null) {
      OFF_HEAP.setOpaque(segment, offset, value);
    } else {
      ON_HEAP.setOpaque(array, index(offset), value);
    }
  }

  public long getAcquire(long offset) {
    return array == null
        ? (long) OFF_HEAP.getAcquire(segment, offset)
        : (long) ON_HEAP.getAcquire(array, index(offset));
  }

  public void setRelease(long offset, long value) {
    if (array == null) {
      OFF_HEAP.setRelease(segment, offset, value);
    } else {
      ON_HEAP.setRelease(array, index(offset), value);
    }
  }

  public long getVolatile(long offset) {
    return array == null
        ? (long) OFF_HEAP.getVolatile(segment, offset)
        : (long) ON_HEAP.getVolatile(array, index(offset));
  }

  public void setVolatile(long offset, long value) {
    if (array == null) {
      OFF_HEAP.setVolatile(segment, offset, value);
    } else {
      ON_HEAP.setVolatile(array, index(offset), value);
    }
  }

  /** Volatile compare-and-set. */
  public boolean compareAndSet(long offset, long expected, long value) {
    return array == null
        ? (boolean) OFF_HEAP.compareAndSet(segment, offset, expected, value)
        : (boolean) ON_HEAP.compareAndSet(array, index(offset), expected, value);
  }

  /** Volatile get-and-add; the old value. */
  public long getAndAdd(long offset, long delta) {
    return array == null
        ? (long) OFF_HEAP.getAndAdd(segment, offset, delta)
        : (long) ON_HEAP.getAndAdd(array, index(offset), delta);
  }

  /**
   * Adds to a word that the calling thread alone writes: a plain read and an opaque store, so that
   * readers elsewhere see whole values and the writer pays for no atomic instruction.
   */
  public void addOwned(long offset, long delta) {
    setOpaque(offset, getPlain(offset) + delta);
  }

  private static int index(long offset) {
    return (int) (offset >>> 3);
  }
}
