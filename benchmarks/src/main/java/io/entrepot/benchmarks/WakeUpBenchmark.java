package io.entrepot.benchmarks;

import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Row 4, wake-up: from the signal to the moment when a thread that was parked tells that it runs.
 *
 * <p>Waiters spin before they park, each as long as it likes. So that no wait is caught spinning,
 * the benchmark's thread looks at the state of the waiting thread before each signal; this is not
 * measured.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WakeUpBenchmark {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** From the state that tells of parking to the kernel: longer than that takes. */
  private static final long SETTLE_NS = TimeUnit.MICROSECONDS.toNanos(20);

  /** A thread that waits for one signal after the other. */
  public abstract static class Waiter {
    private volatile long woken;
    private volatile boolean stopped;
    private long signaled;
    private Thread thread;

    /** Starts the thread. */
    @Setup
    public void start() {
      open();
      thread = Thread.ofPlatform().daemon().name("waiter").start(this::waitAgainAndAgain);
    }

    private void waitAgainAndAgain() {
      for (long round = 1; !stopped; round++) {
        await(round);
        woken = round;
      }
    }

    /** Makes the next signal possible, and waits until the thread is parked for it. */
    @Setup(Level.Invocation)
    public void awaitParked() {
      prepare(signaled + 2);
      while (!isParked()) {
        Thread.onSpinWait();
      }
      long startNs = System.nanoTime();
      while (System.nanoTime() - startNs < SETTLE_NS) {
        Thread.onSpinWait();
      }
    }

    private boolean isParked() {
      return switch (thread.getState()) {
        case WAITING, TIMED_WAITING -> true;
        case TERMINATED -> throw new IllegalStateException("the waiter has ended");
        default -> false;
      };
    }

    final void wake() {
      long round = ++signaled;
      signal(round, thread);
      while (woken < round) {
        Thread.onSpinWait();
      }
    }

    /** Signals once more, after which the thread ends. */
    @TearDown
    public void stop() throws InterruptedException {
      stopped = true;
      signal(++signaled, thread);
      thread.join();
    }

    /** Makes the first signal possible. */
    abstract void open();

    /** Makes the signal of a round possible, before the one of the round below is given. */
    abstract void prepare(long round);

    /** Gives the signal of a round. */
    abstract void signal(long round, Thread to);

    /** Waits for the signal of a round, on the waiting thread. */
    abstract void await(long round);

    static void check(boolean inTime) {
      if (!inTime) {
        throw new IllegalStateException("no wake-up in " + LIMIT);
      }
    }
  }

  /** A timeline with a point for each round. */
  @State(Scope.Thread)
  public static class Fences extends Waiter {
    private final SyncDomain domain = SyncDomain.create(1);
    private final Timeline line = domain.timeline("signals");

    @Override
    void open() {
      line.issue();
    }

    @Override
    void prepare(long round) {
      line.issue();
    }

    @Override
    void signal(long round, Thread to) {
      line.signal(round);
    }

    @Override
    void await(long round) {
      check(line.fence(round).await(LIMIT));
    }
  }

  /** Waits for a fence. */
  @Benchmark
  public void fence(Fences waiter) {
    waiter.wake();
  }

  /** A latch for each round. */
  @State(Scope.Thread)
  public static class Latches extends Waiter {
    private static final class Round {
      final CountDownLatch latch = new CountDownLatch(1);
      Round next;
    }

    private final Round first = new Round();
    private Round signaling = first;
    private Round waiting = first;

    @Override
    void open() {}

    @Override
    void prepare(long round) {
      signaling.next = new Round();
    }

    @Override
    void signal(long round, Thread to) {
      Round now = signaling;
      signaling = now.next;
      now.latch.countDown();
    }

    @Override
    void await(long round) {
      try {
        check(waiting.latch.await(LIMIT.toNanos(), TimeUnit.NANOSECONDS));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      waiting = waiting.next;
    }
  }

  /** Waits for a latch. */
  @Benchmark
  public void latch(Latches waiter) {
    waiter.wake();
  }

  /** A number that is raised before the thread is unparked. */
  @State(Scope.Thread)
  public static class Parking extends Waiter {
    private volatile long signal;

    @Override
    void open() {}

    @Override
    void prepare(long round) {}

    @Override
    void signal(long round, Thread to) {
      signal = round;
      LockSupport.unpark(to);
    }

    @Override
    void await(long round) {
      while (signal < round) {
        LockSupport.parkNanos(this, LIMIT.toNanos());
      }
    }
  }

  /** Parks and unparks, with nothing around it. */
  @Benchmark
  public void unpark(Parking waiter) {
    waiter.wake();
  }
}
