package io.entrepot.schedule;

import static io.entrepot.schedule.Scenario.require;
import static io.entrepot.schedule.Schedules.find;
import static io.entrepot.schedule.Schedules.hold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.entrepot.internal.memory.Words;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Schedules themselves: what they tell from what. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ScheduleTest {
  private static final int RUNS = 200;
  private static final int TURNS = 3;

  /** Three that count in one word. */
  private abstract static class Counting implements Scenario {
    final Words words;
    private final Schedule schedule;

    Counting(Schedule schedule) {
      this.schedule = schedule;
      this.words = schedule.words(2 * Words.WORD_BYTES);
    }

    abstract void count();

    @Override
    public Runnable[] participants() {
      Runnable all =
          () -> {
            for (int i = 0; i < TURNS; i++) {
              count();
            }
          };
      return new Runnable[] {all, all, all};
    }

    @Override
    public void check() {
      long counted = words.getPlain(0);
      require(schedule.anyStopped() || counted == 3L * TURNS, "a count is lost");
    }
  }

  @Test
  void whatIsAtomicIsNotDivided() {
    hold(
        RUNS,
        schedule ->
            new Counting(schedule) {
              @Override
              void count() {
                words.getAndAdd(0, 1);
              }
            });
  }

  @Test
  void aLostUpdatePlantedBugIsFound() {
    find(
        RUNS,
        "a count is lost",
        schedule ->
            new Counting(schedule) {
              @Override
              void count() {
                words.setVolatile(0, words.getVolatile(0) + 1);
              }
            });
  }

  /** Right, but whoever is stopped with the lock stops all. */
  private static Counting locking(Schedule schedule) {
    return new Counting(schedule) {
      @Override
      void count() {
        while (!words.compareAndSet(Words.WORD_BYTES, 0, 1)) {
          Thread.onSpinWait();
        }
        words.setPlain(0, words.getPlain(0) + 1);
        words.setRelease(Words.WORD_BYTES, 0);
      }
    };
  }

  @Test
  void aLockIsRightUnlessItsHolderIsStopped() {
    hold(RUNS, false, ScheduleTest::locking);
    find(RUNS, true, "no progress", ScheduleTest::locking);
  }

  @Test
  void aSeedIsARun() {
    assertEquals(traceOf(1), traceOf(1));
    assertNotEquals(traceOf(1), traceOf(2));
  }

  private static long traceOf(long seed) {
    Schedule schedule = new Schedule(seed, true);
    schedule.run(new ReservationMix(schedule).participants());
    schedule.abandon();
    return schedule.trace();
  }
}
