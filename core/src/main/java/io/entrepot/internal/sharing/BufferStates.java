package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;

/**
 * The state word of each buffer, and its transitions.
 *
 * <pre>
 *   63            20 19          3 2    0
 *  +----------------+-------------+------+
 *  |   generation   |    holds    | kind |     holds of a CANDIDATE: number of the pass
 *  +----------------+-------------+------+
 *
 *   FREE --free2owned--> OWNED --owned2published--> PUBLISHED &lt;--holdMapped--+
 *    ^  ^                  |                            |                    |
 *    |  +--owned2free------+--------unhold to 0---------+--> RETIRED --------+
 *    |                                                          |            |
 *    +-- (CLEANING) &lt;-- candidate2free -- CANDIDATE &lt;--retired2candidate     |
 *                                             +------------------------------+
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
 * <p><b>CANDIDATE.</b> Who reclaims first marks a retired buffer with the number of its pass, then
 * looks at mappings and fences, then frees it by a CAS from that very word. Whatever happens to the
 * buffer meanwhile (a hold through a mapping, a second retirement, another pass) changes the word,
 * so a look that is out of date frees nothing.
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
  static final int CANDIDATE = 5;

  private static final int HOLD_SHIFT = 3;
  private static final long ONE_HOLD = 1L << HOLD_SHIFT;
  private static final long HOLDS_MAX = (1L << 17) - 1;
  private static final int GENERATION_SHIFT = 20;
  private static final long KIND_MASK = 7;

  private static final String[] NAMES = {
    "FREE", "OWNED", "PUBLISHED", "RETIRED", "CLEANING", "CANDIDATE"
  };

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

  static boolean isRetired(long state) {
    int kind = kind(state);
    return kind == RETIRED || kind == CANDIDATE;
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

  /** As {@link #free2owned(int)}, for a caller that knows the word of the free buffer. */
  long free2owned(int buffer, long free) {
    long owned = pack(OWNED, 1, generation(free) + 1);
    return words.compareAndSet(offset(buffer), free, owned) ? owned : 0;
  }

  /**
   * Frees a buffer by a store, for an owner that let nobody else have a hold or a fence on it: then
   * no other thread can change the word. The word of the free buffer.
   */
  long ownedAlone2free(int buffer, long owned) {
    long free = pack(FREE, 0, generation(owned));
    words.setRelease(offset(buffer), free);
    return free;
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
      long next = pack(PUBLISHED, checkHolds(buffer, holds(state) + holders - 1), generation);
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
      long next;
      if (isLive(state)) {
        checkHolds(buffer, holds(state) + 1);
        next = state + ONE_HOLD;
      } else if (isRetired(state)) {
        next = pack(PUBLISHED, 1, generation);
      } else {
        return false;
      }
      if (words.compareAndSet(offset, state, next)) {
        return true;
      }
    }
  }

  /**
   * Undoes {@link #live2published} of a buffer that nobody was told of yet: the holds of its queues
   * become the caller's one again.
   */
  void published2owned(int buffer, long generation, int holders) {
    long offset = offset(buffer);
    while (true) {
      long state = words.getAcquire(offset);
      long next = pack(OWNED, holds(state) - holders + 1, generation);
      if (words.compareAndSet(offset, state, next)) {
        return;
      }
    }
  }

  private static long checkHolds(int buffer, long holds) {
    if (holds > HOLDS_MAX) {
      throw new IllegalStateException(
          "buffer " + buffer + " has " + HOLDS_MAX + " holds, the most there can be");
    }
    return holds;
  }

  /** Adds a hold to a live buffer of that generation. */
  boolean hold(int buffer, long generation) {
    long offset = offset(buffer);
    while (true) {
      long state = words.getAcquire(offset);
      if (!isLive(state) || generation(state) != generation) {
        return false;
      }
      checkHolds(buffer, holds(state) + 1);
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

  /**
   * Marks a retired buffer as looked at by a pass, taking it over from a pass that looked before.
   *
   * @return the word to free it from, or 0 when it is not retired
   */
  long retired2candidate(int buffer, long pass) {
    long offset = offset(buffer);
    long state = words.getAcquire(offset);
    if (!isRetired(state)) {
      return 0;
    }
    long candidate = pack(CANDIDATE, pass & HOLDS_MAX, generation(state));
    return words.compareAndSet(offset, state, candidate) ? candidate : 0;
  }

  /** Makes the calling thread the one that cleans a candidate of its own pass. */
  boolean candidate2cleaning(int buffer, long candidate) {
    return words.compareAndSet(offset(buffer), candidate, pack(CLEANING, 0, generation(candidate)));
  }

  /** Frees a candidate of the calling thread's own pass. */
  boolean candidate2free(int buffer, long candidate) {
    return words.compareAndSet(offset(buffer), candidate, pack(FREE, 0, generation(candidate)));
  }

  /** Gives up cleaning: the buffer waits for another try. */
  void cleaning2retired(int buffer) {
    long offset = offset(buffer);
    words.setRelease(offset, pack(RETIRED, 0, generation(words.getPlain(offset))));
  }

  void cleaning2free(int buffer) {
    long offset = offset(buffer);
    words.setRelease(offset, pack(FREE, 0, generation(words.getPlain(offset))));
  }
}
