package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;

/**
 * The state word of each buffer, and its transitions.
 *
 * <pre>
 *   63            20 19          3 2    0
 *  +----------------+-------------+------+     holds of a CANDIDATE: number of the pass;
 *  |   generation   |    holds    | kind |     of a KEPT or RECALLED one: lane and slot of its
 *  +----------------+-------------+------+     keeper
 *
 *   FREE --free2owned--> OWNED -----published-----> PUBLISHED &lt;--holdMapped--+
 *    ^  ^                 | |                           |                    |
 *    |  +-----given-------+ +-------unhold to 0---------+--> RETIRED --------+
 *    |                    |                                     |            |
 *    |                    | kept                                |            |
 *    |                    v                                     |            |
 *    +-- RECALLED &lt;----- KEPT   (see {@link OwnedBuffer})       |            |
 *    |                                                          |            |
 *    +-- (CLEANING) &lt;-- candidate2free -- CANDIDATE &lt;--retired2candidate     |
 *                                             +------------------------------+
 *   short cuts of a pass: PUBLISHED --unhold2candidate--> CANDIDATE --candidate2owned--> OWNED
 * </pre>
 *
 * <p>A step named {@code a2b} is a method here; one with a word's name is a store of that word by
 * an owner who is alone, see {@link OwnedBuffer}. A buffer under references is published by {@link
 * #live2published}.
 *
 * <p><b>Holds</b> count whoever keeps the buffer from being reused by right: its owner, a queue, a
 * reference, a lease. <b>Mappings</b> do not count here: they are seen in the mapping slots of
 * lanes.
 *
 * <p><b>Invariants.</b> The state word says who may take a buffer: FREE, or a candidate that was
 * looked at, is taken by one CAS, which is the linearization point of acquiring; KEPT is taken by
 * its keeper alone, see {@link OwnedBuffer}. A buffer has at least one hold while OWNED or
 * PUBLISHED and none otherwise. The generation grows with each step to OWNED by that CAS, so that a
 * handle to an earlier use is always told; of a buffer that its owner keeps there is no handle.
 *
 * <p><b>CANDIDATE.</b> Who reclaims first marks a retired buffer with the number of its pass, then
 * looks at mappings and fences, then frees it by a CAS from that very word, or takes it for itself
 * (candidate2owned). Whatever happens to the buffer meanwhile (a hold through a mapping, a second
 * retirement, another pass) changes the word, so a look that is out of date frees nothing; where
 * numbers of passes have come round meanwhile, {@link Reclaimer} sees to that. A pass that drops
 * the last hold itself marks the buffer by the same step (unhold2candidate): it looks behind that
 * in any case.
 *
 * <p><b>Order.</b> Every transition out of OWNED and PUBLISHED is a release; {@link #free2owned}
 * and the look at RETIRED are acquires: what was done to a buffer happens-before what its next
 * owner does.
 */
public final class BufferStates {
  public static final int FREE = 0;
  public static final int OWNED = 1;
  public static final int PUBLISHED = 2;
  static final int RETIRED = 3;
  static final int CLEANING = 4;
  static final int CANDIDATE = 5;

  /** Free, and ready for the lane that gave it back. */
  public static final int KEPT = 6;

  /** As KEPT, while somebody looks whether its keeper uses it. */
  public static final int RECALLED = 7;

  private static final int HOLD_SHIFT = 3;
  private static final long ONE_HOLD = 1L << HOLD_SHIFT;
  private static final long HOLDS_MAX = (1L << 17) - 1;

  /** Passes whose marks differ. */
  static final long PASSES = HOLDS_MAX + 1;

  private static final int GENERATION_SHIFT = 20;
  private static final long KIND_MASK = 7;

  private static final String[] NAMES = {
    "FREE", "OWNED", "PUBLISHED", "RETIRED", "CLEANING", "CANDIDATE", "KEPT", "RECALLED"
  };

  private final Words words;
  private final PoolDescriptor layout;

  BufferStates(Words words, PoolDescriptor layout) {
    this.words = words;
    this.layout = layout;
  }

  public static int kind(long state) {
    return (int) (state & KIND_MASK);
  }

  static long holds(long state) {
    return state >>> HOLD_SHIFT & HOLDS_MAX;
  }

  public static long generation(long state) {
    return state >>> GENERATION_SHIFT;
  }

  public static boolean isLive(long state) {
    int kind = kind(state);
    return kind == OWNED || kind == PUBLISHED;
  }

  static boolean isRetired(long state) {
    int kind = kind(state);
    return kind == RETIRED || kind == CANDIDATE;
  }

  public static String describe(long state) {
    long holds = isLive(state) ? holds(state) : 0;
    return NAMES[kind(state)] + " holds=" + holds + " generation=" + generation(state);
  }

  // ---------------------------------------------------------------- words of an owner who is alone

  /** The word of an owned buffer once it is given back: to be taken, or to be cleaned first. */
  static long given(long owned, boolean cleaned) {
    return pack(cleaned ? RETIRED : FREE, 0, generation(owned));
  }

