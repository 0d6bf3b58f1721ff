package io.entrepot.benchmarks;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
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
 * Row 5 as histograms: a hand-over and its answer, from when the first was due until the second is
 * seen. The scores that JMH tells of these benchmarks are the pace of the rounds.
 *
 * <p><b>No coordinated omission.</b> Rounds follow a schedule, one after {@value #LEAST_NS} to
 * {@value #MOST_NS} nanoseconds where both sides spin, and {@value #LEAST_ASLEEP_NS} to {@value
 * #MOST_ASLEEP_NS} where both sleep, which they do by then (drawn, so that no rhythm of a side's
 * own falls in with it). A round that is due while the one before is under way begins late and
 * counts from when it was due: one stop counts for all the rounds that it holds up, as it would for
 * frames of a camera. Back to back it would count once. A new schedule begins where the asking
 * thread was stopped between two rounds, for then nothing was under way.
 *
 * <p>One reading of the clock, and the distance of two, is in each value.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HandOverLatencyBenchmark {
  static final int LEAST_NS = 5_000;
  static final int MOST_NS = 15_000;

  /** Beyond what sides without a strategy spin for, and two wake-ups. */
  static final int LEAST_ASLEEP_NS = 200_000;

  static final int MOST_ASLEEP_NS = 400_000;

  /** A ping-pong by a schedule. */
  public abstract static class Rounds {
    private final PingPong pingPong;
    private final int leastNs;
    private final int mostNs;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Histogram latencies = HistogramFile.empty();
    private boolean recording;
    private long nextNs;

    private Rounds(PingPong pingPong, int leastNs, int mostNs) {
      this.pingPong = pingPong;
      this.leastNs = leastNs;
      this.mostNs = mostNs;
    }

    /** Starts the other side. */
    @Setup
    public void open() throws IOException, InterruptedException {
      pingPong.open();
    }

    /** Leaves out what is warm-up, and what lies between iterations. */
    @Setup(Level.Iteration)
    public void begin(IterationParams iteration) {
      recording = iteration.getType() == IterationType.MEASUREMENT;
      nextNs = System.nanoTime();
    }

    final void goAndComeBackInTime() throws IOException {
      long dueNs = awaitDue();
      pingPong.goAndComeBack();
      if (recording) {
        latencies.recordValue(System.nanoTime() - dueNs);
      }
      nextNs = dueNs + random.nextInt(leastNs, mostNs);
    }

    private long awaitDue() {
      long nowNs = System.nanoTime();
      if (nowNs - nextNs >= 0) {
        return nextNs;
      }
      while (nowNs - nextNs < 0) {
        Thread.onSpinWait();
        nowNs = System.nanoTime();
      }
      return nowNs;
    }

    /** Ends the other side, and tells what was measured. */
    @TearDown
    public void close() throws IOException, InterruptedException {
      pingPong.close();
      HistogramFile.ofThisTrial().write(latencies);
    }
  }

  /** Both sides spin. */
  private abstract static class Awake extends Rounds {
    Awake(PingPong pingPong) {
      super(pingPong, LEAST_NS, MOST_NS);
    }
  }

  /** Both sides sleep before they are asked, or answered. */
  private abstract static class Asleep extends Rounds {
    Asleep(PingPong pingPong) {
      super(pingPong, LEAST_ASLEEP_NS, MOST_ASLEEP_NS);
    }
  }

  /** Words between threads. */
  @State(Scope.Thread)
  public static class Spin extends Awake {
    /** A ping-pong of words. */
    public Spin() {
      super(new SpinPingPong());
    }
  }

  /** Frames between threads. */
  @State(Scope.Thread)
  public static class Frames extends Awake {
    /** A ping-pong of frames. */
    public Frames() {
      super(new FramePingPong.Of64B());
    }
  }

  /** Events between threads. */
  @State(Scope.Thread)
  public static class Events extends Awake {
    /** A ping-pong of events. */
    public Events() {
      super(new DisruptorPingPong());
    }
  }

  /** Words between processes. */
  @State(Scope.Thread)
  public static class ProcessSpin extends Awake {
    /** A ping-pong of words. */
    public ProcessSpin() {
      super(new ProcessPingPong.Words());
    }
  }

  /** Frames between processes. */
  @State(Scope.Thread)
  public static class ProcessFrames extends Awake {
    /** A ping-pong of frames. */
    public ProcessFrames() {
      super(new ProcessFramePingPong.Of64B());
    }
  }

  /** Messages of Aeron between processes. */
  @State(Scope.Thread)
  public static class ProcessMessages extends Awake {
    /** A ping-pong of messages. */
    public ProcessMessages() {
      super(new AeronPingPong.Processes());
    }
  }

  /** Words between threads that park. */
  @State(Scope.Thread)
  public static class Park extends Asleep {
    /** A ping-pong of words. */
    public Park() {
      super(new ParkPingPong());
    }
  }

  /** Frames between threads that park. */
  @State(Scope.Thread)
  public static class FramesAsleep extends Asleep {
    /** A ping-pong of frames. */
    public FramesAsleep() {
      super(new FramePingPong.WithoutStrategy());
    }
  }

  /** Words between processes that sleep. */
  @State(Scope.Thread)
  public static class ProcessFutex extends Asleep {
    /** A ping-pong of words. */
    public ProcessFutex() {
      super(new ProcessPingPong.Futexes());
    }
  }

  /** Frames between processes that sleep. */
  @State(Scope.Thread)
  public static class ProcessFramesAsleep extends Asleep {
    /** A ping-pong of frames. */
    public ProcessFramesAsleep() {
      super(new ProcessFramePingPong.WithoutStrategy());
    }
  }

  /** A volatile word between threads. */
  @Benchmark
  public void spin(Spin rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** A frame between threads. */
  @Benchmark
  public void feed(Frames rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** An event of a Disruptor between threads. */
  @Benchmark
  public void disruptor(Events rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** A volatile word between processes. */
  @Benchmark
  public void processSpin(ProcessSpin rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** A frame between processes. */
  @Benchmark
  public void processFeed(ProcessFrames rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** A message of Aeron IPC between processes. */
  @Benchmark
  public void processAeron(ProcessMessages rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** A word between threads that park. */
  @Benchmark
  public void park(Park rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** A frame between threads that park. */
  @Benchmark
  public void feedAsleep(FramesAsleep rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** A word between processes that sleep. */
  @Benchmark
  public void processFutex(ProcessFutex rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }

  /** A frame between processes that sleep. */
  @Benchmark
  public void processFeedAsleep(ProcessFramesAsleep rounds) throws IOException {
    rounds.goAndComeBackInTime();
  }
}
