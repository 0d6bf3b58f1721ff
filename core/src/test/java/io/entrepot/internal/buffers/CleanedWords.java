package io.entrepot.internal.buffers;

import io.entrepot.sync.Timeline;

/**
 * One buffer that is cleaned when its last use ends, with two lanes that have it mapped and nobody
 * else: what models of {@link CleaningOnRelease} run on, which is called as it is.
 */
public final class CleanedWords {
  private static final long SECRET = 1;

  private final PoolWords pool;
  private final CleaningOnRelease cleaning;
  private final Fault fault;
  private Timeline fences;
  private int passes;
  private int times;

  /** What a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** Who lets go looks for what is left before it has let go. */
    LOOKS_FIRST,
    /** A buffer is free before it is cleaned. */
    FREE_FIRST,
    /** Who finds that a fence was signaled since his pass makes no other pass. */
    ONE_PASS,
    /** Who lets go looks once, and does not watch the fences that keep a buffer. */
    NO_WATCH
  }

  /** A buffer that is mapped twice and has been retired. */
  public CleanedWords(Fault fault) {
    this.fault = fault;
    this.pool =
        fault == Fault.FREE_FIRST ? PoolWords.onHeap(1, 2) : PoolWords.cleaned(1, 2, this::clean);
    this.cleaning = pool.cleaningOnRelease(this::pass);
    long owned = pool.own(0);
    pool.bytes(0, SECRET);
    pool.publish(0, owned, 1);
    pool.storeSlot(0, 0);
    pool.storeSlot(1, 0);
    pool.unhold(0, PoolWords.generation(owned));
  }

  private void clean(int buffer) {
    times++;
    pool.bytes(buffer, 0);
  }

  private void pass() {
    passes++;
    if (fault == Fault.ONE_PASS && passes > 1) {
      return;
    }
    if (pool.reclaim() > 0 && fault == Fault.FREE_FIRST) {
      clean(0);
    }
  }

  /** In place of the first mapping, a fence of that user keeps it. */
  public CleanedWords keptByFence() {
    fences = pool.keepByFence(0);
    pool.clearSlot(0);
    return this;
  }

  /** The fence is signaled. */
  public void signal() {
    fences.signal(1);
  }

  /** A lane unmaps the buffer: {@code LanePort.unmap}, with the signal that follows it. */
  public void unmap(int lane) {
    if (fault == Fault.LOOKS_FIRST) {
      cleaning.run();
      pool.clearSlot(lane);
      return;
    }
    pool.clearSlot(lane);
    if (fault == Fault.NO_WATCH) {
      pass();
      return;
    }
    cleaning.run();
  }

  /**
   * Owns the buffer if it is free, and writes to it; false when its bytes are not what he knows.
   */
  public boolean use() {
    if (pool.own(0) == 0) {
      return true;
    }
    boolean cleaned = pool.bytes(0) == 0;
    pool.bytes(0, 2);
    return cleaned && pool.bytes(0) == 2;
  }

  /** How often it was cleaned. */
  public int times() {
    return times;
  }

  /** Whether it has been cleaned and is free. */
  public boolean isFree() {
    return pool.bytes(0) == 0 && pool.own(0) != 0;
  }
}
