package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * A run of 64-bit words on which all lock-free state of Entrepot lives.
 *
 * <p>There are two forms of one behaviour. The <em>off-heap</em> form is what runs: a word is
 * accessed by its address alone, with no object to look at. The <em>heap</em> form ({@code long[]})
 * is what model checkers can follow. Code is the same for both: it computes the <em>place</em> of a
 * word once, from {@link #base()} and an offset in bytes, and hands that to the accessors. Nothing
 * here names {@link HeapWords}, so that a program which does not use it has one form loaded and
 * pays for no dispatch.
 *
 * <p>A place is not checked: layouts are {@code Descriptor} classes, which lay out records in
 * multiples of 128 bytes and so keep hot words of different threads apart in both forms.
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
public abstract sealed class Words permits OffHeapWords, HeapWords {
  /** Size of a word in bytes. */
  public static final int WORD_BYTES = Long.BYTES;

  /** Distance in bytes that keeps two words out of each other's cache-line pair. */
  public static final int PAD_BYTES = 128;

  private final long base;
  private final long byteSize;

  Words(long base, long byteSize) {
    this.base = base;
    this.byteSize = byteSize;
  }

  /**
   * Off-heap words, all zero. The memory belongs to the garbage collector, not to a closing owner:
   * counters and dumps stay readable after the pool that used them was closed.
   */
  public static Words offHeap(long byteSize) {
    NativeCalls.requireNativeAccess();
    return new OffHeapWords(Arena.ofAuto().allocate(byteSize, PAD_BYTES));
  }

  /**
   * Words over memory that is there already, a mapping of shared memory for instance; they are what
   * the memory holds.
   *
   * <p>Accessors look at nothing but the word. So the memory's arena must not close before the last
   * access (an automatic arena never does), and words of a mapping for reading must not be stored
   * to: either kills the process.
   *
   * @throws IllegalArgumentException when the memory is on the heap, empty, does not start at a
   *     multiple of {@value #PAD_BYTES}, or is no whole number of words
   */
  public static Words over(MemorySegment memory) {
    if (!memory.isNative()
        || memory.byteSize() == 0
        || memory.address() % PAD_BYTES != 0
        || memory.byteSize() % WORD_BYTES != 0) {
      throw new IllegalArgumentException(
          "words need native memory that starts at a multiple of "
              + PAD_BYTES
              + " and has a multiple of "
              + WORD_BYTES
              + " bytes, not "
              + memory);
    }
    NativeCalls.requireNativeAccess();
    return new OffHeapWords(memory);
  }

  /** Place of the first word. */
  public final long base() {
    return base;
  }

  /** Size of this run in bytes. */
  public final long byteSize() {
    return byteSize;
  }

  public abstract long getPlain(long place);

  public abstract void setPlain(long place, long value);

  public abstract long getOpaque(long place);

  public abstract void setOpaque(long place, long value);

  public abstract long getAcquire(long place);

  public abstract void setRelease(long place, long value);

  public abstract long getVolatile(long place);

  public abstract void setVolatile(long place, long value);

  /** Volatile compare-and-set. */
  public abstract boolean compareAndSet(long place, long expected, long value);

  /** Volatile get-and-add; the old value. */
  public abstract long getAndAdd(long place, long delta);

  /**
   * Adds to a word that the calling thread alone writes: a plain read and an opaque store, so that
   * readers elsewhere see whole values and the writer pays for no atomic instruction.
   */
  public final void addOwned(long place, long delta) {
    setOpaque(place, getPlain(place) + delta);
  }
}
