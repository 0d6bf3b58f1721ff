package io.entrepot.benchmarks;

import io.entrepot.sync.Fence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.agrona.concurrent.IdleStrategy;

/** One signal after the other from one thread to another, in rounds that count from 1. */
sealed interface WakeUpSignals {
  /** Longest wait for a signal. */
  Duration LIMIT = Duration.ofMinutes(1);

  /** Makes the signal of a round, 2 or more, possible: before that of the round below is given. */
  void prepare(long round);

  /** Gives the signal of a round. */
  void give(long round, Thread to);

  /** Waits for the signal of a round, on the waiting thread. */
  void await(long round);

  private static void check(boolean inTime) {
    if (!inTime) {
      throw new IllegalStateException("no wake-up in " + LIMIT);
    }
  }

  /** A timeline with a point for each round. */
  final class Points implements WakeUpSignals {
    private final Timeline line = SyncDomain.create(1).timeline("signals");
    private final Predicate<Fence> waiting;

    private Points(Predicate<Fence> waiting) {
      this.waiting = waiting;
      line.issue();
    }

    /** Waited for as a fence does by itself. */
    static Points parking() {
      return new Points(fence -> fence.await(LIMIT));
    }

    /** Waited for by a strategy. */
    static Points idling(IdleStrategy idle) {
      return new Points(fence -> fence.await(LIMIT, idle));
    }

    @Override
    public void prepare(long round) {
      line.issue();
    }

    @Override
    public void give(long round, Thread to) {
      line.signal(round);
    }

    @Override
    public void await(long round) {
      check(waiting.test(line.fence(round)));
    }
  }

  /** A latch for each round. */
  final class Latches implements WakeUpSignals {
    private static final class Round {
      private final CountDownLatch latch = new CountDownLatch(1);
      private Round next;
    }

    private Round signaling = new Round();
    private Round waiting = signaling;

    @Override
    public void prepare(long round) {
      signaling.next = new Round();
    }

    @Override
    public void give(long round, Thread to) {
      Round now = signaling;
      signaling = now.next;
      now.latch.countDown();
    }

    @Override
    public void await(long round) {
      try {
        check(waiting.latch.await(LIMIT.toNanos(), TimeUnit.NANOSECONDS));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      waiting = waiting.next;
    }
  }

  /** A number that is raised before the thread is unparked. */
  final class Parking implements WakeUpSignals {
    private volatile long signal;

    @Override
    public void prepare(long round) {}

    @Override
    public void give(long round, Thread to) {
      signal = round;
      LockSupport.unpark(to);
    }

    @Override
    public void await(long round) {
      while (signal < round) {
        LockSupport.parkNanos(this, LIMIT.toNanos());
      }
    }
  }

  /** A number that the waiting thread looks at all the time: what no waiting can be faster than. */
  final class Spinning implements WakeUpSignals {
    private volatile long signal;

    @Override
    public void prepare(long round) {}

    @Override
    public void give(long round, Thread to) {
      signal = round;
    }

    @Override
    public void await(long round) {
      while (signal < round) {
        Thread.onSpinWait();
      }
    }
  }
}
