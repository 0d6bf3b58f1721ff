package io.entrepot.stress;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Off-heap words for the states of stress tests. jcstress makes states by the million, too many for
 * an arena each: they take turns on a ring which is longer than the number of states alive at once.
 */
final class OffHeapWords {
  /** The volatile, acquire, release, opaque and plain view of a word at a byte offset. */
  static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  private static final int CELL_BYTES = 128;
  private static final int CELLS = 1 << 16;
  private static final MemorySegment RING =
      Arena.global().allocate((long) CELLS * CELL_BYTES, CELL_BYTES);
  private static final AtomicInteger TURN = new AtomicInteger();

  private OffHeapWords() {}

  /** Sixteen words, all zero, which share no cache line with another state's. */
  static MemorySegment sixteen() {
    long cell = TURN.getAndIncrement() & (CELLS - 1);
    return RING.asSlice(cell * CELL_BYTES, CELL_BYTES).fill((byte) 0);
  }
}
