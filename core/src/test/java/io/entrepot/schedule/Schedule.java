package io.entrepot.schedule;

import io.entrepot.internal.memory.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * One run of a few participants over {@linkplain #words words}, of which one goes on at a time.
 *
 * <p>Before each access to a word the participant at work asks its {@link Order} who goes on. The
 * order and all that a scenario draws from {@link #random} come from the seed, so a run with the
 * same seed is the same run. Between two accesses nobody else runs: what a scenario keeps on the
 * heap about the run needs no synchronization. The world is sequentially consistent.
 *
 * <p>In some runs a participant {@linkplain #anyStopped is stopped for ever} before one of its
 * steps. When the others are done and the scenario has looked at what is there, it is thrown out of
 * its operation.
 */
final class Schedule {
  /** More than any run takes in which nobody waits for a stopped participant. */
  private static final int STEPS_MAX = 100_000;

  private static final int STOP_ONE_IN = 4;
  private static final int STOP_STEP_BITS = 8;

  private final SplittableRandom decisions;
  private final Random random;
  private final List<String> history = new ArrayList<>();
  private final boolean mayStop;

  private Participant[] participants = new Participant[0];
  private boolean[] runnable;
  private Order order;
  private Thread main;
  private int steps;
  private boolean tooLong;
  private boolean abandoning;
  private boolean peeking;
  private long trace;

  /** Who goes on; {@code null} outside of a run. */
  private volatile Participant running;

  private volatile boolean over;

  /** A run that is all in the seed. */
  Schedule(long seed, boolean mayStop) {
    SplittableRandom root = new SplittableRandom(seed);
    this.decisions = root.split();
    this.random = new Random(root.nextLong());
    this.mayStop = mayStop;
  }

  /** One who takes part. */
  private final class Participant implements Runnable {
    private final int number;
    private final Runnable action;
    private final Thread thread;
    private int stepsLeft = Integer.MAX_VALUE;
    private boolean stopped;
    private boolean done;
    private Throwable thrown;

    Participant(int number, Runnable action) {
      this.number = number;
      this.action = action;
      this.thread = Thread.ofVirtual().name("participant " + number).unstarted(this);
    }

    @Override
    public void run() {
      try {
        awaitTurn(this);
        action.run();
      } catch (Abandoned expected) {
        // Stopped, or the run took too long: the main thread knows.
      } catch (Throwable failure) {
        thrown = failure;
      } finally {
        done = true;
        leave();
      }
    }

    boolean isRunnable() {
      return !done && !stopped;
    }
  }

  /** Throws a participant out of what it is at. */
  private static final class Abandoned extends Error {
    private static final long serialVersionUID = 1;

    Abandoned() {
      super("abandoned", null, false, false);
    }
  }

  /** What a scenario draws its operations from. */
  Random random() {
    return random;
  }

  /** Words of this run, all zero. */
  Words words(long byteSize) {
    return new ScheduledWords(this, byteSize);
  }

  /** Steps so far: the time of this run. */
  int now() {
    return steps;
  }

  /** Whether a participant was stopped for ever. */
  boolean anyStopped() {
    for (Participant participant : participants) {
      if (participant.stopped) {
        return true;
      }
    }
    return false;
  }

  /** Notes what is done, for who reads of a failure. */
  void note(String what) {
    Participant self = running;
    history.add(steps + " " + (self == null ? "" : self.number + ": ") + what);
  }

  /** What was noted, in order. */
  String history() {
    return String.join("\n  ", history);
  }

  /** Tells two runs apart by who made which step. */
  long trace() {
    return trace;
  }

  /** Looks at words without making steps. */
  <T> T peek(Supplier<T> look) {
    peeking = true;
    try {
      return look.get();
    } finally {
      peeking = false;
    }
  }

  // ---------------------------------------------------------------- the run

  /**
   * Runs the actions, each by a participant, until all are done that are not stopped; throws what
   * one of them has thrown.
   */
  void run(Runnable... actions) {
    main = Thread.currentThread();
    participants = new Participant[actions.length];
    runnable = new boolean[actions.length];
    for (int i = 0; i < actions.length; i++) {
      participants[i] = new Participant(i, actions[i]);
    }
    order = Order.of(decisions, actions.length);
    if (mayStop && decisions.nextInt(STOP_ONE_IN) == 0) {
      int bits = decisions.nextInt(STOP_STEP_BITS + 1);
      participants[decisions.nextInt(actions.length)].stepsLeft = decisions.nextInt(1 << bits);
    }
    for (Participant participant : participants) {
      participant.thread.start();
    }
    handTo(next(null));
    awaitOver();
    for (Participant participant : participants) {
      if (participant.thrown != null) {
        throw new AssertionError(
            "participant " + participant.number + ": " + participant.thrown, participant.thrown);
      }
    }
    if (tooLong) {
      throw new AssertionError("no progress in " + STEPS_MAX + " steps");
    }
  }

  /** Ends those that were stopped. */
  void abandon() {
    abandoning = true;
    for (Participant participant : participants) {
      if (!participant.done) {
        over = false;
        handTo(participant);
        awaitOver();
      }
    }
  }

  private void awaitOver() {
    while (!over) {
      LockSupport.park(this);
    }
  }

  private void awaitTurn(Participant self) {
    while (running != self) {
      LockSupport.park(this);
    }
    if (abandoning) {
      throw new Abandoned();
    }
  }

  private void handTo(Participant next) {
    running = next;
    if (next == null) {
      over = true;
      LockSupport.unpark(main);
    } else {
      LockSupport.unpark(next.thread);
    }
  }

  private void leave() {
    handTo(abandoning ? null : next(null));
  }

  /** Before each access to a word. */
  void step() {
    Participant self = running;
    if (self == null || peeking || self.thread != Thread.currentThread()) {
      return;
    }
    if (abandoning) {
      throw new Abandoned();
    }
    steps++;
    trace = trace * 31 + self.number;
    if (steps > STEPS_MAX) {
      tooLong = true;
      self.stopped = true;
      for (Participant other : participants) {
        other.stopped |= !other.done;
      }
    } else if (self.stepsLeft-- == 0) {
      self.stopped = true;
    }
    Participant next = next(self);
    if (next != self) {
      handTo(next);
      awaitTurn(self);
    }
  }

  private Participant next(Participant self) {
    boolean any = false;
    for (int i = 0; i < runnable.length; i++) {
      runnable[i] = participants[i].isRunnable();
      any |= runnable[i];
    }
    if (!any) {
      return null;
    }
    return participants[order.next(self == null ? -1 : self.number, runnable)];
  }

  @Override
  public String toString() {
    return order + ", " + steps + " steps";
  }
}
