package io.entrepot.benchmarks;

import java.util.concurrent.TimeUnit;
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
  /** From the state that tells of parking to the kernel: longer than that takes. */
  private static final long SETTLE_NS = TimeUnit.MICROSECONDS.toNanos(20);

  /** A thread that waits for one signal after the other. */
  public abstract static class Waiter {
    private final WakeUpSignals signals;
    private volatile long woken;
    private volatile boolean stopped;
    private long signaled;
    private Thread thread;

    private Waiter(WakeUpSignals signals) {
      this.signals = signals;
    }

    /** Starts the thread. */
    @Setup
    public void start() {
      thread = Thread.ofPlatform().daemon().name("waiter").start(this::waitAgainAndAgain);
    }

    private void waitAgainAndAgain() {
      for (long round = 1; !stopped; round++) {
        signals.await(round);
        woken = round;
      }
    }

    /** Makes the next signal possible, and waits until the thread is parked for it. */
    @Setup(Level.Invocation)
    public void awaitParked() {
      signals.prepare(signaled + 2);
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
      signals.give(round, thread);
      while (woken < round) {
        Thread.onSpinWait();
      }
    }

    /** Signals once more, after which the thread ends. */
    @TearDown
    public void stop() throws InterruptedException {
      stopped = true;
      signals.give(++signaled, thread);
      thread.join();
    }
  }

  /** Waits for points of a timeline. */
  @State(Scope.Thread)
  public static class Fences extends Waiter {
    /** A waiter with a timeline. */
    public Fences() {
      super(WakeUpSignals.Points.parking());
    }
  }

  /** Waits for a fence. */
  @Benchmark
  public void fence(Fences waiter) {
    waiter.wake();
  }

  /** Waits for latches. */
  @State(Scope.Thread)
  public static class Latches extends Waiter {
    /** A waiter with its first latch. */
    public Latches() {
      super(new WakeUpSignals.Latches());
    }
  }

  /** Waits for a latch. */
  @Benchmark
  public void latch(Latches waiter) {
    waiter.wake();
  }

  /** Waits for a number. */
  @State(Scope.Thread)
  public static class Parking extends Waiter {
    /** A waiter with its number. */
    public Parking() {
      super(new WakeUpSignals.Parking());
    }
  }

  /** Parks and unparks, with nothing around it. */
  @Benchmark
  public void unpark(Parking waiter) {
    waiter.wake();
  }
}
