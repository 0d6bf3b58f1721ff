package io.entrepot.benchmarks;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * Row 4, wake-up as a histogram: from just before the signal until the waiting thread has returned
 * from its wait. The scores that JMH tells of these benchmarks are the pace of the signals.
 *
 * <p><b>No coordinated omission.</b> Signals follow a schedule of their own, one after {@value
 * #LEAST_US} to {@value #MOST_US} microseconds (drawn, so that no waiter's own rhythm falls in with
 * it), and never wait for the waiter: while it is late they go on, and each of them counts with all
 * the time until the waiter has got to it. A new schedule begins where the signaling thread itself
 * was stopped past a signal's time, for then there was no signal.
 *
 * <p>Both ends read {@link System#nanoTime()}; about one reading of it is in each value.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WakeUpLatencyBenchmark {
  static final int LEAST_US = 50;
  static final int MOST_US = 150;

  /** A thread that waits for one signal after the other, and when it got each. */
  public abstract static class Waiter {
    private static final int MOST_BEHIND = 1 << 16;

    private final WakeUpSignals signals;
    private final SplittableRandom random = new SplittableRandom(1);
    private final long[] signaledNs = new long[MOST_BEHIND];
    private final Histogram latencies = HistogramFile.empty();
    private volatile boolean recording;
    private volatile long last = Long.MAX_VALUE;
    private volatile long waited;
    private long signaled;
    private long nextNs = System.nanoTime();
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
      for (long round = 1; round <= last; round++) {
        signals.await(round);
        long latencyNs = System.nanoTime() - signaledNs[at(round)];
        if (recording) {
          latencies.recordValue(latencyNs);
        }
        waited = round;
      }
    }

    private static int at(long round) {
      return (int) (round & (MOST_BEHIND - 1));
    }

    /** Leaves out what is warm-up. */
    @Setup(Level.Iteration)
    public void begin(IterationParams iteration) {
      recording = iteration.getType() == IterationType.MEASUREMENT;
    }

    final void signalInTime() {
      signals.prepare(signaled + 2);
      if (signaled - waited >= MOST_BEHIND - 1) {
        throw new IllegalStateException(
            "the waiter got " + waited + " of " + signaled + " signals; is it alive?");
      }
      long intervalNs =
          random.nextLong(
              TimeUnit.MICROSECONDS.toNanos(LEAST_US), TimeUnit.MICROSECONDS.toNanos(MOST_US));
      nextNs += intervalNs;
      long nowNs = System.nanoTime();
      if (nowNs - nextNs >= 0) {
        nextNs = nowNs + intervalNs;
      }
      while (nowNs - nextNs < 0) {
        Thread.onSpinWait();
        nowNs = System.nanoTime();
      }
      signal(nowNs);
    }

    private void signal(long nowNs) {
      long round = ++signaled;
      signaledNs[at(round)] = nowNs;
      signals.give(round, thread);
    }

    /** Signals once more, after which the thread ends, and tells what it measured. */
    @TearDown
    public void stop() throws InterruptedException, IOException {
      last = signaled + 1;
      signal(System.nanoTime());
      thread.join();
      if (waited != signaled) {
        throw new IllegalStateException("the waiter got " + waited + " of " + signaled);
      }
      HistogramFile.ofThisTrial().write(latencies);
    }
  }

  /** Waits for points of a timeline as fences do by themselves. */
  @State(Scope.Thread)
  public static class FenceParking extends Waiter {
    /** A waiter with a timeline. */
    public FenceParking() {
      super(WakeUpSignals.Points.parking());
    }
  }

  /** Waits for points of a timeline, spinning. */
  @State(Scope.Thread)
  public static class FenceSpinning extends Waiter {
    /** A waiter with a timeline. */
    public FenceSpinning() {
      super(WakeUpSignals.Points.idling(BusySpinIdleStrategy.INSTANCE));
    }
  }

  /** Waits for points of a timeline, spinning, then yielding, then parking. */
  @State(Scope.Thread)
  public static class FenceBackingOff extends Waiter {
    /** A waiter with a timeline. */
    public FenceBackingOff() {
      super(WakeUpSignals.Points.idling(new BackoffIdleStrategy()));
    }
  }

  /** Waits for latches. */
  @State(Scope.Thread)
  public static class Latches extends Waiter {
    /** A waiter with its first latch. */
    public Latches() {
      super(new WakeUpSignals.Latches());
    }
  }

  /** Waits for a number, parked. */
  @State(Scope.Thread)
  public static class Parking extends Waiter {
    /** A waiter with its number. */
    public Parking() {
      super(new WakeUpSignals.Parking());
    }
  }

  /** Waits for a number, spinning. */
  @State(Scope.Thread)
  public static class Spinning extends Waiter {
    /** A waiter with its number. */
    public Spinning() {
      super(new WakeUpSignals.Spinning());
    }
  }

  /** Waits for a fence, which parks. */
  @Benchmark
  public void fence(FenceParking waiter) {
    waiter.signalInTime();
  }

  /** Waits for a fence by a strategy that spins. */
  @Benchmark
  public void fenceSpinning(FenceSpinning waiter) {
    waiter.signalInTime();
  }

  /** Waits for a fence by a strategy that parks for a growing time. */
  @Benchmark
  public void fenceBackingOff(FenceBackingOff waiter) {
    waiter.signalInTime();
  }

  /** Waits for a latch. */
  @Benchmark
  public void latch(Latches waiter) {
    waiter.signalInTime();
  }

  /** Parks and unparks, with nothing around it. */
  @Benchmark
  public void unpark(Parking waiter) {
    waiter.signalInTime();
  }

  /** Reads a volatile field until it changes. */
  @Benchmark
  public void spinning(Spinning waiter) {
    waiter.signalInTime();
  }
}
