package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.BufferStates;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Usage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A reference: one hold on one generation of a buffer, dropped or passed on once. */
public final class HeldBuffer implements SharedBuffer {
  private final PoolCore pool;
  private final int index;
  private final long generation;
  private final AtomicBoolean dropped = new AtomicBoolean();

  HeldBuffer(PoolCore pool, int index, long generation) {
    this.pool = pool;
    this.index = index;
    this.generation = generation;
  }

  /** A reference whose hold the caller has taken already. */
  public static HeldBuffer adopting(PoolCore pool, int index, long generation) {
    return new HeldBuffer(pool, index, generation);
  }

  /** The pool of the buffer. */
  public PoolCore pool() {
    return pool;
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public long generation() {
    return generation;
  }

  @Override
  public long byteSize() {
    return pool.byteSize(index);
  }

  @Override
  public Reservation reservation() {
    return pool.mappedReservation(index, this::isCurrent);
  }

  /** Others may keep the buffer as it was when this reference is closed, and count on its end. */
  private boolean isCurrent() {
    return !dropped.get() && pool.states().isLive(index, generation);
  }

  @Override
  public Fence exportFence(Access access) {
    checkOpenIn(pool);
    return reservation().exportFence(Usage.awaitedBy(access == Access.WRITE), toString());
  }

  @Override
  public void importFence(Fence fence, Access access) {
    checkOpenIn(pool);
    reservation().importFence(fence, access == Access.WRITE ? Usage.WRITE : Usage.READ);
  }

  @Override
  public boolean isExclusive() {
    return new ExclusiveUse(this, null).getAsBoolean();
  }

  @Override
  public boolean awaitExclusive(long timeout, TimeUnit unit) {
    return new ExclusiveUse(this, null).await(unit.toNanos(timeout));
  }

  @Override
  public SharedBuffer share() {
    holdAgain();
    return new HeldBuffer(pool, index, generation);
  }

  /**
   * Takes another hold beside this reference's, for the caller to drop.
   *
   * @throws StaleBufferException when this reference is closed, or was meanwhile: a hold that did
   *     not come from it would be one that nobody expects
   */
  public void holdAgain() {
    if (dropped.get() || !pool.hold(index, generation)) {
      throw stale();
    }
    if (dropped.get()) {
      pool.unhold(index, generation);
      throw stale();
    }
  }

  boolean isDropped() {
    return dropped.get();
  }

  /** Throws unless this is an open reference to a buffer of the pool. */
  public HeldBuffer checkOpenIn(PoolCore asked) {
    if (pool != asked) {
      throw new IllegalArgumentException(
          this + " is not of pool '" + asked.name() + "', which was asked");
    }
    if (dropped.get()) {
      throw stale();
    }
    return this;
  }

  /** Passes this reference's hold on to the caller; false when it was dropped before. */
  public boolean take() {
    return dropped.compareAndSet(false, true);
  }

  /** Takes back what {@link #take()} passed on. */
  public void untake() {
    dropped.set(false);
  }

  @Override
  public void close() {
    if (take()) {
      pool.unhold(index, generation);
    }
  }

  /** What to throw when this reference was closed before it was used. */
  public StaleBufferException stale() {
    return new StaleBufferException(
        "the reference to buffer "
            + index
            + " generation "
            + generation
            + " of pool '"
            + pool.name()
            + "' is closed; the buffer is now "
            + BufferStates.describe(pool.states().acquire(index)));
  }

  @Override
  public String toString() {
    return "buffer " + index + " generation " + generation + " of pool '" + pool.name() + "'";
  }
}
