package io.entrepot.schedule;

import static io.entrepot.schedule.Schedules.find;
import static io.entrepot.schedule.Schedules.hold;

import io.entrepot.internal.flow.RingWords.Fault;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C8 under random schedules: a frame is read once, whole, or dropped and counted. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RingScheduleTest {
  private static final int RUNS = 2_000;

  /** In how many of them a planted bug is found at the latest. */
  private static final int FINDING_RUNS = 20_000;

  @Test
  void aFrameIsReadOnceOrDropped() {
    hold(RUNS, schedule -> new RingMix(schedule, Fault.NONE));
  }

  @Test
  void cursorBeforeSlotPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        RingMix.OTHER_BYTES,
        schedule -> new RingMix(schedule, Fault.CURSOR_BEFORE_SLOT));
  }

  @Test
  void floorNotLookedAtAgainPlantedBugIsFound() {
    find(FINDING_RUNS, "", schedule -> new RingMix(schedule, Fault.FLOOR_NOT_LOOKED_AT_AGAIN));
  }

  @Test
  void cursorWithoutCasPlantedBugIsFound() {
    find(FINDING_RUNS, "", schedule -> new RingMix(schedule, Fault.CURSOR_WITHOUT_CAS));
  }
}
