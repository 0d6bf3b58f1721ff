package io.entrepot.internal.buffers;

import io.entrepot.internal.sync.ReservationSlots;

/** The fences of all buffers of a pool that say nothing any more. */
record OldFences(ReservationSlots reservations, PoolDescriptor layout) {

  /** Takes those of one timeline's record out of the slots. Any thread, at any time. */
  void forget(int timeline) {
    for (int buffer = 0; buffer < layout.buffers(); buffer++) {
      reservations.forget(layout.buffer(buffer), timeline);
    }
  }
}
