package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Barrier;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One buffer of a pool whose memory is replaced, where the second memory is handed out and the
 * buffer lies in the first: what models of {@link PoolMemories} run on, which is called as it is.
 * Where {@code BufferOwner}, which needs a thread of its own, and {@code Replacements} touch words
 * their lines are repeated.
 */
public final class MovingWords {
  private static final int BARRIER_LINGERS = 5;
  private static final long NEWEST = 2;

  private final PoolWords pool;
  private final PoolMemories memories;
  private final OwnedBuffer owner;
  private final Runnable barrier;
  private final Fault fault;

  /** What a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** A sweep takes what is owned to stay where it lies. */
    OWNED_STAYS,
    /** A sweep takes what is kept to stay where it lies. */
    KEPT_STAYS,
    /** Where a buffer lies is looked at before memory is handed out elsewhere. */
    PLACE_FIRST
  }

  /**
   * A buffer in memory 0 while memory 1 is handed out.
   *
   * @param kept whether a port keeps it; else it is free
   */
  public MovingWords(Fault fault, boolean kept) {
    // The checker's world is sequentially consistent.
    this(fault, kept, PoolWords.onHeap(1, 1), () -> {});
  }

  /** As the other, in a pool of one free buffer, as it runs. */
  public MovingWords(Fault fault, boolean kept, PoolWords pool) {
    this(fault, kept, pool, Barrier::heavy);
  }

  private MovingWords(Fault fault, boolean kept, PoolWords pool, Runnable barrier) {
    this.fault = fault;
    this.pool = pool;
    this.memories = pool.memories();
    this.barrier = barrier;
    this.owner = kept ? pool.keeper(0, 0) : pool.owner(0);
    memories.add(1, new MemorySegment[1]);
    memories.handOut(1);
  }

  /**
   * Acquires the buffer, as {@code BufferOwner.tryTake} does, publishes it and lets go of it; false
   * when the memory that it was in is gone meanwhile.
   */
  public boolean use() {
    if (!owner.takeKept() && !owner.takeFree(0)) {
      return true;
    }
    boolean isThere = isThere(memories.settle(0));
    owner.publish(1);
    isThere &= isThere(memories.places().of(0));
    pool.unhold(0, owner.generation());
    pool.reclaim();
    return isThere;
  }

  /** As {@link #use}, giving the buffer back unpublished. */
  public boolean useAndGive() {
    if (!owner.takeKept() && !owner.takeFree(0)) {
      return true;
    }
    boolean isThere = isThere(memories.settle(0)) && isThere(memories.places().of(0));
    owner.give();
    return isThere;
  }

  /** Acquires the buffer; whether it was there, and lies in memory that is handed out. */
  public boolean isHandedOut() {
    return pool.own(0) != 0 && memories.settle(0) != Places.NOWHERE;
  }

  /** Wrong: the acquirer looks where buffers are handed out before it has one. */
  public boolean isHandedOutLookingFirst() {
    boolean isHandedOut = memories.handedOut() != PoolMemories.NONE;
    lingerForBarrier();
    return pool.own(0) != 0 && isHandedOut;
  }

  /** {@code Replacements.expose} of the newest memory; whether the buffer is free behind that. */
  public boolean withhold() {
    memories.handOut(PoolMemories.NONE);
    barrier.run();
    return BufferStates.kind(pool.states().acquire(0)) == BufferStates.FREE;
  }

  /** As {@link PoolWords#linger}, for so long that the other has done with a barrier in between. */
  private void lingerForBarrier() {
    for (int i = 0; i < BARRIER_LINGERS; i++) {
      pool.linger();
    }
  }

  private boolean isThere(long place) {
    return memories.has(Places.memory(place));
  }

  /** The memory is replaced once more, and what nothing lies in is let go of. */
  public void replace() {
    long early = memories.places().of(0);
    lingerForBarrier();
    memories.add(NEWEST, new MemorySegment[1]);
    memories.handOut(NEWEST);
    barrier.run();
    Set<Long> used = sweep(early);
    for (long old = 0; old < NEWEST; old++) {
      if (!used.contains(old)) {
        memories.remove(old);
      }
    }
  }

  /** {@code Replacements} has what is kept recalled, and looks again. */
  public void recall() {
    pool.recall();
  }

  private Set<Long> sweep(long early) {
    BufferStates states = pool.states();
    if (fault == Fault.NONE) {
      return memories.sweep(states, 1);
    }
    long memory = memories.handedOut();
    long state = states.acquire(0);
    long place = fault == Fault.PLACE_FIRST ? early : memories.places().of(0);
    Set<Long> used = new HashSet<>(List.of(memory, Places.memory(place)));
    boolean owned = BufferStates.kind(state) == BufferStates.OWNED;
    boolean kept = BufferStates.isKept(state);
    if ((owned && fault != Fault.OWNED_STAYS) || (kept && fault != Fault.KEPT_STAYS)) {
      used.addAll(Set.of(0L, 1L));
    }
    return used;
  }

  /** Whether the buffer lies in a memory that is there. */
  public boolean isThere() {
    return isThere(memories.places().of(0));
  }
}
