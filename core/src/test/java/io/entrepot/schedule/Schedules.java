package io.entrepot.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Many runs of a {@link Scenario}, each with a seed of its own.
 *
 * <p>A failure says the seed of its run, which runs again by {@code -Dschedule.seed=...}. The
 * default build makes the same runs each time; {@code -Dschedule.times=100} makes a hundred times
 * as many, from a seed that nobody knows before.
 */
final class Schedules {
  private static final long TIMES = Long.getLong("schedule.times", 1);
  private static final Long SEED = Long.getLong("schedule.seed");
  private static final long USUAL = 42;

  private Schedules() {}

  /** No run shows what must not be, whoever is stopped. */
  static void hold(int runs, Function<Schedule, Scenario> make) {
    hold(runs, true, make);
  }

  /** As {@link #hold(int, Function)}, with participants that may be stopped or not. */
  static void hold(int runs, boolean mayStop, Function<Schedule, Scenario> make) {
    SplittableRandom seeds = new SplittableRandom(TIMES == 1 ? USUAL : System.nanoTime());
    long count = SEED == null ? runs * TIMES : 1;
    for (long run = 0; run < count; run++) {
      long seed = SEED == null ? seeds.nextLong() : SEED;
      Schedule schedule = new Schedule(seed, mayStop);
      Throwable failure = failure(schedule, make);
      if (failure != null) {
        fail(
            "run %d: %s%n  again by -Dschedule.seed=%d; %s%n  %s"
                .formatted(run, failure.getMessage(), seed, schedule, schedule.history()),
            failure);
      }
    }
  }

  /** One of so many runs shows what must not be, with that message, and shows it again. */
  static void find(int runs, String message, Function<Schedule, Scenario> make) {
    find(runs, false, message, make);
  }

  /** As {@link #find(int, String, Function)}, with participants that may be stopped or not. */
  static void find(int runs, boolean mayStop, String message, Function<Schedule, Scenario> make) {
    SplittableRandom seeds = new SplittableRandom(USUAL);
    for (int run = 0; run < runs; run++) {
      long seed = seeds.nextLong();
      Schedule first = new Schedule(seed, mayStop);
      Throwable failure = failure(first, make);
      if (failure != null) {
        assertTrue(failure.getMessage().contains(message), failure::toString);
        Schedule again = new Schedule(seed, mayStop);
        Throwable same = failure(again, make);
        assertEquals(failure.getMessage(), same == null ? null : same.getMessage());
        assertEquals(first.trace(), again.trace(), "a seed is a run");
        return;
      }
    }
    fail("not found in " + runs + " runs: " + message);
  }

  private static Throwable failure(Schedule schedule, Function<Schedule, Scenario> make) {
    try {
      Scenario scenario = make.apply(schedule);
      schedule.run(scenario.participants());
      scenario.check();
      return null;
    } catch (AssertionError | RuntimeException failure) {
      return failure;
    } finally {
      schedule.abandon();
    }
  }
}
