package io.entrepot.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * One frame at a time that another process answers at once: how long it is without a frame that is
 * there. Beside it two processes that do nothing but spin on a word, and what they would use
 * otherwise.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProcessHandOverBenchmark {
  /** A frame of 64 bytes, from its publication to the sight of its handle. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void feeds(ProcessPingPong.Small frames) {
    frames.goAndComeBack();
  }

  /** As {@link #feeds}, of a mebibyte. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void feedsLarge(ProcessPingPong.Large frames) {
    frames.goAndComeBack();
  }

  /** A volatile word. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void words(ProcessPingPong.Words words) {
    words.goAndComeBack();
  }

  /** 64 bytes over a Unix domain socket. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void socket(ProcessPingPong.Socket socket) throws IOException {
    socket.goAndComeBack();
  }

  /** 64 bytes over a pipe. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void pipe(ProcessPingPong.Pipe pipe) throws IOException {
    pipe.goAndComeBack();
  }
}
