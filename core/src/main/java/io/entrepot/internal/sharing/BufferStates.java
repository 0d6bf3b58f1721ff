package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;

/**
 * The state word of each buffer, and its transitions.
 *
 * <pre>
 *   63            19 18          3 2    0
 *  +----------------+-------------+------+
 *  |   generation   |    holds    | kind |
 *  +----------------+-------------+------+
 *
 *   FREE --free2owned--> OWNED --owned2published--> PUBLISHED &lt;-holdMapped- RETIRED
 *    ^  ^                  |                            |
 *    |  +--owned2free------+--------unhold to 0---------+
 *    |                                 |
 *    +--cleaning2free-- CLEANING &lt;-- RETIRED
 * </pre>
 *
 * <p><b>Holds</b> count whoever keeps the buffer from being reused by right: its owner, a queue, a
 * reference, a lease. <b>Mappings</b> do not count here: they are seen in the mapping slots of
 * lanes.
 *
 * <p><b>Invariants.</b> The state word alone says who may take a buffer: only FREE is taken, by one
 * CAS, which is the linearization point of acquiring; lists of free buffers elsewhere are hints. A
 * buffer has at least one hold while OWNED or PUBLISHED and none otherwise. The generation grows
 * with each acquire, so that a handle to an earlier use is always told.
 *
 * <p><b>Order.</b> Every transition out of OWNED and PUBLISHED is a release; {@link #free2owned}
 * and the look at RETIRED are acquires: what was done to a buffer happens-before what its next
 * owner does.
 */
final class BufferStates {
  static final int FREE = 0;
  static final int OWNED = 1;
  static final int PUBLISHED = 2;
  static final int RETIRED = 3;
  static final int CLEANING = 4;

  private static final int HOLD_SHIFT = 3;
  private static final long ONE_HOLD = 1L << HOLD_SHIFT;
  private static final long HOLDS_MAX = 0xFFFF;
  private static final int GENERATION_SHIFT = 19;
  private static final long KIND_MASK = 7;

  private static final String[] NAMES = {"FREE", "OWNED", "PUBLISHED", "RETIRED", "CLEANING"};

  private final Words words;
  private final PoolDescriptor layout;

  BufferStates(Words words, PoolDescriptor layout) {
    this.words = words;
    this.layout = layout;
  }

  static int kind(long state) {
    return (int) (state & KIND_MASK);
  }

  static long holds(long state) {
    return state >>> HOLD_SHIFT & HOLDS_MAX;
  }

  static long generation(long state) {
    return state >>> GENERATION_SHIFT;
  }

  static boolean isLive(long state) {
    int kind = kind(state);
    return kind == OWNED || kind == PUBLISHED;
  }

  static String describe(long state) {
    return NAMES[kind(state)] + " holds=" + holds(state) + " generation=" + generation(state);
  }

  private static long pack(int kind, long holds, long generation) {
    return generation << GENERATION_SHIFT | holds << HOLD_SHIFT | kind;
  }

  private long offset(int buffer) {
    return layout.buffer(buffer) + PoolDescriptor.STATE;
  }

  long acquire(int buffer) {
    return words.getAcquire(offset(buffer));
  }

  long volatileState(int buffer) {
    return words.getVolatile(offset(buffer));
  }

  /** Takes a free buffer; its new state, or 0 when it is not free. */
  long free2owned(int buffer) {
    long offset = offset(buffer);
    long state = words.getOpaque(offset);
    if (kind(state) != FREE) {
      return 0;
    }
    long owned = pack(OWNED, 1, generation(state) + 1);
    return words.compareAndSet(offset, state, owned) ? owned : 0;
  }

  /**
   * Frees a buffer straight away, if {@code owned} is still its state: its owner's is the only
   * hold, so nobody else can change the word. Only for an owner that let no reference out.
   */
  boolean owned2free(int buffer, long owned) {
    long offset = offset(buffer);
    if (words.getOpaque(offset) != owned) {
      return false;
    }
    words.setRelease(offset, pack(FREE, 0, generation(owned)));
    return true;
  }

  /**
   * Passes one hold on to {@code holders} holders in queues, making the buffer PUBLISHED. The
   * caller has that hold; a buffer that is PUBLISHED already is published further.
   */
  void live2published(int buffer, long generation, int holders) {
    long offset = offset(buffer);
    while (true) {
      long state = words.getAcquire(offset);
      if (!isLive(state) || generation(state) != generation) {
        throw new IllegalStateException(
            "buffer " + buffer + " cannot be published: " + describe(state));
      }
      long next = pack(PUBLISHED, holds(state) + holders - 1, generation);
      if (words.compareAndSet(offset, state, next)) {
        return;
      }
    }
  }

  /** As {@link #live2published}, by a store where the owner's is the only hold. */
  void owned2published(int buffer, long owned, int holders) {
    long offset = offset(buffer);
    if (words.getOpaque(offset) == owned) {
      words.setRelease(offset, pack(PUBLISHED, holders, generation(owned)));
    } else {
      live2published(buffer, generation(owned), holders);
    }
  }

  /**
   * Adds a hold to a buffer that the caller has mapped: a RETIRED one is not reclaimed while the
   * mapping's slot names it, and comes back to PUBLISHED.
   */
  boolean holdMapped(int buffer, long generation) {
    long offset = offset(buffer);
    while (true) {
      long state = words.getAcquire(offset);
      if (generation(state) != generation) {
        return false;
      }
      if (isLive(state)) {
        return hold(buffer, generation);
      }
      if (kind(state) != RETIRED) {
        return false;
      }
      if (words.compareAndSet(offset, state, pack(PUBLISHED, 1, generation))) {
        return true;
      }
    }
  }

  /** Adds a hold to a live buffer of that generation. */
  boolean hold(int buffer, long generation) {
    long offset = offset(buffer);
    while (true) {
      long state = words.getAcquire(offset);
      if (!isLive(state) || generation(state) != generation) {
        return false;
      }
      if (holds(state) == HOLDS_MAX) {
        throw new IllegalStateException(
            "buffer " + buffer + " has " + HOLDS_MAX + " holds, the most there can be");
      }
      if (words.compareAndSet(offset, state, state + ONE_HOLD)) {
        return true;
      }
    }
  }

  /** Drops a hold that the caller has; true when it was the last, which retires the buffer. */
  boolean unhold(int buffer, long generation) {
    long offset = offset(buffer);
    while (true) {
      long state = words.getAcquire(offset);
      if (!isLive(state) || generation(state) != generation) {
        throw new IllegalStateException(
            "buffer "
                + buffer
                + " generation "
                + generation
                + " has no hold to drop: "
                + describe(state));
      }
      boolean last = holds(state) == 1;
      long next = last ? pack(RETIRED, 0, generation) : state - ONE_HOLD;
      if (words.compareAndSet(offset, state, next)) {
        return last;
      }
    }
  }

  /** Makes the calling thread the one that cleans a retired buffer. */
  boolean retired2cleaning(int buffer, long retired) {
    return words.compareAndSet(offset(buffer), retired, pack(CLEANING, 0, generation(retired)));
  }

  /** Frees a retired buffer that needs no cleaning. */
  boolean retired2free(int buffer, long retired) {
    return words.compareAndSet(offset(buffer), retired, pack(FREE, 0, generation(retired)));
  }

  void cleaning2free(int buffer) {
    long offset = offset(buffer);
    words.setRelease(offset, pack(FREE, 0, generation(words.getPlain(offset))));
  }
}
