package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.sync.TimelineWords;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Reserve and add against the sweep of a reclaimer: {@code ReservationSlots.reserve}, {@code add},
 * {@code cancel} and {@code sweep}, as they are.
 *
 * <p><b>Must not be.</b> A pending fence is swept away or missed, two threads get one slot, or the
 * touched word says that there is nothing while there is something.
 *
 * <p><b>Order.</b> A slot changes before the touched word is looked at, and the touched word is
 * marked before the slots are swept; all of that is volatile, so one side sees the other. A fence
 * is added by a release store and read with acquire. A slot changes hands by CAS alone; only the
 * one who claimed it stores.
 */
class ReservationTest {
  private static final String LOST = "a pending fence is lost";

  @Test
  void aPendingFenceIsNotSwept() {
    holds(() -> addAgainst(TimelineWords::sweep));
  }

  @Test
  void sweepByStorePlantedBugIsFound() {
    findsBug(LOST, () -> addAgainst(TimelineWords::sweepByStore));
  }

  /** All slots have signaled fences: the slot of one of them is taken while they are swept. */
  private static void addAgainst(Consumer<TimelineWords> sweep) {
    TimelineWords buffer = full();
    inParallel(() -> buffer.reserveAndAdd(2), () -> sweep.accept(buffer));
    require(!buffer.sweep(), LOST);
    require(buffer.slotsInUse() == 1 && !buffer.isUnused(), LOST);
  }

  /** Slots of signaled fences are to be had, whoever sweeps them meanwhile. */
  @Test
  void aSweptSlotIsToBeHad() {
    holds(() -> {
      TimelineWords buffer = full();
      inParallel(buffer::reserve, buffer::sweep);
    });
  }

  @Test
  void twoReservationsAreTwoSlots() {
    holds(() -> {
      TimelineWords buffer = TimelineWords.onHeap();
      int[] slots = new int[2];
      inParallel(() -> slots[0] = buffer.reserve(), () -> slots[1] = buffer.reserve());
      require(slots[0] != slots[1], "one slot for two");
      inParallel(() -> buffer.cancel(slots[0]), () -> buffer.cancel(slots[1]));
      require(
          buffer.sweep() && buffer.isUnused() && buffer.slotsInUse() == 0,
          "a claim is left behind");
    });
  }

  /** A timeline with point 1 signaled and in all slots, and point 2 pending. */
  private static TimelineWords full() {
    TimelineWords buffer = TimelineWords.onHeap();
    buffer.issue();
    buffer.fill();
    return buffer;
  }
}