  /** The word of an owned buffer once its lane keeps it. */
  static long kept(long owned, int keeper) {
    return pack(KEPT, keeper, generation(owned));
  }

  /** The word of a kept buffer while it is recalled. */
  static long recalled(long kept) {
    return kept | RECALLED;
  }

  /** The word of a kept or recalled buffer in its keeper's use. */
  public static long owned(long kept) {
    return pack(OWNED, 1, generation(kept));
  }

  /** The word of an owned buffer with so many holders in queues. */
  static long published(long owned, int holders) {
    return pack(PUBLISHED, holders, generation(owned));
  }

  public static boolean isKept(long state) {
    return kind(state) >= KEPT;
  }

  private static long pack(int kind, long holds, long generation) {
    return generation << GENERATION_SHIFT | holds << HOLD_SHIFT | kind;
  }

  /** Place of a buffer's state word. */
  long place(int buffer) {
    return layout.buffer(buffer) + PoolDescriptor.STATE;
  }

  public long acquire(int buffer) {
    return words.getAcquire(place(buffer));
  }

  /** Whether that generation of a buffer is held by somebody. */
  public boolean isLive(int buffer, long generation) {
    long state = volatileState(buffer);
    return generation(state) == generation && isLive(state);
  }

  public long volatileState(int buffer) {
    return words.getVolatile(place(buffer));
  }

  /** Takes a free buffer; its new state, or 0 when it is not free. */
  public long free2owned(int buffer) {
    return free2ownedAt(place(buffer));
  }

  /** As {@link #free2owned}, of the buffer whose state word is at a place. */
  long free2ownedAt(long place) {
    long state = words.getOpaque(place);
    if (kind(state) != FREE) {
      return 0;
    }
    long owned = pack(OWNED, 1, generation(state) + 1);
    return words.compareAndSet(place, state, owned) ? owned : 0;
  }

  /** Takes a candidate of the calling thread's own pass; its new state, or 0. */
  public long candidate2owned(int buffer, long candidate) {
    return candidate2ownedAt(place(buffer), candidate);
  }

  /** As {@link #candidate2owned}, of the buffer whose state word is at a place. */
  long candidate2ownedAt(long place, long candidate) {
    long owned = pack(OWNED, 1, generation(candidate) + 1);
    return words.compareAndSet(place, candidate, owned) ? owned : 0;
  }

  /** Frees a buffer for an owner who is alone. */
  public void owned2free(int buffer, long owned) {
    words.setRelease(place(buffer), given(owned, false));
  }

  /**
   * Makes a buffer PUBLISHED on which the caller has a hold; false when it was already.
   *
   * @throws IllegalStateException when the caller has no hold on that generation
   */
  public boolean live2published(int buffer, long generation) {
    long place = place(buffer);
    while (true) {
      long state = words.getAcquire(place);
      if (!isLive(state) || generation(state) != generation) {
        throw new IllegalStateException(
            "buffer " + buffer + " cannot be published: " + describe(state));
      }
      if (kind(state) == PUBLISHED) {
        return false;
      }
      if (words.compareAndSet(place, state, pack(PUBLISHED, holds(state), generation))) {
        return true;
      }
    }
  }

  /** Passes a hold that the caller has on a PUBLISHED buffer on to holders in queues, 1 or more. */
  public void passOn(int buffer, int holders) {
    long place = place(buffer);
    while (true) {
      long state = words.getAcquire(place);
      checkHolds(buffer, holds(state) + holders - 1);
      long next = state + (holders - 1) * ONE_HOLD;
      if (next == state || words.compareAndSet(place, state, next)) {
        return;
      }
    }
  }

  /**
   * Adds a hold to a buffer that the caller has mapped: a RETIRED one is not reclaimed while the
   * mapping's slot names it, and comes back to PUBLISHED.
   */
  public boolean holdMapped(int buffer, long generation) {
    long place = place(buffer);
    while (true) {
      long state = words.getAcquire(place);
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
      if (words.compareAndSet(place, state, next)) {
        words.getAndAdd(layout.buffer(buffer) + PoolDescriptor.HELD, 1);
        return true;
      }
    }
  }

  /** How often a hold was taken so: each is counted before its mapping can end. */
  long heldThroughMappings(int buffer) {
    return words.getAcquire(layout.buffer(buffer) + PoolDescriptor.HELD);
  }

