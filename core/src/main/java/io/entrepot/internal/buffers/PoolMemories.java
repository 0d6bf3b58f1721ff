package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The memories that buffers of a pool lie in: one, unless it was replaced.
 *
 * <p><b>Moving.</b> A word of the header says in which memory buffers are handed out. Who acquires
 * a buffer owns it alone, looks at that word and, where the buffer lies elsewhere, moves it: a
 * store of its {@linkplain Places place}. So no view that is open changes under its user, and
 * nothing is looked at for a buffer that is not acquired.
 *
 * <pre>
 *   acquirer                             who replaces
 *   state: FREE to OWNED (CAS)           handed out: another memory, or none
 *   look at handed out                   heavy barrier
 *   place = that memory                  look at states (acquire), then at places
 *   state: published, free (release)
 * </pre>
 *
 * <p>An acquire that begins behind the barrier finds the new word. One that has looked before is
 * seen by its state: what is OWNED, and lies elsewhere than where buffers are handed out, may be
 * about to move into any memory that was handed out before; when the state has gone on, its place
 * is seen with it.
 */
public final class PoolMemories {
  /** Memories that have buffers in them at a time, the newest with them. */
  public static final int MOST_MAPPED = 8;

  /** Instead of a number: buffers are handed out in no memory. */
  public static final long NONE = -1;

  private final String name;
  private final Words words;
  private final long handedOut;
  private final Map<Long, MemorySegment[]> all = new ConcurrentHashMap<>();

  /** By whose words it is known where buffers lie; set before anybody uses the pool. */
  private Places places;

  /** How long a memory is waited for that is on its way from another process. */
  private long patienceNs;

  /** Why no other memory will come; {@code null} as long as one may. */
  private String over;

  /** The highest number that there was. */
  private long newest;

  private volatile Runnable onWant = () -> {};
  private volatile Runnable onUseEnd = () -> {};

  /**
   * Memories of a pool.
   *
   * @param name of the pool
   * @param number of the first memory
   * @param first the segments of its buffers
   */
  public PoolMemories(
      String name, Words words, PoolDescriptor layout, long number, MemorySegment[] first) {
    this.name = name;
    this.words = words;
    this.handedOut = layout.header(PoolDescriptor.HANDED_OUT);
    this.places = new Places(words, layout);
    this.newest = number;
    all.put(number, first);
  }

  /** Has places told by the words of another process, which sends the memories. */
  public void placedBy(Places theirs, long waitNs) {
    places = theirs;
    patienceNs = waitNs;
  }

  /** Where each buffer lies. */
  public Places places() {
    return places;
  }

  // ---------------------------------------------------------------- where memory is

  /**
   * The bytes at a place whose buffer the caller protects. In an importing process they may be on
   * their way: then they are waited for.
   *
   * @throws IllegalStateException when they do not come
   */
  public MemorySegment at(long place) {
    MemorySegment[] memory = all.get(Places.memory(place));
    return (memory != null ? memory : await(place))[Places.buffer(place)];
  }

  /** The bytes of a buffer that the caller protects, where it lies; see {@link #at}. */
  public MemorySegment of(int buffer) {
    return at(places.of(buffer));
  }

