package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.ReservationSlots;

/**
 * What another process uses of a pool's buffers, told by words that it alone writes: those of its
 * own copy of the pool.
 *
 * <p>A process takes a <em>hold</em> in its own state word for every use that it makes of a buffer,
 * and takes it before it moves its cursor past the frame. So whoever retires the buffer here has
 * read the cursor with acquire, and finds the hold behind it. One word is read for each buffer;
 * what a hostile process writes there keeps buffers of its own grant from reuse, until it is
 * evicted, and nothing else.
 */
public final class PeerWords {
  private final Words words;
  private final PoolDescriptor layout;
  private final String name;

  /**
   * The words of a peer.
   *
   * @param name of the peer, for people
   * @param words that it writes, and this process reads
   * @param pool whose buffers it uses
   */
  public PeerWords(String name, Words words, PoolCore pool) {
    this.name = name;
    this.words = words;
    this.layout =
        new PoolDescriptor(
            words.base(), pool.buffers(), pool.layout().lanes(), pool.layout().timelines());
  }

  /** Bytes that the words of a peer of a pool take. */
  public static long byteSize(PoolCore pool) {
    return PoolDescriptor.byteSize(
        pool.buffers(), pool.layout().lanes(), pool.layout().timelines());
  }

  /** Whether the peer holds a buffer, or has fences in its reservation. */
  boolean isUsing(int buffer) {
    long place = layout.buffer(buffer);
    // The hold first: a use that goes on as a fence adds it before it lets go. Nothing is acquired
    // there: what is OWNED has been taken by a pool that closes.
    long state = words.getAcquire(place + PoolDescriptor.STATE);
    return BufferStates.kind(state) == BufferStates.PUBLISHED
        || !ReservationSlots.isUnusedWord(words.getAcquire(place + PoolDescriptor.FENCES));
  }

  @Override
  public String toString() {
    return name;
  }
}
