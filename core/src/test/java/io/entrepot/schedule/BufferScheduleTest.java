package io.entrepot.schedule;

import static io.entrepot.schedule.Schedules.find;
import static io.entrepot.schedule.Schedules.hold;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C6 under random schedules: no buffer is reused before its last reader, and none is lost. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BufferScheduleTest {
  private static final int RUNS = 2_000;

  /** In how many of them a planted bug is found at the latest. */
  private static final int FINDING_RUNS = 20_000;

  @Test
  void noBufferIsReusedTooEarlyOrLost() {
    hold(RUNS, BufferMix::new);
  }

  @Test
  void owningByStorePlantedBugIsFound() {
    find(
        FINDING_RUNS,
        "",
        schedule ->
            new BufferMix(schedule) {
              @Override
              long own(int buffer) {
                return pool.ownByStore(buffer);
              }
            });
  }

  @Test
  void slotsBeforeStatePlantedBugIsFound() {
    find(
        FINDING_RUNS,
        BufferMix.REUSED,
        schedule ->
            new BufferMix(schedule) {
              @Override
              int reclaim() {
                return pool.reclaimSlotsFirst();
              }
            });
  }

  @Test
  void droppingBeforeMappingPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        "",
        schedule ->
            new BufferMix(schedule) {
              @Override
              void mapAndDrop(int lane, int buffer, long generation) {
                pool.unhold(buffer, generation);
                pool.storeSlot(lane, buffer);
              }
            });
  }
}
