package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PeerWords;
import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.internal.buffers.PoolMemories;
import io.entrepot.internal.memory.Barrier;
import java.util.List;
import java.util.function.Supplier;

/**
 * The process that was given a pool's memory for writing, as the pool reckons with it: from before
 * it is given the memory until it has let go of all, or is known to have ended.
 *
 * <p>Steps are made under the pool's lock, which a close holds too.
 */
public final class FarWriter {
  private final PoolCore pool;
  private final PeerWords uses;

  /** The memory in which buffers are handed out again; none while they are. */
  private long handedOut = PoolMemories.NONE;

  /**
   * The process whose words say what it uses.
   *
   * @param uses believed from {@link #begin} on
   */
  public FarWriter(PoolCore pool, PeerWords uses) {
    this.pool = pool;
    this.uses = uses;
  }

  /** Reckons with its writing from now on; before it is given the memory. */
  public void begin() {
    synchronized (pool) {
      pool.peers().add(uses);
      // Before the barrier of what follows: who lets go behind it sees who listens.
      pool.freed().rings(uses.doorbell(pool.words(), pool.layout()));
      pool.inPlace().beginElsewhere(uses);
    }
  }

  /**
   * Hands nothing of the memory out until {@link #end}: the process may write to all of it, and
   * nobody can tell when. There is no other memory to be handed out instead, as {@link
   * Replacements} has for readers; the word is the same. What was acquired before is published, or
   * given back, as it is.
   *
   * @param counted buffers that are counted as in quarantine already
   */
  public void withhold(int counted) {
    synchronized (pool) {
      // What it says need not make sense: it is no reason to call the kernel for each unmap.
      pool.freed().rings(null);
      handedOut = pool.memories().handedOut();
      pool.memories().handOut(PoolMemories.NONE);
      // An acquire that begins behind this finds the word; see PoolMemories.
      Barrier.heavy();
      pool.numbers().count(PoolCounter.QUARANTINED, pool.buffers() - counted);
      pool.freed().signal();
    }
  }

  /**
   * It writes no more: what it used comes back, and all is handed out again. What it was in the
   * midst of writing is shown to nobody.
   */
  public void end() {
    synchronized (pool) {
      boolean isLost = pool.lostWrites().mark(uses);
      pool.peers().remove(uses);
      pool.freed().rings(null);
      if (handedOut != PoolMemories.NONE) {
        pool.memories().handOut(handedOut);
      }
      pool.inPlace().endElsewhere(isLost);
    }
  }

  /**
   * Tries to close a pool as if a process that was cut off used nothing of it: what is in
   * quarantine and never handed out again keeps nobody from closing. Under the pool's lock.
   *
   * @param close what keeps the pool open; nothing when it is closed
   */
  static List<String> leftOut(PoolCore pool, Supplier<List<String>> close) {
    PeerWords cutOff = pool.memories().isWithheld() ? pool.peers().writer() : null;
    if (cutOff == null) {
      return close.get();
    }
    pool.peers().leaveOut(cutOff);
    boolean closed = false;
    try {
      List<String> holders = close.get();
      closed = holders.isEmpty();
      return holders;
    } finally {
      if (!closed) {
        pool.peers().count(cutOff);
      }
    }
  }
}
