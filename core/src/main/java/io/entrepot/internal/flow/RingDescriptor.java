package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Words;

/**
 * Layout of the words of a {@link ReaderRing}, which lie in three places, see {@link RingPlaces}.
 *
 * <pre>
 *  producer's words   +0    head     entries pushed
 *                     +8    refused  frames that found no room
 *                     +128  floor    entries below it are dropped
 *                     +136  over     0, or why no more frames come: 1 ended, 2 failed
 *                     +144  closed   not 0: nobody reads any more; 2: and its port knows
 *                     +152  wake     changes when sleepers are woken, see {@link RingSleepers}
 *  entries            +256  64 bytes each, a cache line:
 *                     +0    stamp    position + 1, once the entry is complete
 *                     +8    handle   63           20 19      0
 *                                    generation     | buffer
 *                     +16   sequence
 *                     +24   time stamp
 *                     +32   valid range: offset, length
 *                     +48   number of the layout, for another process
 *  behind them              why the writer has failed, see {@link FailureText}
 *  reader's words     +0    cursor   entries taken
 *                     +8    dropped  entries that were gone when the reader came
 *                     +16   left     not 0: reads no more, see {@link Departure}
 *                     +64   sleepers threads that sleep, where the producer is another process
 *  keeper's words     +0    retired  entries whose hold was given back
 *                     +8    seen     the furthest cursor that was seen
 * </pre>
 */
final class RingDescriptor {
  static final long HEAD = 0;
  static final long REFUSED = HEAD + Words.WORD_BYTES;
  static final long FLOOR = Words.PAD_BYTES;
  static final long OVER = FLOOR + Words.WORD_BYTES;
  static final long CLOSED = OVER + Words.WORD_BYTES;
  static final long WAKE = CLOSED + Words.WORD_BYTES;
  static final long ENTRIES = 2L * Words.PAD_BYTES;

  static final long ENTRY_BYTES = Words.PAD_BYTES / 2;
  static final long HANDLE = Words.WORD_BYTES;
  static final long SEQUENCE = HANDLE + Words.WORD_BYTES;
  static final long TIMESTAMP = SEQUENCE + Words.WORD_BYTES;
  static final long VALID_OFFSET = TIMESTAMP + Words.WORD_BYTES;
  static final long VALID_LENGTH = VALID_OFFSET + Words.WORD_BYTES;
  static final long LAYOUT = VALID_LENGTH + Words.WORD_BYTES;

  static final long CURSOR = 0;
  static final long DROPPED = CURSOR + Words.WORD_BYTES;
  static final long LEFT = DROPPED + Words.WORD_BYTES;

  /** Far from the cursor, since the producer looks at it with each frame. */
  static final long SLEEPERS = Words.PAD_BYTES / 2;

  static final long RETIRED = 0;
  static final long SEEN = RETIRED + Words.WORD_BYTES;

  /** {@link #OVER}: more frames may come. {@link #CLOSED}: they are read. */
  static final long OPEN = 0;

  static final long ENDED = 1;
  static final long FAILED = 2;

  /** {@link #CLOSED}: since just now. */
  static final long CLOSED_NOW = 1;

  /** {@link #CLOSED}: and the port of a whole ring knows of it, or is seen by its slot. */
  static final long SETTLED = 2;

  private static final int BUFFER_BITS = 20;
  private static final long BUFFER_MASK = (1L << BUFFER_BITS) - 1;

  private RingDescriptor() {}

  /**
   * Entries of a ring, a power of two: twice as many as its depth at least, so that passed entries
   * that nobody has retired yet take no room from unread ones.
   */
  static long capacity(int depth) {
    return Math.max(2, Long.highestOneBit(2L * depth - 1) << 1);
  }

  /** Place in the producer's words of what a failed writer says. */
  static long failure(int depth) {
    return ENTRIES + capacity(depth) * ENTRY_BYTES;
  }

  static long handle(int buffer, long generation) {
    return generation << BUFFER_BITS | buffer;
  }

  static int buffer(long handle) {
    return (int) (handle & BUFFER_MASK);
  }

  static long generation(long handle) {
    return handle >>> BUFFER_BITS;
  }
}
