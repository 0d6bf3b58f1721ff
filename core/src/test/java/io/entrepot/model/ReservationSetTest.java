package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.sync.ReservationWords;
import io.entrepot.sync.Usage;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * Jobs over two buffers: {@code JobSet}, {@code JobTable} and {@code ReservationSlots.claim} and
 * {@code settle}, as they are, with hardly any grace, so that jobs abort each other.
 *
 * <p><b>Must not be.</b> Of two jobs that write to the same buffers neither depends on the other (a
 * lost dependency), or both (a cycle); an aborted try leaves something in a slot; a reader sees a
 * fence of one buffer that others may miss of the other.
 *
 * <p><b>Order.</b> Set words, status words and slots change by CAS alone, all volatile. A job that
 * becomes the claimant has seen that the one before is not pending, so it reads what that one's
 * commit made of its slots.
 */
class ReservationSetTest {
  /** Fewer than elsewhere: each has hundreds of steps. Planted bugs are found within 25. */
  private static final int INTERLEAVINGS = 150;

  private static final String LOST = "a dependency is lost";
  private static final String CYCLE = "the jobs depend on each other";
  private static final String LEFT = "something is left behind, or lacking";

  @Test
  void oneOfTwoJobsDependsOnTheOther() {
    holds(INTERLEAVINGS, () -> jobAgainstJob(words -> words.job(0), words -> words.job(1)));
  }

  @Test
  void oneOfTwoJobsThatTakeInOppositeOrderDependsOnTheOther() {
    holds(
        INTERLEAVINGS,
        () -> jobAgainstJob(words -> words.jobTaking(0, 0), words -> words.jobTaking(1, 1)));
  }

  @Test
  void oneOfTwoJobsOfEitherKindDependsOnTheOther() {
    holds(
        INTERLEAVINGS, () -> jobAgainstJob(words -> words.jobTaking(0, 1), words -> words.job(1)));
  }

  /** With no grace to run out: who waits for itself is found by that alone. */
  @Test
  void jobsThatWaitForEachOtherAreFound() {
    holds(
        INTERLEAVINGS,
        () ->
            jobAgainstJob(
                words -> words.jobTakingPatiently(0, 0), words -> words.jobTakingPatiently(1, 1)));
  }

