package io.entrepot.schedule;

import java.util.SplittableRandom;

/** Decides at each step of a {@link Schedule} who goes on. */
sealed interface Order {
  /**
   * Who goes on.
   *
   * @param running who would make the next step, or -1 when none is at work
   * @param runnable who may go on; one of them at least
   */
  int next(int running, boolean[] runnable);

  /** An order that is drawn itself. */
  static Order of(SplittableRandom random, int participants) {
    return random.nextBoolean()
        ? new Walk(random.split(), 1 << random.nextInt(6))
        : new Priorities(random.split(), participants);
  }

  /** Leaves who is at work after one step in so many, for anyone. */
  record Walk(SplittableRandom random, int stay) implements Order {
    @Override
    public int next(int running, boolean[] runnable) {
      if (running >= 0 && runnable[running] && random.nextInt(stay) != 0) {
        return running;
      }
      int next;
      do {
        next = random.nextInt(runnable.length);
      } while (!runnable[next]);
      return next;
    }

    @Override
    public String toString() {
      return "random walk, 1 of " + stay;
    }
  }

  /**
   * The highest priority goes on; at a few steps drawn before the run the one at work gets the
   * lowest. Among <i>k</i> steps of <i>n</i> participants, a fault that <i>c</i> such changes bring
   * about is met with a probability of 1/(n k^c) at least, when as many are drawn: Burckhardt and
   * others, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.
   */
  final class Priorities implements Order {
    private static final int CHANGES_MAX = 4;
    private static final int LEAST_BITS = 4;
    private static final int MORE_BITS = 6;

    /** Who waits for somebody by looking again and again lets others go on after so many steps. */
    private static final int PATIENCE = 300;

    private final int[] byPriority;
    private final int[] changes;
    private int steps;
    private int inARow;
    private int last = -1;

    private Priorities(SplittableRandom random, int participants) {
      byPriority = new int[participants];
      for (int i = 0; i < participants; i++) {
        int at = random.nextInt(i + 1);
        byPriority[i] = byPriority[at];
        byPriority[at] = i;
      }
      int length = 1 << LEAST_BITS + random.nextInt(MORE_BITS + 1);
      changes = random.ints(random.nextInt(CHANGES_MAX + 1), 0, length).toArray();
    }

    @Override
    public int next(int running, boolean[] runnable) {
      steps++;
      inARow = running == last ? inARow + 1 : 0;
      last = running;
      if (running >= 0 && (isChange() || inARow >= PATIENCE)) {
        lower(running);
        inARow = 0;
      }
      int at = 0;
      while (!runnable[byPriority[at]]) {
        at++;
      }
      return byPriority[at];
    }

    private boolean isChange() {
      for (int change : changes) {
        if (change == steps) {
          return true;
        }
      }
      return false;
    }

    private void lower(int participant) {
      int at = 0;
      while (byPriority[at] != participant) {
        at++;
      }
      System.arraycopy(byPriority, at + 1, byPriority, at, byPriority.length - at - 1);
      byPriority[byPriority.length - 1] = participant;
    }

    @Override
    public String toString() {
      return "priorities, " + changes.length + " changes";
    }
  }
}
