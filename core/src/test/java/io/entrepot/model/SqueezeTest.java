package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.sync.DomainWords;
import io.entrepot.internal.sync.DomainWords.Squeeze;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A reservation at capacity in which one fence covers another: {@code ReservationSlots.squeeze}, as
 * it is, which makes one of the two so that a third finds room.
 *
 * <p><b>Must not be.</b> A query misses the later of the two, or it is lost, or what took the slot
 * of the earlier meanwhile is lost.
 *
 * <p><b>Order.</b> What covers goes to the higher slot, by a CAS from what was there, before the
 * lower is cleared, by a CAS too: a query reads the lower first.
 */
class SqueezeTest {
  /** Each takes longer than those of other models: all slots are filled before. */
  private static final int INTERLEAVINGS = 100;

  private static final int LOW = 0;
  private static final int HIGH = Reservation.CAPACITY - 1;
  private static final String MISSED = "a pending fence is missed";
  private static final String LOST = "a pending fence is lost";

  private final DomainWords domain = DomainWords.onHeap(2, 1, 1);
  private final Reservation reservation = domain.reservation(0);
  private final Timeline full = domain.open("full");
  private final Timeline other = domain.open("other");

  /** Points 1 and 2 of a timeline are in two slots, and all others are claimed. */
  private SqueezeTest at(int slotOfFirst, int slotOfSecond) {
    for (int i = 0; i < Reservation.CAPACITY; i++) {
      reservation.reserve();
    }
    for (int i = 0; i < 3; i++) {
      full.issue();
    }
    other.issue();
    reservation.add(slotOfFirst, full, 1, Usage.READ);
    reservation.add(slotOfSecond, full, 2, Usage.READ);
    return this;
  }

  /** The latest point of a timeline that a query tells, or 0. */
  private long latest(Timeline timeline) {
    FenceSnapshot found = reservation.snapshot(Usage.READ);
    long latest = 0;
    for (int i = 0; i < found.size(); i++) {
      if (found.timelineName(i).equals(timeline.name())) {
        latest = Math.max(latest, found.point(i));
      }
    }
    return latest;
  }

  private void addOther() {
    reservation.add(other, 1, Usage.READ);
  }

  @Test
  void theLaterFenceIsSeenWhereverItWas() {
    holds(
        INTERLEAVINGS,
        () -> squeezeAgainstSnapshot(new SqueezeTest().at(LOW, HIGH), SqueezeTest::addOther));
    holds(
        INTERLEAVINGS,
        () -> squeezeAgainstSnapshot(new SqueezeTest().at(HIGH, LOW), SqueezeTest::addOther));
  }

  @Test
  void lowerFirstPlantedBugIsFound() {
    findsBug(
        MISSED,
        () ->
            squeezeAgainstSnapshot(
                new SqueezeTest().at(HIGH, LOW), model -> model.squeeze(Squeeze.LOWER_FIRST)));
  }

  private static void squeezeAgainstSnapshot(SqueezeTest model, Consumer<SqueezeTest> add) {
    long[] seen = new long[1];
    inParallel(() -> add.accept(model), () -> seen[0] = model.latest(model.full));
    require(seen[0] == 2, MISSED);
    require(model.latest(model.full) == 2, LOST);
    require(model.latest(model.other) == 1, LOST);
  }

  /** Wrong: makes room with a fault, and adds. */
  private void squeeze(Squeeze fault) {
    domain.squeeze(0, fault);
    addOther();
  }

  @Test
  void whatTakesTheSlotOfTheEarlierIsNotLost() {
    holds(
        INTERLEAVINGS,
        () -> squeezeAgainstAdd(new SqueezeTest().at(LOW, HIGH), SqueezeTest::addOther));
    holds(
        INTERLEAVINGS,
        () -> squeezeAgainstAdd(new SqueezeTest().at(HIGH, LOW), SqueezeTest::addOther));
  }

  @Test
  void clearingWithoutComparePlantedBugIsFound() {
    findsBug(
        LOST,
        () ->
            squeezeAgainstAdd(
                new SqueezeTest().at(LOW, HIGH), model -> model.squeeze(Squeeze.WITHOUT_COMPARE)));
  }

  private static void squeezeAgainstAdd(SqueezeTest model, Consumer<SqueezeTest> add) {
    inParallel(() -> add.accept(model), () -> model.reservation.add(model.full, 3, Usage.READ));
    require(model.latest(model.full) == 3, LOST);
    require(model.latest(model.other) == 1, LOST);
  }
}
