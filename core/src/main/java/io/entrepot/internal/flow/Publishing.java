package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.Words;

/**
 * Whether a writer is between its look at who there is to deliver to and its last push: for whoever
 * closes a ring, and must know that nobody will push to it any more before it is forgotten.
 *
 * <pre>
 *  +0    publishing  not 0: a writer is at it
 *  +8    departures  how often somebody asked
 * </pre>
 *
 * <p>The writer stores <em>publishing</em> and then looks at the rings, and whether they are
 * closed; who closes one does so and then looks at <em>publishing</em>. The writer publishes often
 * and rings are closed rarely, so the latter pays for both with a {@link Barrier}. The writer's
 * look at <em>departures</em> is there for the order alone: behind its own store it stays because
 * both are words, and the look at the rings stays behind it because it acquires.
 */
final class Publishing {
  private static final long DEPARTURES = Words.WORD_BYTES;

  private final Words words = Words.offHeap(Words.PAD_BYTES);

  /** Before the look at the rings. Writer only. */
  void begin() {
    words.setRelease(words.base(), 1);
    words.getAcquire(words.base() + DEPARTURES);
  }

  /** Behind the last push; also when there is no writer any more. */
  void end() {
    words.setRelease(words.base(), 0);
  }

  /**
   * Whether the writer knows which rings were closed before this call, so that what it pushed to
   * them is all there and nothing is added. False when it is publishing just now.
   */
  boolean isAwareOfDepartures() {
    words.getAndAdd(words.base() + DEPARTURES, 1);
    Barrier.heavy();
    return !isPublishing();
  }

  /** Whether the writer is seen to be at it. */
  boolean isPublishing() {
    return words.getAcquire(words.base()) != 0;
  }
}
