package io.entrepot.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * As {@link PingPongBenchmark}, with another process. Beside it two processes that do nothing but
 * spin on a word, or sleep until it changes, and what they would use otherwise.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProcessPingPongBenchmark {
  private static final int WAYS = 2;

  /** A frame of 64 bytes, from its publication to the sight of its handle. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void feed64B(ProcessFramePingPong.Of64B frames) {
    frames.goAndComeBack();
  }

  /** As {@link #feed64B}, without idle strategies. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void feedWithoutStrategy(ProcessFramePingPong.WithoutStrategy frames) {
    frames.goAndComeBack();
  }

  /** A volatile word. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void spin(ProcessPingPong.Words words) {
    words.goAndComeBack();
  }

  /** A volatile word that is slept for. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void futex(ProcessPingPong.Futexes words) {
    words.goAndComeBack();
  }

  /** A message of 64 bytes by Aeron IPC. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void aeron(AeronPingPong.Processes messages) {
    messages.goAndComeBack();
  }

  /** 64 bytes over a Unix domain socket. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void socket(ProcessPingPong.Socket socket) throws IOException {
    socket.goAndComeBack();
  }

  /** 64 bytes over a pipe. */
  @Benchmark
  @OperationsPerInvocation(WAYS)
  public void pipe(ProcessPingPong.Pipe pipe) throws IOException {
    pipe.goAndComeBack();
  }
}