  private synchronized MemorySegment[] await(long place) {
    long number = Places.memory(place);
    long startNs = System.nanoTime();
    MemorySegment[] memory;
    while ((memory = all.get(number)) == null) {
      long leftNs = patienceNs - (System.nanoTime() - startNs);
      String inVain = whyInVain(number, leftNs);
      if (inVain != null) {
        throw new IllegalStateException(
            "buffer "
                + Places.buffer(place)
                + " of pool '"
                + name
                + "' lies in memory "
                + number
                + ", which this process does not have, only "
                + all.keySet()
                + ": "
                + inVain);
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, leftNs);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(
            "interrupted while memory " + number + " of pool '" + name + "' was on its way", e);
      }
    }
    return memory;
  }

  /** Why a memory is not waited for any more; {@code null} while it may come. */
  private String whyInVain(long number, long leftNs) {
    if (over != null) {
      return over;
    }
    // No more of them can be on their way.
    if (number - newest > MOST_MAPPED) {
      return "the newest that came is " + newest;
    }
    return leftNs > 0 ? null : "it did not come within " + patienceNs / 1_000_000 + " ms";
  }

  /** Adds a memory with segments of all buffers. */
  public synchronized void add(long number, MemorySegment[] buffers) {
    newest = Math.max(newest, number);
    all.put(number, buffers);
    notifyAll();
  }

  /** Takes out a memory in which no buffer lies. */
  public void remove(long number) {
    all.remove(number);
  }

  /** What is done when a use has ended, which may have kept a memory mapped that is gone. */
  public void onUseEnd(Runnable action) {
    onUseEnd = action;
  }

  public void useEnded() {
    onUseEnd.run();
  }

  /** Says why no other memory will come. */
  public synchronized void over(String why) {
    over = why;
    notifyAll();
  }

  /** Whether there is a memory of that number. */
  public boolean has(long number) {
    return all.containsKey(number);
  }

  // ---------------------------------------------------------------- where buffers are handed out

  /** Number of the memory in which buffers are handed out, or {@link #NONE}. */
  public long handedOut() {
    return words.getOpaque(handedOut);
  }

  /** Hands buffers out in a memory from now on, or in none. */
  public void handOut(long number) {
    words.setVolatile(handedOut, number);
  }

  /** Whether buffers are handed out nowhere: what nobody uses is withheld. */
  public boolean isWithheld() {
    return handedOut() == NONE;
  }

  /** Whether buffers are handed out; asks for memory to do so where they are not. */
  boolean isHandingOut() {
    if (handedOut() != NONE) {
      return true;
    }
    onWant.run();
    return handedOut() != NONE;
  }

  /** What is done when a buffer is wanted while none is handed out. */
  public void onWant(Runnable action) {
    onWant = action;
  }

  /** Whether a buffer lies elsewhere than where buffers are handed out. */
  public boolean isElsewhere(long place) {
    return Places.memory(place) != words.getOpaque(handedOut);
  }

  /**
   * Has a buffer, which the caller has just acquired, lie where buffers are handed out.
   *
   * @return its place, or {@link Places#NOWHERE}: it must be given back
   */
  public long settle(int buffer) {
    long memory = words.getOpaque(handedOut);
    long place = places.of(buffer);
    if (Places.memory(place) == memory) {
      return place;
    }
    if (memory == NONE) {
      return Places.NOWHERE;
    }
    places.put(buffer, memory);
    return Places.place(memory, buffer);
  }

  /** Whether a port keeps a buffer that lies elsewhere than where buffers are handed out. */
  public boolean isKeptElsewhere(BufferStates states, int buffers) {
    for (int buffer = 0; buffer < buffers; buffer++) {
      if (BufferStates.isKept(states.acquire(buffer)) && isElsewhere(places.of(buffer))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Moves what is free, and looks where the rest lies. Not while the pool is being closed, whose
   * buffers this takes for a moment.
   *
   * @return the memories in which buffers lie or may come to lie
   */
  public Set<Long> sweep(BufferStates states, int buffers) {
    long memory = handedOut();
    Set<Long> used = new HashSet<>();
    boolean isMoving = false;
    for (int buffer = 0; buffer < buffers; buffer++) {
      long state = states.acquire(buffer);
      long place = places.of(buffer);
      if (Places.memory(place) == memory) {
        continue;
      }
      int kind = BufferStates.kind(state);
      long owned = memory != NONE && kind == BufferStates.FREE ? states.free2owned(buffer) : 0;
      if (owned != 0) {
        places.put(buffer, memory);
        states.owned2free(buffer, owned);
      } else if (kind == BufferStates.OWNED || BufferStates.isKept(state)) {
        isMoving = true;
      } else {
        used.add(Places.memory(place));
      }
    }
    used.add(memory);
    return isMoving ? Set.copyOf(all.keySet()) : used;
  }
}
