package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.flow.LookedAtRing;
import io.entrepot.internal.flow.LookedAtRing.Fault;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * Look against unmap: {@code RingLooks} and {@code Publishing}, as they are, called in the order of
 * {@code RingWriter}, {@code RingBroadcast} and {@code LeftRings}.
 *
 * <p><b>Must not be.</b> A thread touches the memory of a ring that was left behind its unmapping;
 * or that memory stays, though nobody is at it any more.
 *
 * <p><b>Order.</b> That a look of the writer's which finds the ring is seen rests on {@code
 * Barrier}, which does nothing here, where all is in one order anyway; the stress tests of {@code
 * RingLooks} watch over it. A look of others is counted by an atomic step.
 */
class LeftRingTest {
  /** Fewer than elsewhere, where all is as it should be: there are three threads. */
  private static final int INTERLEAVINGS = 60;

  private static final String UNMAPPED = "what is touched is unmapped";
  private static final String STAYS = "what nobody looks at stays mapped";

  private static void leaveAgainst(LookedAtRing ring, BooleanSupplier look, Runnable meanwhile) {
    inParallel(
        () -> {
          require(look.getAsBoolean(), UNMAPPED);
          // What begins later does not find it.
          require(look.getAsBoolean(), UNMAPPED);
        },
        ring::leave,
        meanwhile);
    require(ring.release(), STAYS);
  }

  private static void leaveAgainstWriter(Fault fault) {
    LookedAtRing ring = new LookedAtRing(fault);
    leaveAgainst(
        ring,
        () -> ring.writerLooks() && ring.writerPublishes(),
        () -> require(ring.otherLooks(), UNMAPPED));
  }

  private static void leaveAgainstOthers(Fault fault) {
    LookedAtRing ring = new LookedAtRing(fault);
    leaveAgainst(ring, ring::otherLooks, () -> require(ring.otherLooks(), UNMAPPED));
  }

  private static void leaveAgainstLookWithin(Fault fault) {
    LookedAtRing ring = new LookedAtRing(fault);
    leaveAgainst(ring, ring::writerLooksWithin, () -> {});
  }

  @Test
  void whatAWriterIsAtStaysMapped() {
    holds(INTERLEAVINGS, () -> leaveAgainstWriter(Fault.NONE));
  }

  @Test
  void whatOthersAreAtStaysMapped() {
    holds(INTERLEAVINGS, () -> leaveAgainstOthers(Fault.NONE));
  }

  @Test
  void aLookWithinALookIsPartOfIt() {
    holds(INTERLEAVINGS, () -> leaveAgainstLookWithin(Fault.NONE));
  }

  @Test
  void foundBeforeSayingPlantedBugIsFound() {
    findsBug(UNMAPPED, () -> leaveAgainstWriter(Fault.FOUND_BEFORE_SAYING));
  }

  @Test
  void othersFoundBeforeSayingPlantedBugIsFound() {
    findsBug(UNMAPPED, () -> leaveAgainstOthers(Fault.FOUND_BEFORE_SAYING));
  }

  @Test
  void askedBeforeOutPlantedBugIsFound() {
    findsBug(UNMAPPED, () -> leaveAgainstWriter(Fault.ASKED_BEFORE_OUT));
  }

  @Test
  void endedWithinPlantedBugIsFound() {
    findsBug(UNMAPPED, () -> leaveAgainstLookWithin(Fault.ENDED_WITHIN));
  }
}
