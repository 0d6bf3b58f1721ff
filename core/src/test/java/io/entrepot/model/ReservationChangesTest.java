package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.sync.ReservationWords;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Usage;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/**
 * What changes fences in place, against each other, against snapshots and against the sweep: {@code
 * ReservationSlots.add} without a claim, {@code promote}, {@code replace}, {@code reserve} and
 * {@code sweep}, as they are.
 *
 * <p><b>Must not be.</b> A snapshot misses a fence that was there before it and is pending after
 * it; of two fences that are added at once the later is lost; a promotion is lost; a replacement
 * takes away another's fence; one slot is reserved twice; a fence is there and the touched word
 * says that nothing is.
 *
 * <p><b>Order.</b> All changes are CASes from the word that was looked at.
 */
class ReservationChangesTest {
  private static final int A = 0;
  private static final int B = 1;

  private static final String MISSED = "a pending fence is missed";
  private static final String LOST = "a pending fence is lost";

  // ---------------------------------------------------------------- add against snapshot

  @Test
  void aSnapshotHasTheEarlierFenceOrTheLater() {
    holds(() -> addAgainstSnapshot(words -> words.add(A, 2, Usage.READ)));
  }

  @Test
  void clearingBeforeAddingPlantedBugIsFound() {
    findsBug(MISSED, () -> addAgainstSnapshot(words -> words.addBehindClearing(A, 2, Usage.READ)));
  }

  private static void addAgainstSnapshot(Consumer<ReservationWords> add) {
    ReservationWords words = ReservationWords.onHeap().issue(2);
    words.add(A, 1, Usage.READ);
    long[] seen = new long[1];
    inParallel(() -> add.accept(words), () -> seen[0] = words.latest(A, Usage.READ));
    require(seen[0] != 0, MISSED);
    require(words.latest(A, Usage.READ) == 2, LOST);
  }

  // ---------------------------------------------------------------- add against add

  @Test
  void ofTwoFencesOfATimelineTheLaterStays() {
    holds(() -> addAgainstAdd(words -> words.add(A, 2, Usage.READ)));
  }

  @Test
  void addingByStorePlantedBugIsFound() {
    findsBug(LOST, () -> addAgainstAdd(words -> words.addByStore(A, 2, Usage.READ)));
  }

  private static void addAgainstAdd(Consumer<ReservationWords> addSecond) {
    ReservationWords words = ReservationWords.onHeap().issue(3);
    words.add(A, 1, Usage.READ);
    inParallel(() -> addSecond.accept(words), () -> words.add(A, 3, Usage.READ));
    require(words.latest(A, Usage.READ) == 3, LOST);
  }

  // ---------------------------------------------------------------- promotion

  @Test
  void aPromotionStaysWhenALaterFenceTakesOver() {
    holds(() -> promoteAgainstAdd(words -> words.promote(A, 1, Usage.WRITE)));
  }

  @Test
  void promotionByStorePlantedBugIsFound() {
    findsBug(LOST, () -> promoteAgainstAdd(words -> words.promoteByStore(Usage.WRITE)));
  }

  private static void promoteAgainstAdd(Consumer<ReservationWords> promote) {
    ReservationWords words = ReservationWords.onHeap().issue(2);
    words.add(A, 1, Usage.BOOKKEEP);
    inParallel(() -> promote.accept(words), () -> words.add(A, 2, Usage.BOOKKEEP));
    require(words.latest(A, Usage.WRITE) != 0, "a promotion is lost");
    require(words.latest(A, Usage.BOOKKEEP) == 2, LOST);
  }

  // ---------------------------------------------------------------- replacing

  @Test
  void replacingTakesNoOthersFence() {
    holds(() -> replaceAgainstAdd(words -> words.replace(A, B, 1, Usage.BOOKKEEP)));
  }

  @Test
  void replacingByStorePlantedBugIsFound() {
    findsBug(LOST, () -> replaceAgainstAdd(words -> words.replaceByStore(A, B, 1, Usage.BOOKKEEP)));
  }

  /** The slot of the old fence is signaled, and taken by another's fence, meanwhile. */
  private static void replaceAgainstAdd(Consumer<ReservationWords> replace) {
    ReservationWords words = ReservationWords.onHeap().issue(2);
    words.add(A, 1, Usage.READ);
    inParallel(
        () -> replace.accept(words),
        () -> {
          words.signal(A, 1);
          words.add(B, 2, Usage.WRITE);
        });
    require(words.latest(B, Usage.WRITE) == 2, LOST);
  }

  @Test
  void anOldFenceIsReplacedOrTheOneThatTookOver() {
    holds(() -> {
      ReservationWords words = ReservationWords.onHeap().issue(2);
      words.add(A, 1, Usage.READ);
      inParallel(() -> words.replace(A, B, 1, Usage.BOOKKEEP), () -> words.add(A, 2, Usage.READ));
      require(words.latest(B, Usage.BOOKKEEP) == 1, LOST);
    });
  }

  // ---------------------------------------------------------------- capacity

  @Test
  void theLastSlotIsReservedOnce() {
    holds(() -> reserveAtCapacity(ReservationWords::tryReserve));
  }

  @Test
  void reservingByStorePlantedBugIsFound() {
    findsBug("reserved twice", () -> reserveAtCapacity(ReservationWords::tryReserveByStore));
  }

  private static void reserveAtCapacity(ToIntFunction<ReservationWords> reserve) {
    ReservationWords words = ReservationWords.onHeap();
    for (int i = 1; i < Reservation.CAPACITY; i++) {
      words.tryReserve();
    }
    int[] slots = new int[2];
    inParallel(
        () -> slots[0] = reserve.applyAsInt(words), () -> slots[1] = reserve.applyAsInt(words));
    require(slots[0] < 0 ^ slots[1] < 0, "reserved twice, or not at all");
  }

  // ---------------------------------------------------------------- the touched word

  @Test
  void theTouchedWordIsUpWhenAFenceIsThere() {
    holds(() -> addAgainstSweep(ReservationWords::sweep));
  }

  @Test
  void sweepingWithoutMarkPlantedBugIsFound() {
    findsBug(MISSED, () -> addAgainstSweep(ReservationWords::sweepWithoutMark));
  }

  /** The buffer was touched before, and nothing is left in its slots. */
  private static void addAgainstSweep(Consumer<ReservationWords> sweep) {
    ReservationWords words = ReservationWords.onHeap().issue(1);
    words.touch();
    boolean[] unused = new boolean[1];
    inParallel(
        () -> {
          words.add(B, 1, Usage.READ);
          unused[0] = words.isUnused();
        },
        () -> sweep.accept(words));
    require(!unused[0] && !words.isUnused(), MISSED);
  }
}
