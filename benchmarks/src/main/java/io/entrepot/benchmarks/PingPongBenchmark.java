package io.entrepot.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * One frame at a time that another thread answers at once, one way: how long a reader is without a
 * frame that is there. Beside it threads that do nothing but that, and peers.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PingPongBenchmark {
  private static final int WAYS = 2;

  /** A frame of 64 bytes, from its publication to the sight of its handle. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void feed64B(FramePingPong.Of64B frames) {
    frames.goAndComeBack();
  }

  /** As {@link #feed64B}, without idle strategies. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void feedWithoutStrategy(FramePingPong.WithoutStrategy frames) {
    frames.goAndComeBack();
  }

  /** What it takes that a thread sees what another one has written, and nothing else. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void spin(SpinPingPong words) {
    words.goAndComeBack();
  }

  /** What it takes to wake a thread that sees it then. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void park(ParkPingPong words) {
    words.goAndComeBack();
  }

  /** An event of a Disruptor. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void disruptor(DisruptorPingPong events) {
    events.goAndComeBack();
  }

  /** A message of 64 bytes by Aeron IPC. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void aeron(AeronPingPong.Threads messages) {
    messages.goAndComeBack();
  }
}
