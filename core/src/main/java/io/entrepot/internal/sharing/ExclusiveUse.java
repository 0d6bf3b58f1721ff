package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.OtherUses;
import io.entrepot.internal.memory.WaitList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Whether a reference, with the uses of one attachment, is all that keeps a buffer from going back
 * to its pool.
 */
final class ExclusiveUse implements BooleanSupplier {
  private final HeldBuffer held;
  private final PoolCore pool;
  private final PoolAttachment own;
  private final OtherUses others;
  private final List<BufferUse> ownUses = new ArrayList<>();

  /**
   * Of an open reference.
   *
   * @param own whose uses do not matter; {@code null} for nobody's
   * @throws io.entrepot.sharing.StaleBufferException when the reference is closed
   * @throws UnsupportedOperationException where another process exports the buffer
   */
  ExclusiveUse(HeldBuffer held, PoolAttachment own) {
    this.held = held;
    this.pool = held.pool();
    this.own = own;
    this.others =
        new OtherUses(
            pool.words(),
            pool.states(),
            pool.lanes(),
            pool.reservations(),
            pool.layout(),
            pool.peers());
    held.checkOpenIn(pool);
    if (pool.imported() != null) {
      throw new UnsupportedOperationException(
          "who uses " + held + " is known to the process that exports it alone: ask there");
    }
  }

  /** Asks now. */
  @Override
  public boolean getAsBoolean() {
    if (looksExclusive()) {
      return true;
    }
    // Queues let go of what their readers have passed when somebody looks.
    pool.free().reclaim();
    return looksExclusive();
  }

  /**
   * Own uses have a hold from before they are listed until after they are not: those that are
   * listed before and behind the look had it all the time.
   */
  private boolean looksExclusive() {
    ownUses.clear();
    if (own != null) {
      own.uses().forEach(this::noteOwn);
    }
    boolean isOver = others.areOver(held.index(), 1 + ownUses.size(), this::isOwnLane);
    for (int i = 0; isOver && i < ownUses.size(); i++) {
      isOver = own.uses().has(ownUses.get(i));
    }
    // Closed meanwhile, its hold may have been another's.
    held.checkOpenIn(pool);
    return isOver;
  }

  private void noteOwn(BufferUse use) {
    if (use.bufferIndex() == held.index()) {
      ownUses.add(use);
    }
  }

  private boolean isOwnLane(int lane) {
    LanePort port = pool.ports().at(lane);
    return own != null && port != null && port.attachment() == own;
  }

  /** Waits until it is so; false when the time was over or the thread interrupted. */
  boolean await(long timeoutNs) {
    WaitList freed = pool.freed();
    return freed.await(this, timeoutNs) || (timeoutNs > 0 && pool.reap() > 0 && getAsBoolean());
  }
}
