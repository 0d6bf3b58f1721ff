package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.WaitList;
import io.entrepot.sync.Usage;
import java.lang.invoke.VarHandle;

/**
 * The slow part of a map, when somebody may want the port's attention or fences may be pending. All
 * of it belongs to the port's thread.
 */
final class Admission {
  private final LanePort port;
  private final PoolAttachment attachment;
  private final PoolCore pool;
  private final int lane;
  private final long tenancy;

  Admission(LanePort port, long tenancy) {
    this.port = port;
    this.attachment = port.attachment();
    this.pool = attachment.pool();
    this.lane = port.lane();
    this.tenancy = tenancy;
  }

  /**
   * Whether this port's attachment is revoked, closed or being closed. An alert that is none of
   * these is of a close that was refused, and is taken down here: by this thread alone, which looks
   * at the attachment again behind that, so that it never acts on an alert of a revocation less.
   */
  boolean isShut() {
    if (!pool.lanes().isAlerted(lane, tenancy)) {
      return false;
    }
    if (attachment.isAttached()) {
      pool.lanes().calm(lane, tenancy);
      if (attachment.isAttached()) {
        return false;
      }
      port.alert();
    }
    return true;
  }

  /**
   * Looks behind the store of a slot, with a full fence between, whether the attachment still
   * stands; waits until nobody else writes to the buffer in place, and for its fences.
   *
   * @param awaited the fences that a query for this usage sees are waited for
   * @return false when the time was over, or the buffer is half overwritten; the slot is stored all
   *     the same, to be released
   */
  boolean attend(MappingSlot slot, int buffer, boolean write, Usage awaited, long timeoutNs) {
    VarHandle.fullFence();
    // The clock costs more than all of the rest: it is read only when there is something to wait
    // for.
    if (!isShut()
        && !pool.inPlace().hasOther(buffer, lane)
        && pool.reservations().isUnused(pool.layout().buffer(buffer))
        && pool.peers().isQuiet(buffer, awaited)
        && !pool.lostWrites().isMarked(buffer)) {
      return true;
    }
    long startNs = System.nanoTime();
    while (true) {
      if (isShut()) {
        port.empty(slot);
        attachment.checkAttached();
        // A close that was refused by now.
        port.store(slot, buffer, write);
        VarHandle.fullFence();
        continue;
      }
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      if (!pool.inPlace().hasOther(buffer, lane)) {
        return !pool.lostWrites().isMarked(buffer)
            && pool.reservations().await(pool.layout().buffer(buffer), awaited, leftNs)
            && pool.peers().awaitQuiet(buffer, awaited, WaitList.left(startNs, timeoutNs));
      }
      // A writer is at work in place. Readers defer: take the slot back, wait, store it again.
      port.empty(slot);
      boolean gone =
          pool.freed().await(() -> !pool.inPlace().hasOther(buffer, lane), leftNs)
              || (pool.reap() > 0 && !pool.inPlace().hasOther(buffer, lane));
      port.store(slot, buffer, write);
      VarHandle.fullFence();
      if (!gone) {
        return false;
      }
    }
  }
}
