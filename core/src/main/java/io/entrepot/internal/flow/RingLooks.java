package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.Words;

/**
 * Who may be at the words of a feed's rings just now: so that the memory of a ring which is taken
 * out of the feed can be unmapped when nobody is there any more.
 *
 * <pre>
 *  +0    writer  grows with each begin and end; odd: the writer looks at rings
 *  +128  others  other threads that do
 * </pre>
 *
 * <p>What the writer looks at while it publishes is known by {@link Publishing} alone, so that no
 * frame pays for both.
 *
 * <p><b>Order.</b> Whoever looks says so first, and then reads which rings there are; whoever wants
 * a ring's memory back has taken the ring out, and then looks who is at it. The writer looks with
 * each frame and rings leave rarely, so the latter pays for both with a {@link Barrier}: a look of
 * the writer's that is not seen behind it finds the ring out. The writer's read of the other word
 * is there for the order alone, as in {@link Publishing}. The others look a few times in a batch of
 * frames, and count themselves in and out by atomic steps.
 *
 * <p><b>Over.</b> One look that was under way is over when its word has changed, or the count was 0
 * once: what begins later does not find the ring. A thread that is stopped in the middle of a look
 * keeps the rings that have left since, and holds nobody up.
 */
final class RingLooks {
  static final long BYTES = 2L * Words.PAD_BYTES;

  private static final long OTHERS = Words.PAD_BYTES;

  private final Words words;
  private final Publishing publishing;

  /** Looks that a writer has besides those of its publications. */
  RingLooks(Publishing publishing) {
    this(Words.offHeap(BYTES), publishing);
  }

  /** Over zeroed words. */
  RingLooks(Words words, Publishing publishing) {
    this.words = words;
    this.publishing = publishing;
  }

  /**
   * Before the writer reads which rings there are. Writer only.
   *
   * @return whether a look has begun, for {@link #writerEnds}: not within another one, as where
   *     code of others that runs in the middle of it publishes something
   */
  boolean writerBegins() {
    long at = words.getPlain(words.base());
    if ((at & 1) != 0) {
      return false;
    }
    words.setRelease(words.base(), at + 1);
    words.getAcquire(words.base() + OTHERS);
    return true;
  }

  /** Whether a look has begun and not ended. Writer only. */
  boolean hasWriterBegun() {
    return (words.getPlain(words.base()) & 1) != 0;
  }

  /** Behind the writer's last access to a ring. */
  void writerEnds(boolean hasBegun) {
    if (hasBegun) {
      words.setRelease(words.base(), words.getPlain(words.base()) + 1);
    }
  }

  /** Before any other thread reads which rings there are. */
  void begin() {
    words.getAndAdd(words.base() + OTHERS, 1);
  }

  /** Behind its last access to a ring. */
  void end() {
    words.getAndAdd(words.base() + OTHERS, -1);
  }

  /** What is under way behind a change: one who begins later knows of that. */
  Pending pending() {
    Barrier.heavy();
    return new Pending();
  }

  /** The looks that were under way at some instant. For one thread at a time. */
  final class Pending {
    private final long publication = publishing.at();
    private final long writer = words.getAcquire(words.base());
    private boolean isWriterOver = (writer & 1) == 0;
    private boolean isPublicationOver;
    private boolean areOthersOver;

    /** As they are seen; that nobody is missed is the work of {@link #pending}. */
    Pending() {}

    /** Whether all of them are over, by now. */
    boolean areOver() {
      isPublicationOver = isPublicationOver || !publishing.isUnderWay(publication);
      isWriterOver = isWriterOver || words.getAcquire(words.base()) != writer;
      areOthersOver = areOthersOver || words.getVolatile(words.base() + OTHERS) == 0;
      return isPublicationOver && isWriterOver && areOthersOver;
    }
  }
}
