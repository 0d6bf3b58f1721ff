package io.entrepot.schedule;

import static io.entrepot.schedule.Schedules.find;
import static io.entrepot.schedule.Schedules.hold;

import io.entrepot.sync.Timeline;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C4 under random schedules: points are signaled once, in order, and keep what they protect. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class TimelineScheduleTest {
  private static final int RUNS = 2_000;

  /** In how many of them a planted bug is found at the latest. */
  private static final int FINDING_RUNS = 20_000;

  @Test
  void noSignalIsForgottenOrMadeUp() {
    hold(RUNS, TimelineMix::new);
  }

  @Test
  void signalByStorePlantedBugIsFound() {
    find(
        FINDING_RUNS,
        "",
        schedule ->
            new TimelineMix(schedule) {
              @Override
              void signal(Timeline timeline, long point) {
                domain.signalByStore(timeline, point);
              }
            });
  }

  @Test
  void issuingWithoutLookPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        "",
        schedule ->
            new TimelineMix(schedule) {
              @Override
              long issue(Timeline timeline) {
                return domain.issueWithoutLook(timeline);
              }
            });
  }

  @Test
  void sweepingTheUnsettledPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        Fences.LOST,
        schedule ->
            new TimelineMix(schedule) {
              @Override
              boolean sweep() {
                return domain.sweepUnsettled(0);
              }
            });
  }
}
