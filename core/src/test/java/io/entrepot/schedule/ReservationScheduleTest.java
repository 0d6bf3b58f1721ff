package io.entrepot.schedule;

import static io.entrepot.schedule.Schedules.find;
import static io.entrepot.schedule.Schedules.hold;

import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C5 under random schedules: no query misses a pending fence that was added before it began. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ReservationScheduleTest {
  private static final int RUNS = 2_000;

  /** In how many of them a planted bug is found at the latest. */
  private static final int FINDING_RUNS = 20_000;

  @Test
  void noPendingFenceIsLost() {
    hold(RUNS, ReservationMix::new);
  }

  @Test
  void clearingBeforeAddingPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        "a pending fence is ",
        schedule ->
            new ReservationMix(schedule) {
              @Override
              void add(Timeline timeline, long point, Usage usage) {
                domain.addBehindClearing(0, timeline, point, usage);
              }
            });
  }

  @Test
  void sweepByStorePlantedBugIsFound() {
    find(
        FINDING_RUNS,
        "",
        schedule ->
            new ReservationMix(schedule) {
              @Override
              boolean sweep() {
                return domain.sweepByStore(0);
              }
            });
  }

  @Test
  void promotionByStorePlantedBugIsFound() {
    find(
        FINDING_RUNS,
        Fences.LOST,
        schedule ->
            new ReservationMix(schedule) {
              @Override
              boolean promote(Timeline timeline, long point, Usage usage) {
                return domain.promoteByStore(0, timeline, point, usage);
              }
            });
  }
}
