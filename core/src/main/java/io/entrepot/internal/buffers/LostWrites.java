package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;

/**
 * Frames that somebody was writing to in place who will not go on: another process that has died, a
 * thread of this one that has ended, or one whose views were closed by force. Their bytes may be
 * half of the old frame and half of the new, so nobody is shown them any more.
 *
 * <p>The mark is the generation of the frame, in a word of its buffer's record: it is over by
 * itself with that use of the buffer, and nobody has to take it away in time.
 *
 * <p><b>Order.</b> The mark is stored while the writer word of the lost writer still counts, which
 * keeps everybody out ({@link InPlaceWriters}), and before a store makes it count no more (release
 * or volatile). Who finds that nobody writes looks here behind that, with acquire. Attention stays
 * raised from the first mark on, so that every map looks; and as long as another process may write,
 * which has marks of its own, for its threads.
 */
public final class LostWrites {
  private final Words words;
  private final PoolDescriptor layout;
  private final BufferStates states;
  private final Peers peers;

  LostWrites(Words words, PoolDescriptor layout, BufferStates states, Peers peers) {
    this.words = words;
    this.layout = layout;
    this.states = states;
    this.peers = peers;
  }

  /**
   * Marks what a process was writing that writes no more, or has marked; while its uses still
   * count.
   *
   * @return whether that was anything
   */
  public boolean mark(PeerWords writer) {
    boolean any = false;
    for (int buffer = 0; buffer < layout.buffers(); buffer++) {
      long state = states.acquire(buffer);
      long generation = BufferStates.generation(state);
      if (isFrame(state)
          && (writer.wasOverwriting(buffer, generation) || writer.hasLost(buffer, generation))) {
        words.setRelease(place(buffer), generation);
        any = true;
      }
    }
    return any;
  }

  /**
   * Marks what a thread of this process was writing, whose writer word and hold still stand.
   *
   * @return whether it is a frame: what its owner has not published is its owner's to put right
   */
  public boolean mark(int buffer, long generation) {
    boolean isFrame = isFrame(states.acquire(buffer));
    if (isFrame) {
      words.setRelease(place(buffer), generation);
    }
    return isFrame;
  }

  private static boolean isFrame(long state) {
    return BufferStates.kind(state) == BufferStates.PUBLISHED || BufferStates.isRetired(state);
  }

  /** Whether a use of a buffer is half overwritten. */
  public boolean isMarked(int buffer, long generation) {
    long mark = words.getAcquire(place(buffer));
    return (mark != 0 && mark == generation) || isMarkedElsewhere(buffer, generation);
  }

  /** Whether the present use of a buffer is, which the caller protects. */
  public boolean isMarked(int buffer) {
    if (words.getAcquire(place(buffer)) == 0 && peers.writer() == null) {
      // The state word is what its users contend for: hardly ever looked at.
      return false;
    }
    return isMarked(buffer, BufferStates.generation(states.acquire(buffer)));
  }

  /** It may say so of frames alone: of nothing else it was told. */
  private boolean isMarkedElsewhere(int buffer, long generation) {
    PeerWords writer = peers.writer();
    return writer != null && writer.hasLost(buffer, generation) && isFrame(states.acquire(buffer));
  }

  private long place(int buffer) {
    return layout.buffer(buffer) + PoolDescriptor.HALF_OVERWRITTEN;
  }
}
