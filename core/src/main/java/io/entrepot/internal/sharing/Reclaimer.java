package io.entrepot.internal.sharing;

import io.entrepot.internal.sync.ReservationSlots;
import java.util.Arrays;

/**
 * Makes retired buffers free once nobody uses them: no mapping slot names them and no fence of any
 * usage is pending.
 *
 * <p>One pass collects the RETIRED buffers, then marks what the slots of all lanes name, then frees
 * the rest: lanes x slots for a whole batch, as with hazard pointers. Any number of threads may run
 * a pass at once; the CAS from RETIRED decides which of them frees a buffer, and is the
 * linearization point. The order <em>state, then slots</em> is what {@link Lanes} relies on.
 */
final class Reclaimer {
  private final BufferStates states;
  private final Lanes lanes;
  private final ReservationSlots reservations;
  private final PoolDescriptor layout;
  private final Cleaning cleaning;

  /** Fills a buffer with zeros, where the exporter wants that. */
  @FunctionalInterface
  interface Cleaning {
    void clean(int buffer);
  }

  /** A reclaimer; {@code cleaning} may be {@code null}. */
  Reclaimer(
      BufferStates states,
      Lanes lanes,
      ReservationSlots reservations,
      PoolDescriptor layout,
      Cleaning cleaning) {
    this.states = states;
    this.lanes = lanes;
    this.reservations = reservations;
    this.layout = layout;
    this.cleaning = cleaning;
  }

  /** One pass over all buffers; how many it made free. */
  int reclaim(Scratch scratch) {
    int candidates = 0;
    for (int buffer = 0; buffer < layout.buffers(); buffer++) {
      long state = states.acquire(buffer);
      if (BufferStates.kind(state) == BufferStates.RETIRED) {
        scratch.candidates[candidates] = buffer;
        scratch.states[candidates++] = state;
      }
    }
    if (candidates == 0) {
      return 0;
    }
    Arrays.fill(scratch.mapped, 0);
    lanes.mark(scratch.mapped);
    int freed = 0;
    for (int i = 0; i < candidates; i++) {
      int buffer = scratch.candidates[i];
      boolean mapped = (scratch.mapped[buffer >>> 6] & 1L << buffer) != 0;
      if (!mapped && reservations.sweep(layout.buffer(buffer)) && free(buffer, scratch.states[i])) {
        freed++;
      }
    }
    return freed;
  }

  private boolean free(int buffer, long retired) {
    if (cleaning == null) {
      return states.retired2free(buffer, retired);
    }
    if (!states.retired2cleaning(buffer, retired)) {
      return false;
    }
    cleaning.clean(buffer);
    states.cleaning2free(buffer);
    return true;
  }

  /** Room for one pass, so that passes do not allocate. */
  static final class Scratch {
    final int[] candidates;
    final long[] states;
    final long[] mapped;

    Scratch(int buffers) {
      candidates = new int[buffers];
      states = new long[buffers];
      mapped = new long[(buffers + 63) >>> 6];
    }
  }
}
