package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Doorbell;
import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.FarSlots;
import io.entrepot.sync.Usage;

/**
 * What another process uses of a pool's buffers, told by words that it alone writes: those of its
 * own copy of the pool.
 *
 * <p>A frame that a queue of this process holds for it is protected by its mapping slot as in one
 * process ({@link Lanes}): it stores the slot before it moves its cursor past the frame, and
 * whoever retires the buffer here has read the cursor with acquire. Whatever else it does with a
 * buffer has a <em>hold</em> in its own state word, taken while the frame is still in the queue,
 * mapped, or held, and work that goes on has its <em>fence</em> before the hold is dropped.
 *
 * <p>So a use goes from slot to hold to fence and never back: who looks at the slots, then at the
 * holds, then at the fences, misses none.
 *
 * <p>What a hostile process writes there keeps buffers of its own grant from reuse, until it is
 * evicted, and nothing else.
 */
public final class PeerWords {
  private static final int NONE = -1;

  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final FarSlots reservations;
  private final String name;

  /**
   * The words of a peer.
   *
   * @param name of the peer, for people
   * @param words that it writes, and this process reads
   * @param layout of them
   */
  public PeerWords(String name, Words words, PoolDescriptor layout) {
    this.name = name;
    this.words = words;
    this.layout = layout;
    this.lanes = new Lanes(words, layout);
    this.reservations = layout.reservations(words);
  }

  /** Rings in the peer, for threads of it that wait for what this process lets go of. */
  public Doorbell doorbell(Words own, PoolDescriptor ownLayout) {
    return new Doorbell(
        words, layout.header(PoolDescriptor.LISTENING), own, ownLayout.header(PoolDescriptor.BELL));
  }

  /** Has threads here that wait for fences hear those of the peer. */
  void hear(FarSignals signals) {
    signals.hears(words, layout.signalsPlace());
  }

  /** Ends {@link #hear}. */
  void hearNoMore(FarSignals signals) {
    signals.hearsNoMore(words, layout.signalsPlace());
  }

  /** Has threads that wait for what the peer uses sleep until it rings. */
  void listen(Doorbells doorbells) {
    doorbells.add(words, layout.header(PoolDescriptor.BELL));
  }

  /** Ends {@link #listen}. */
  void listenNoMore(Doorbells doorbells) {
    doorbells.remove(words, layout.header(PoolDescriptor.BELL));
  }

  /** Marks, in a bit set of buffers, those that the peer has mapped. */
  void markMapped(long[] mapped) {
    lanes.mark(mapped);
  }

  /** Whether the peer holds a buffer, or has fences on it whose work may go on. */
  public boolean isHolding(int buffer) {
    long place = layout.buffer(buffer);
    // Nothing is acquired there: what is OWNED has been taken by a pool that closes.
    return BufferStates.kind(words.getAcquire(place + PoolDescriptor.STATE))
            == BufferStates.PUBLISHED
        || !reservations.isIdle(place);
  }

  /** Whether a thread of the peer writes in place to a buffer, or is about to. */
  boolean isWriting(int buffer) {
    return words.getVolatile(layout.buffer(buffer) + PoolDescriptor.WRITER) != 0;
  }

  /**
   * Whether the peer, which writes no more, has left a use of a buffer in the midst of its writes:
   * its writer word is up, and its mapping there. That comes when nobody else uses the buffer any
   * more, and goes before the word does. Of a lane that was killed it is not known any more; what
   * that had begun the peer {@linkplain #hasLost says}.
   */
  boolean wasOverwriting(int buffer, long generation) {
    long place = layout.buffer(buffer);
    long writer = words.getVolatile(place + PoolDescriptor.WRITER);
    long state = words.getAcquire(place + PoolDescriptor.STATE);
    return writer > 0
        && writer <= layout.lanes()
        && BufferStates.kind(state) == BufferStates.PUBLISHED
        && BufferStates.generation(state) == generation
        && (lanes.isMappedForWriting((int) writer - 1, buffer) || lanes.isDead((int) writer - 1));
  }

  /** Whether the peer says of a use that a thread of its was lost while it wrote to it in place. */
  boolean hasLost(int buffer, long generation) {
    long mark = words.getAcquire(layout.buffer(buffer) + PoolDescriptor.HALF_OVERWRITTEN);
    return mark != 0 && mark == generation;
  }

  /** Whether the peer has no fence on a buffer that a query for that usage waits for. */
  boolean isQuiet(int buffer, Usage usage) {
    return reservations.isSignaled(layout.buffer(buffer), usage);
  }

  /** Whether the peer uses a buffer. */
  boolean isUsing(int buffer) {
    return lanes.isMapped(buffer, NONE) || isHolding(buffer);
  }

  /** How many holds the peer has on a buffer. */
  public long holds(int buffer) {
    long state = words.getAcquire(layout.buffer(buffer) + PoolDescriptor.STATE);
    return BufferStates.kind(state) == BufferStates.PUBLISHED ? BufferStates.holds(state) : 0;
  }

  @Override
  public String toString() {
    return name;
  }
}
