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
 * Jobs over two buffers: {@code JobSet}, {@code JobTable} and {@code ReservationSlots.join} and
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
  private static final String LOST = "a dependency is lost";
  private static final String CYCLE = "the jobs depend on each other";
  private static final String LEFT = "something is left behind, or lacking";

  @Test
  void oneOfTwoJobsDependsOnTheOther() {
    holds(() -> jobAgainstJob(words -> words.job(0), words -> words.job(1)));
  }

  @Test
  void oneOfTwoJobsThatTakeInOppositeOrderDependsOnTheOther() {
    holds(() -> jobAgainstJob(words -> words.jobTaking(0, 0), words -> words.jobTaking(1, 1)));
  }

  @Test
  void oneOfTwoJobsOfEitherKindDependsOnTheOther() {
    holds(() -> jobAgainstJob(words -> words.jobTaking(0, 1), words -> words.job(1)));
  }

  @Test
  void collectingBeforeClaimingPlantedBugIsFound() {
    findsBug(
        LOST,
        () -> jobAgainstJob(words -> words.jobCollectingFirst(0), words -> words.job(1), false));
  }

  @Test
  void committingBufferByBufferPlantedBugIsFound() {
    findsBug(
        CYCLE,
        () ->
            jobAgainstJob(
                words -> words.jobByBuffer(0, 0), words -> words.jobByBuffer(1, 1), false));
  }

  @Test
  void goingOnAfterAnAbortPlantedBugIsFound() {
    findsBug(
        LOST, () -> jobAgainstJob(words -> words.jobNotAsking(0), words -> words.job(1), false));
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
    holds(() -> {
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

  /** An earlier fence of the job's timeline is seen until the job's is. */
  @Test
  void aJobsFenceTakesOverWithoutBeingMissed() {
    holds(() -> {
      ReservationWords words = ReservationWords.onHeap().issue(1);
      words.add(1, 1, Usage.BOOKKEEP);
      words.add(0, 1, Usage.WRITE);
      words.signal(1, 1);
      long[] seen = new long[1];
      inParallel(() -> words.job(0), () -> seen[0] = words.latest(0, Usage.READ));
      require(seen[0] != 0, LOST);
      require(words.reservation(0).pending(Usage.BOOKKEEP) == 1, LEFT);
    });
  }

  @Test
  void aJobAndASingleFenceAreBothThere() {
    holds(() -> {
      ReservationWords words = ReservationWords.onHeap().issue(1);
      inParallel(() -> words.job(0), () -> words.add(1, 1, Usage.READ));
      require(words.latest(0, Usage.WRITE) == 2 && words.latest(1, Usage.READ) == 1, LOST);
    });
  }
}
