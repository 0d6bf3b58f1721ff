package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Words;

/**
 * How this process ends the reading of a ring whose producer is another process, and gives the
 * reader's words back: one word of them, which is 0 as long as the ring is read.
 *
 * <pre>
 *  leave      0 to LEAVING, once; then the other process is told
 *  it knows   LEAVING to LEFT, at once or later
 *  release    LEFT to RELEASED, once: the words are given back
 * </pre>
 *
 * <p>Each step is a CAS, which is its linearization point. {@link ReaderRing#isClosed} looks at the
 * same word: from the first step on nothing is taken here.
 */
final class Departure {
  private static final long LEAVING = 1;
  private static final long LEFT = 2;
  private static final long RELEASED = 3;

  private final FarFeed.FarRing ring;
  private final Words reader;
  private final long left;

  /** None yet. */
  Departure(FarFeed.FarRing ring) {
    this.ring = ring;
    this.reader = ring.reader();
    this.left = ring.readerPlace() + RingDescriptor.LEFT;
  }

  /**
   * Ends the reading.
   *
   * @throws RuntimeException when the producer does not say in time that it knows: the reader's
   *     words are kept until it does
   */
  void leave() {
    if (reader.compareAndSet(left, 0, LEAVING)) {
      ring.leave().accept(this::hasBeenLeft);
      hasBeenLeft();
    }
  }

  private void hasBeenLeft() {
    reader.compareAndSet(left, LEAVING, LEFT);
  }

  /** Whether the reading has ended and the producer knows it. */
  boolean isKnown() {
    return reader.getVolatile(left) == LEFT;
  }

  /** Gives the reader's words back, when no port will look at them any more; once. */
  void release() {
    if (reader.compareAndSet(left, LEFT, RELEASED)) {
      ring.release().run();
    }
  }
}
