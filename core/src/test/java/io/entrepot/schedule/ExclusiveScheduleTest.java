package io.entrepot.schedule;

import static io.entrepot.schedule.Schedules.find;
import static io.entrepot.schedule.Schedules.hold;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C6 under random schedules: who is told that nobody else uses a buffer is told the truth. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ExclusiveScheduleTest {
  private static final int RUNS = 5_000;

  /** In how many of them a planted bug is found at the latest. */
  private static final int FINDING_RUNS = 100_000;

  @Test
  void whatIsSaidToBeExclusiveIs() {
    hold(RUNS, ExclusiveMix::new);
  }

  @Test
  void lookingAtTheHoldsOnceMorePlantedBugIsFound() {
    find(
        FINDING_RUNS,
        ExclusiveMix.IN_USE,
        schedule ->
            new ExclusiveMix(schedule) {
              @Override
              boolean isExclusive() {
                return pool.isExclusiveByHolds(0);
              }
            });
  }

  @Test
  void slotsBeforeHoldsPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        ExclusiveMix.IN_USE,
        schedule ->
            new ExclusiveMix(schedule) {
              @Override
              boolean isExclusive() {
                return pool.isExclusiveSlotsFirst(0);
              }
            });
  }
}