  /** Undoes {@link #live2published} of a buffer that is in no queue yet. */
  public void published2owned(int buffer, long generation) {
    long place = place(buffer);
    while (true) {
      long state = words.getAcquire(place);
      if (words.compareAndSet(place, state, pack(OWNED, holds(state), generation))) {
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

  /**
   * Adds a hold to a buffer that another process exports, for a use of a generation that a queue
   * holds there. The word here says what this process uses, and nobody else writes it:
   *
   * <pre>
   *   not live, or live of an earlier use --adopt--> PUBLISHED of this use, one hold more
   *   --disown, unhold--> one hold less; RETIRED with the last
   * </pre>
   *
   * An earlier use can be live for a moment only: of a thread that has read an entry which is gone,
   * and will find out. A later one tells that this entry is gone. OWNED there is what a pool that
   * closes has taken for itself.
   */
  public Adoption adopt(int buffer, long generation) {
    long place = place(buffer);
    while (true) {
      long state = words.getAcquire(place);
      if (kind(state) == OWNED) {
        return Adoption.CLOSING;
      }
      if (isLive(state) && generation(state) > generation) {
        return Adoption.OVERTAKEN;
      }
      long holds = isLive(state) ? holds(state) : 0;
      long next = pack(PUBLISHED, checkHolds(buffer, holds + 1), generation);
      if (words.compareAndSet(place, state, next)) {
        return Adoption.TAKEN;
      }
    }
  }

  /** What has come of a hold on another process's buffer. */
  public enum Adoption {
    TAKEN,
    /** A later use of the buffer is held here. */
    OVERTAKEN,
    /** The pool is being closed here, which may still be refused. */
    CLOSING
  }

  /**
   * Drops a hold of {@link #adopt}, whose use may have been overtaken by a later one; true when it
   * was the last.
   */
  public boolean disown(int buffer) {
    long place = place(buffer);
    while (true) {
      long state = words.getAcquire(place);
      long next = holds(state) == 1 ? pack(RETIRED, 0, generation(state)) : state - ONE_HOLD;
      if (words.compareAndSet(place, state, next)) {
        return holds(state) == 1;
      }
    }
  }

  /** Adds a hold to a live buffer of that generation. */
  public boolean hold(int buffer, long generation) {
    long place = place(buffer);
    while (true) {
      long state = words.getAcquire(place);
      if (!isLive(state) || generation(state) != generation) {
        return false;
      }
      checkHolds(buffer, holds(state) + 1);
      if (words.compareAndSet(place, state, state + ONE_HOLD)) {
        return true;
      }
    }
  }

  /** Drops a hold that the caller has; true when it was the last, which retires the buffer. */
  public boolean unhold(int buffer, long generation) {
    return unhold(buffer, generation, pack(RETIRED, 0, generation));
  }

  /**
   * As {@link #unhold(int, long)} by a pass that is yet to look at mappings and fences: the last
   * hold makes the buffer a CANDIDATE of that pass at once.
   */
  boolean unhold2candidate(int buffer, long generation, long pass) {
    return unhold(buffer, generation, candidate(pass, generation));
  }

  private boolean unhold(int buffer, long generation, long unheld) {
    long place = place(buffer);
    while (true) {
      long state = words.getAcquire(place);
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
      long next = last ? unheld : state - ONE_HOLD;
      if (words.compareAndSet(place, state, next)) {
        return last;
      }
    }
  }

  /**
   * Marks a retired buffer as looked at by a pass, taking it over from a pass that looked before.
   *
   * @return the word to free it from, or 0 when it is not retired
   */
  public long retired2candidate(int buffer, long pass) {
    long place = place(buffer);
    long state = words.getAcquire(place);
    if (!isRetired(state)) {
      return 0;
    }
    long candidate = candidate(pass, generation(state));
    return state == candidate || words.compareAndSet(place, state, candidate) ? candidate : 0;
  }

  /** The word of a buffer that a pass of that number looks at. */
  static long candidate(long pass, long generation) {
    return pack(CANDIDATE, pass & HOLDS_MAX, generation);
  }

  /** Makes the calling thread the one that cleans a candidate of its own pass. */
  public boolean candidate2cleaning(int buffer, long candidate) {
    return words.compareAndSet(place(buffer), candidate, pack(CLEANING, 0, generation(candidate)));
  }

  /** Frees a candidate of the calling thread's own pass. */
  boolean candidate2free(int buffer, long candidate) {
    return words.compareAndSet(place(buffer), candidate, pack(FREE, 0, generation(candidate)));
  }

  /** Gives up cleaning: the buffer waits for another try. */
  void cleaning2retired(int buffer) {
    long place = place(buffer);
    words.setRelease(place, pack(RETIRED, 0, generation(words.getPlain(place))));
  }

  void cleaning2free(int buffer) {
    long place = place(buffer);
    words.setRelease(place, pack(FREE, 0, generation(words.getPlain(place))));
  }

  /** Marks a kept buffer; its RECALLED word, also when somebody else has marked it, or 0. */
  public long kept2recalled(int buffer) {
    long place = place(buffer);
    while (true) {
      long state = words.getVolatile(place);
      if (kind(state) == RECALLED) {
        return state;
      }
      if (kind(state) != KEPT) {
        return 0;
      }
      if (words.compareAndSet(place, state, recalled(state))) {
        return recalled(state);
      }
    }
  }

  /** Ends a recall: the buffer is its keeper's for good, or free. */
  public boolean recalled2(int buffer, long recalled, boolean inUse) {
    long next = inUse ? owned(recalled) : given(recalled, false);
    return words.compareAndSet(place(buffer), recalled, next);
  }
}
