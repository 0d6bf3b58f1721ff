package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.BufferStates;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Usage;
import java.lang.invoke.VarHandle;

/**
 * Maps buffers under references, in slots of one port.
 *
 * <p>Another thread might close the reference meanwhile: the slot is stored with a full fence and
 * the reference looked at again behind it. If it still stands, its hold is dropped after our slot
 * became visible, and so is any reclaim. Waiting for a writer in place takes the slot back for a
 * while, so the reference is looked at once more after that.
 */
final class ReferenceMapper {
  private final LanePort port;
  private final Admission admission;
  private final PoolAttachment attachment;
  private final PoolCore pool;

  ReferenceMapper(LanePort port, Admission admission) {
    this.port = port;
    this.admission = admission;
    this.attachment = port.attachment();
    this.pool = attachment.pool();
  }

  /** See {@link io.entrepot.sharing.Port#map(SharedBuffer)}. */
  View map(SharedBuffer buffer, Patience patience) {
    HeldBuffer held = open(buffer, Access.READ);
    long leftNs = patience.awaitFence();
    MappedView view = leftNs < 0 ? null : new MappedView(port.claimSlot());
    return answer(held, patience, map(held, view, false, false, patience, leftNs));
  }

  /** As {@link #map}, for writing. */
  WritableView mapForWriting(SharedBuffer buffer, Patience patience) {
    HeldBuffer held = open(buffer, Access.WRITE);
    long leftNs = patience.awaitFence();
    WritableMappedView view = leftNs < 0 ? null : new WritableMappedView(port.claimSlot());
    return answer(held, patience, map(held, view, true, true, patience, leftNs));
  }

  private HeldBuffer open(SharedBuffer buffer, Access access) {
    port.checkUsable();
    attachment.require(MappingType.VIEW, access);
    return ((HeldBuffer) buffer).checkOpenIn(pool);
  }

  private <V> V answer(HeldBuffer held, Patience patience, V view) {
    if (view == null) {
      pool.requireWhole(held.index(), held.generation());
      patience.end(pool, held.index());
    }
    return view;
  }

  /**
   * The view, mapped; {@code null} when the time is over, or there is none.
   *
   * @param asOwner whether the buffer is to be its owner's still, as for writing not in place
   */
  private <V extends MappedView> V map(
      HeldBuffer held, V view, boolean write, boolean asOwner, Patience patience, long limitNs) {
    if (view == null) {
      return null;
    }
    MappingSlot slot = view.slot();
    boolean done = false;
    try {
      port.store(slot, held.index(), write);
      VarHandle.fullFence();
      checkCurrent(held, asOwner);
      long leftNs = awaitExporter(slot, held, patience.awaited(write), limitNs);
      if (leftNs < 0
          || !admission.attend(slot, held.index(), write, patience.awaited(write), leftNs)) {
        return null;
      }
      checkCurrent(held, asOwner);
      port.show(slot, view, write);
      done = true;
      return view;
    } finally {
      if (!done) {
        port.release(slot);
      }
    }
  }

  /**
   * Of a buffer that another process exports each use has a hold, which that process sees; then
   * what it writes in place and its fences are waited for. Dropped with the slot, also in vain.
   *
   * @return the time that is left, 0 or more; -1 when all of it is over
   */
  private long awaitExporter(MappingSlot slot, HeldBuffer held, Usage awaited, long limitNs) {
    if (pool.imported() == null) {
      return limitNs;
    }
    held.holdAgain();
    port.holds(slot, held.index());
    long startNs = System.nanoTime();
    return pool.imported().awaitQuiet(held.index(), awaited, limitNs)
        ? WaitList.left(startNs, limitNs)
        : -1;
  }

  /**
   * Throws unless the reference stands, and, where asked, its buffer is still its owner's to write.
   */
  private void checkCurrent(HeldBuffer held, boolean asOwner) {
    long state = pool.states().volatileState(held.index());
    if (held.isDropped()
        || !BufferStates.isLive(state)
        || BufferStates.generation(state) != held.generation()) {
      throw held.stale();
    }
    if (asOwner && BufferStates.kind(state) != BufferStates.OWNED) {
      throw new IllegalStateException(held + " is published; write in place to it with mapInPlace");
    }
  }

  // ---------------------------------------------------------------- in place

  /** See {@link io.entrepot.sharing.Port#mapInPlace}. */
  WritableView mapInPlace(SharedBuffer buffer, Patience patience) {
    HeldBuffer held = open(buffer, Access.WRITE);
    long limitNs = patience.awaitFence();
    pool.requireWhole(held.index(), held.generation());
    WritableView view = limitNs < 0 ? null : mapInPlace(held, patience, limitNs);
    if (view == null) {
      attachment.checkAttachedOrClosed();
      // A writer whose thread has ended tells nobody. What was whole may not be any more.
      pool.reap();
      pool.requireWhole(held.index(), held.generation());
    }
    return view;
  }

  private WritableView mapInPlace(HeldBuffer held, Patience patience, long limitNs) {
    WritableMappedView view = new WritableMappedView(port.claimSlot());
    MappingSlot slot = view.slot();
    int index = held.index();
    long startNs = System.nanoTime();
    // A hold of our own: the writer word must never name a buffer that was reused meanwhile.
    boolean isHeld = false;
    try {
      held.holdAgain();
      isHeld = true;
    } finally {
      if (!isHeld) {
        port.release(slot);
      }
    }
    boolean isAlone = false;
    boolean done = false;
    try {
      isAlone = pool.inPlace().begin(index, port.lane(), limitNs, attachment::isEnded);
      done =
          isAlone
              && !isWrittenByExporter(index)
              && pool.freed()
                  .await(() -> isUnusedByExporter(index), WaitList.left(startNs, limitNs))
              && map(held, view, true, false, patience, WaitList.left(startNs, limitNs)) == view;
    } finally {
      if (!done) {
        if (isAlone) {
          pool.inPlace().end(index);
        }
        pool.unhold(index, held.generation());
        port.release(slot);
      }
    }
    if (!done) {
      return null;
    }
    slot.beginInPlace(index, held.generation());
    if (attachment.isEnded()) {
      // Who closes its views looks for what they write in place behind that: one of us sees.
      view.close();
      return null;
    }
    return view;
  }

  /**
   * Whether the process that exports the buffer writes to it in place; behind a hold and a writer
   * word of our own. That process looks for the hold behind its writer word: at least one steps
   * back.
   */
  private boolean isWrittenByExporter(int buffer) {
    VarHandle.fullFence();
    return pool.imported() != null && pool.imported().isWritten(buffer);
  }

  /** Whether no mapping and no use of the process that exports the buffer is in the way. */
  private boolean isUnusedByExporter(int buffer) {
    return pool.imported() == null || pool.imported().isUnused(buffer);
  }

  /** Ends a mapping in place, if it is one, whose slot is empty. */
  void endInPlace(MappingSlot slot) {
    int buffer = slot.takeInPlace();
    if (buffer >= 0) {
      pool.inPlace().end(buffer);
      pool.unhold(buffer, slot.inPlaceGeneration());
    }
  }

  /**
   * As {@link #endInPlace}, of a mapping whose view can touch nothing any more, and was not closed
   * by its thread: the frame may be half overwritten.
   */
  void loseInPlace(MappingSlot slot) {
    int buffer = slot.takeInPlace();
    if (buffer >= 0) {
      pool.inPlace().endLost(buffer, pool.lostWrites().mark(buffer, slot.inPlaceGeneration()));
      pool.unhold(buffer, slot.inPlaceGeneration());
    }
  }
}
