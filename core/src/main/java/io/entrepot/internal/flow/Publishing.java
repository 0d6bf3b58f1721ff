package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.Words;
import java.util.concurrent.locks.LockSupport;

/**
 * Whether a writer is between its look at who there is to deliver to and its last push: for whoever
 * closes a ring, and must know that nobody will push to it any more before it is forgotten, and for
 * whoever puts one in, and must know that nobody publishes without it any more.
 *
 * <pre>
 *  +0    publishing  grows with each begin and end; odd: a writer is at it
 *  +8    changes     how often somebody asked who had put a ring in, or closed one
 * </pre>
 *
 * <p>The writer stores <em>publishing</em> and then looks at the rings, and whether they are
 * closed; who changes that does so and then looks at <em>publishing</em>. The writer publishes
 * often and rings change rarely, so the latter pays for both with a {@link Barrier}. The writer's
 * look at <em>changes</em> is there for the order alone: behind its own store it stays because both
 * are words, and the look at the rings stays behind it because it acquires.
 */
final class Publishing {
  static final long BYTES = Words.PAD_BYTES;

  private static final long CHANGES = Words.WORD_BYTES;

  /** Looks at a publication under way before time is taken for it: most are over by then. */
  private static final int LOOKS = 1_000;

  private static final long LOOK_NS = 20_000;

  private final Words words;

  /** What the writer has seen of the changes. */
  private long known;

  Publishing() {
    this(Words.offHeap(BYTES));
  }

  /** Over zeroed words. */
  Publishing(Words words) {
    this.words = words;
  }

  /** Before the look at the rings; not within another publication. Writer only. */
  void begin() {
    words.setRelease(words.base(), words.getPlain(words.base()) + 1);
    words.getAcquire(words.base() + CHANGES);
  }

  /** Whether a publication has begun and not ended. Writer only. */
  boolean hasBegun() {
    return isPublishing(words.getPlain(words.base()));
  }

  /**
   * Behind the last access to a ring; also when there is no writer any more. Harmless where none is
   * at it.
   */
  void end() {
    long at = words.getPlain(words.base());
    words.setRelease(words.base(), at + (at & 1));
  }

  /**
   * Whether somebody has asked since this was asked last: behind {@link #end}, for those who found
   * the writer at it and left the rest to it. Who asks runs the barrier behind its count and then
   * looks: either the end is seen there, or the count here. Writer only.
   */
  boolean hasChanged() {
    long changes = words.getAcquire(words.base() + CHANGES);
    if (changes == known) {
      return false;
    }
    known = changes;
    return true;
  }

  /**
   * Whether the writer knows of changes before this call, so that what it pushed without them is
   * all there and nothing is added. False when it is publishing just now.
   */
  boolean isAwareOfChanges() {
    return !isPublishing(changed());
  }

  /**
   * As {@link #isAwareOfChanges}, waiting for a publication that is under way.
   *
   * @return false when it was under way for all that time
   */
  boolean awaitAware(long timeoutNs) {
    long at = changed();
    long startNs = System.nanoTime();
    for (int looks = 0; isUnderWay(at); looks++) {
      if (looks < LOOKS) {
        Thread.onSpinWait();
      } else if (System.nanoTime() - startNs < timeoutNs) {
        LockSupport.parkNanos(this, LOOK_NS);
      } else {
        return false;
      }
    }
    return true;
  }

  /** What the writer is at behind a change: it knows of it in all that it begins later. */
  long changed() {
    words.getAndAdd(words.base() + CHANGES, 1);
    Barrier.heavy();
    return words.getAcquire(words.base());
  }

  /** What the writer is at, for {@link #isUnderWay}. */
  long at() {
    return words.getAcquire(words.base());
  }

  /** Whether that is a publication, and not complete yet. */
  boolean isUnderWay(long at) {
    return isPublishing(at) && words.getAcquire(words.base()) == at;
  }

  /** Whether the writer is seen to be at it. */
  boolean isPublishing() {
    return isPublishing(words.getAcquire(words.base()));
  }

  private static boolean isPublishing(long at) {
    return (at & 1) != 0;
  }
}
