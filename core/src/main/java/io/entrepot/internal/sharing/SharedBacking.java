package io.entrepot.internal.sharing;

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
}
