package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sharing.PoolCore;

/**
 * Layout of the words that an importing process writes, and the exporter's only reads.
 *
 * <pre>
 *  pool     as of a pool of its own    {@link io.entrepot.internal.buffers.PoolDescriptor}
 *  readers  128 bytes each: the reader's words of a ring that the process has joined
 * </pre>
 *
 * @param readersOffset in bytes, of the first reader record
 */
record PeerDescriptor(long readersOffset) {
  /** Rings that a process can read from at a time. */
  static final int READERS = 64;

  static PeerDescriptor of(PoolCore pool) {
    return new PeerDescriptor(pool.layout().byteSize());
  }

  long byteSize() {
    return readersOffset + READERS * (long) Words.PAD_BYTES;
  }

  /** Place of a reader record in words. */
  long reader(Words words, int reader) {
    return words.base() + readersOffset + reader * (long) Words.PAD_BYTES;
  }
}
