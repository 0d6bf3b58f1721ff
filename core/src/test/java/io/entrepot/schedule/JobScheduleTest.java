package io.entrepot.schedule;

import static io.entrepot.schedule.Schedules.find;
import static io.entrepot.schedule.Schedules.hold;

import io.entrepot.internal.sync.CollectedFences;
import io.entrepot.internal.sync.JobSet;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * C5 under random schedules: jobs over several buffers lose no dependency, depend on each other in
 * no circle, and go on whoever of them is stopped.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class JobScheduleTest {
  private static final int RUNS = 2_000;

  /** In how many of them a planted bug is found at the latest. */
  private static final int FINDING_RUNS = 20_000;

  private static final Duration LONG = Duration.ofMinutes(10);

  @Test
  void jobsAreOrderedAndGoOn() {
    hold(RUNS, JobMix::new);
  }

  @Test
  void collectingBeforeClaimingPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        JobMix.LOST,
        schedule ->
            new JobMix(schedule) {
              @Override
              long commit(int own, Usage[] usages, long[] dependsOn) {
                for (int i = 0; i < usages.length; i++) {
                  if (usages[i] != null) {
                    note(domain.reservation(i).snapshot(usages[i].awaited()), dependsOn);
                  }
                }
                return super.commit(own, usages, new long[dependsOn.length]);
              }
            });
  }

  @Test
  void committingBufferByBufferPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        JobMix.CYCLE,
        schedule ->
            new JobMix(schedule) {
              @Override
              long commit(int own, Usage[] usages, long[] dependsOn) {
                long first = 0;
                for (int i = 0; i < usages.length; i++) {
                  int buffer = own == 0 ? i : usages.length - 1 - i;
                  if (usages[buffer] != null) {
                    JobSet set = set(own);
                    set.add(domain.reservation(buffer), usages[buffer]);
                    long point = set.awaitCommit(LONG);
                    first = first == 0 ? point : first;
                    note(set.dependencies(), dependsOn);
                  }
                }
                return first;
              }
            });
  }

  @Test
  void claimingWithoutMovingPlantedBugIsFound() {
    find(
        FINDING_RUNS,
        "",
        schedule ->
            new JobMix(schedule) {
              @Override
              long commit(int own, Usage[] usages, long[] dependsOn) {
                CollectedFences found = new CollectedFences();
                for (int i = 0; i < usages.length; i++) {
                  if (usages[i] != null) {
                    usages[i] = Usage.WRITE;
                    for (int j = i + 1; j < usages.length; j++) {
                      usages[j] = null;
                    }
                    long point = domain.jobNotMoving(timeline(own), own, i, found);
                    note(found, dependsOn);
                    return point;
                  }
                }
                return 0;
              }
            });
  }
}
