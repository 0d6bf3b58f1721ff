package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.WaitList;
import io.entrepot.sharing.Access;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.lang.invoke.VarHandle;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The uses of one attachment that do not run on its arena, each with a hold on its buffer. */
final class BufferUses implements Iterable<BufferUse> {
  private final PoolAttachment attachment;
  private final PoolCore pool;
  private final Set<BufferUse> uses = ConcurrentHashMap.newKeySet();

  BufferUses(PoolAttachment attachment) {
    this.attachment = attachment;
    this.pool = attachment.pool();
  }

  /**
   * Begins a use of a buffer under a reference: takes a hold on it, behind the fence that the
   * caller may have given, and lists the use.
   *
   * @return false when the time was over, and the caller said one; then there is no hold
   * @throws io.entrepot.sharing.StaleBufferException when the reference was closed, by now
   */
  boolean begin(BufferUse use, HeldBuffer held, Access access, Patience patience) {
    long limitNs = patience.awaitFence();
    if (limitNs < 0) {
      return false;
    }
    held.checkOpenIn(pool).holdAgain();
    return begin(use, access, patience, limitNs);
  }

  /**
   * Lists a use, on whose buffer the caller has a hold; gives the hold back and throws when
   * revoked. Waits while somebody writes to the buffer in place (listed first, looked at then, as a
   * mapping slot is) and for the fences that its access has to wait for. A use that writes needs a
   * buffer that is not published.
   *
   * @return false when the time was over, and the caller said one; the hold is given back
   */
  boolean begin(BufferUse use, Access access, Patience patience, long limitNs) {
    boolean admitted = false;
    try {
      admitted = admit(use, access, patience, limitNs);
      if (!admitted) {
        pool.requireWhole(use.bufferIndex(), use.generation());
        patience.end(pool, use.bufferIndex());
      }
    } finally {
      if (!admitted) {
        unlist(use);
        dropHold(use);
      }
    }
    return admitted;
  }

  private boolean admit(BufferUse use, Access access, Patience patience, long limitNs) {
    int buffer = use.bufferIndex();
    boolean write = access == Access.WRITE;
    long startNs = System.nanoTime();
    while (true) {
      list(use);
      VarHandle.fullFence();
      attachment.checkAttached();
      if (write && !pool.isOwned(buffer)) {
        throw new IllegalStateException(use + " cannot write: the buffer is published");
      }
      long leftNs = limitNs - (System.nanoTime() - startNs);
      if (!pool.inPlace().hasOther(buffer, -1)) {
        Usage awaited = patience.awaited(write);
        return !pool.lostWrites().isMarked(buffer)
            && pool.reservations().await(pool.layout().buffer(buffer), awaited, leftNs)
            && pool.peers().awaitQuiet(buffer, awaited, WaitList.left(startNs, limitNs))
            && (pool.imported() == null
                || pool.imported().awaitQuiet(buffer, awaited, WaitList.left(startNs, limitNs)));
      }
      unlist(use);
      pool.freed().signal();
      if (!pool.freed().await(() -> !pool.inPlace().hasOther(buffer, -1), leftNs)) {
        return false;
      }
    }
  }

  /**
   * Makes others wait for a fence, and reuse too, from now on. The caller has a hold on the buffer,
   * so that what it says is of the right one.
   *
   * @throws IllegalArgumentException when the fence cannot enter the reservation; nothing was done
   * @throws IllegalStateException when there is no room for it
   */
  void protect(BufferUse use, Fence until, Access access) {
    Usage usage = access == Access.WRITE ? Usage.WRITE : Usage.READ;
    pool.mappedReservation(use.bufferIndex(), () -> true).importFence(until, usage);
  }

  /** Ends a listed use and drops its hold; true for the one caller that ends it. */
  boolean end(BufferUse use) {
    boolean ended = unlist(use);
    if (ended) {
      dropHold(use);
    }
    return ended;
  }

  private void list(BufferUse use) {
    if (uses.add(use) && pool.grant() != null) {
      pool.inPlace().countUse(use.bufferIndex(), 1);
    }
  }

  private boolean unlist(BufferUse use) {
    boolean listed = uses.remove(use);
    if (listed && pool.grant() != null) {
      pool.inPlace().countUse(use.bufferIndex(), -1);
    }
    return listed;
  }

  private void dropHold(BufferUse use) {
    try {
      pool.unhold(use.bufferIndex(), use.generation());
      pool.freed().signal();
    } finally {
      attachment.useEnded();
    }
  }

  /** Ends the windows of threads that have ended; how many. */
  int reapWindows() {
    int reaped = 0;
    for (BufferUse use : uses) {
      if (use instanceof BracketedWindow window && window.isOrphaned()) {
        window.abandon();
        reaped++;
      }
    }
    return reaped;
  }

  /** Whether a use is listed: it has begun, and has not ended. */
  boolean has(BufferUse use) {
    return uses.contains(use);
  }

  boolean isEmpty() {
    return uses.isEmpty();
  }

  boolean isUsing(int buffer) {
    for (BufferUse use : uses) {
      if (use.bufferIndex() == buffer) {
        return true;
      }
    }
    return false;
  }

  Stream<BufferUse> stream() {
    return uses.stream();
  }

  @Override
  public Iterator<BufferUse> iterator() {
    return uses.iterator();
  }
}
