package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.Words;
import io.entrepot.sharing.Exporter;

/** Memory of a pool whose control words lie in shared memory too. */
public interface SharedBacking extends Exporter.Backing {
  /**
   * Zeroed words for the pool's state, in memory that outlives this backing for as long as the
   * words are reachable.
   *
   * @param byteSize how many bytes of them
   */
  Words words(long byteSize);

  /** Number of its memory among those that the pool has had, one after the other. */
  default long firstMemory() {
    return 0;
  }

  /** Words for the state of a pool over a backing, in shared memory if that has any. */
  static Words words(Exporter.Backing backing, long byteSize) {
    return backing instanceof SharedBacking shared
        ? shared.words(byteSize)
        : Words.offHeap(byteSize);
  }

  /**
   * The pool has laid its words out: told once, before it uses them, to whoever lets others look at
   * them from outside.
   *
   * @param layout of the {@link #words}
   */
  default void laidOut(PoolDescriptor layout) {}
}