  @Test
  void collectingBeforeClaimingPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        LOST,
        () -> jobAgainstJob(words -> words.jobCollectingFirst(0), words -> words.job(1), false));
  }

  @Test
  void committingBufferByBufferPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        CYCLE,
        () ->
            jobAgainstJob(
                words -> words.jobByBuffer(0, 0), words -> words.jobByBuffer(1, 1), false));
  }

  @Test
  void goingOnAfterAnAbortPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        LOST,
        () -> jobAgainstJob(words -> words.jobNotAsking(0), words -> words.job(1), false));
  }

  private static void jobAgainstJob(
      ToLongFunction<ReservationWords> one, ToLongFunction<ReservationWords> two) {
    jobAgainstJob(one, two, true);
  }

  private static void jobAgainstJob(
      ToLongFunction<ReservationWords> one,
      ToLongFunction<ReservationWords> two,
      boolean coverBoth) {
    ReservationWords words = ReservationWords.onHeap();
    long[] dependsOn = new long[2];
    inParallel(
        () -> dependsOn[0] = one.applyAsLong(words), () -> dependsOn[1] = two.applyAsLong(words));
    require(dependsOn[0] != 0 || dependsOn[1] != 0, LOST);
    require(dependsOn[0] == 0 || dependsOn[1] == 0, CYCLE);
    require(!coverBoth || words.haveBoth(), LEFT);
  }

  /** A job's fence is in both buffers at once, for who looks at one buffer and then the other. */
  @Test
  void theFencesOfAJobAppearAtOnce() {
    holds(
        INTERLEAVINGS,
        () -> {
          ReservationWords words = ReservationWords.onHeap();
          boolean[] missed = new boolean[1];
          inParallel(
              () -> words.job(0),
              () -> {
                boolean inOne = !words.reservation(1).isSignaled(Usage.WRITE);
                boolean inOther = !words.reservation(0).isSignaled(Usage.WRITE);
                missed[0] = inOne && !inOther;
              });
          require(!missed[0], "a fence is in one buffer and not in the other");
        });
  }

  /** The fence of one job goes from the set word to a slot when the next claims the buffer. */
  @Test
  void aFenceThatIsMovedIsNotMissed() {
    holds(INTERLEAVINGS, () -> jobBehindJob(words -> words.job(1)));
  }

  @Test
  void claimingWithoutMovingPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, LOST, () -> jobBehindJob(words -> words.jobNotMoving(1)));
  }

  private static void jobBehindJob(ToLongFunction<ReservationWords> second) {
    ReservationWords words = ReservationWords.onHeap();
    words.job(0);
    long[] seen = new long[2];
    inParallel(
        () -> seen[0] = second.applyAsLong(words), () -> seen[1] = words.latest(0, Usage.READ));
    require(seen[0] != 0 && seen[1] != 0, LOST);
    require(words.latest(0, Usage.READ) != 0, LOST);
  }

  /** Two claimants at once move one fence; one of them waits for the other. */
  @Test
  void aFenceThatTwoMoveIsSeenByBoth() {
    holds(
        INTERLEAVINGS,
        () -> {
          ReservationWords words = ReservationWords.onHeap().issue(1);
          words.job(0);
          long[] seen = new long[2];
          inParallel(() -> seen[0] = words.job(1), () -> seen[1] = words.jobOfSame(0));
          require(seen[0] != 0 && seen[1] != 0, LOST);
        });
  }

  /** An earlier fence of the job's timeline is seen until the job's is. */
  @Test
  void anEarlierFenceIsSeenUntilTheJobsIs() {
    holds(
        INTERLEAVINGS,
        () -> {
          ReservationWords words = ReservationWords.onHeap().issue(1);
          words.add(0, 1, Usage.WRITE);
          long[] seen = new long[1];
          inParallel(() -> words.job(0), () -> seen[0] = words.latest(0, Usage.READ));
          require(seen[0] != 0 && words.latest(0, Usage.READ) == 2, LOST);
        });
  }

  /** A promotion reaches the fence, wherever it is. */
  @Test
  void aFenceThatIsMovedIsPromoted() {
    holds(
        INTERLEAVINGS,
        () -> {
          ReservationWords words = ReservationWords.onHeap();
          long point = words.bookkeepingJob(0);
          inParallel(() -> words.job(1), () -> words.promote(0, point, Usage.WRITE));
          require(words.latest(0, Usage.WRITE) == point, "a promotion is lost");
        });
  }

  @Test
  void aJobAndASingleFenceAreBothThere() {
    holds(
        INTERLEAVINGS,
        () -> {
          ReservationWords words = ReservationWords.onHeap().issue(1);
          inParallel(() -> words.job(0), () -> words.add(1, 1, Usage.READ));
          require(words.latest(0, Usage.WRITE) == 2 && words.latest(1, Usage.READ) == 1, LOST);
        });
  }

  /** What a lost job left in the set words means nothing, whoever has its record by then. */
  @Test
  void aRecordThatIsTakenBackLosesNothingOfItsNextHolder() {
    holds(
        INTERLEAVINGS,
        () -> {
          ReservationWords words = ReservationWords.onHeap();
          words.beginLost();
          long[] dependsOn = new long[2];
          inParallel(
              () -> dependsOn[0] = words.jobBehindLost(0), () -> dependsOn[1] = words.job(1));
          require(dependsOn[0] != 0 || dependsOn[1] != 0, LOST);
          require(dependsOn[0] == 0 || dependsOn[1] == 0, CYCLE);
          require(words.haveBoth(), LEFT);
        });
  }

  /** A job that committed and stopped there keeps its record, for its fence is looked up in it. */
  @Test
  void aCommittedJobsRecordIsNotTakenBack() {
    holds(INTERLEAVINGS, () -> jobBehindCommitted(words -> words.jobBehindLost(1)));
  }

  @Test
  void takingACommittedJobsRecordBackPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, LOST, () -> jobBehindCommitted(words -> words.jobBehindCommitted(1)));
  }

  private static void jobBehindCommitted(ToLongFunction<ReservationWords> next) {
    ReservationWords words = ReservationWords.onHeap();
    words.beginLost();
    words.commitLost();
    long[] seen = new long[2];
    inParallel(
        () -> seen[0] = next.applyAsLong(words), () -> seen[1] = words.latest(0, Usage.READ));
    require(seen[0] != 0 && seen[1] != 0, LOST);
  }
}
