package io.entrepot.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Frames from one writer to one reader in another process, as {@link HandOverBenchmark} between
 * threads.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProcessHandOverBenchmark {
  /** A frame of a feed. */
  @Benchmark
  public void feed(ProcessStream.Feed feed) {
    feed.write();
  }

  /** A message of 64 bytes by Aeron IPC. */
  @Benchmark
  public void aeron(ProcessStream.Messages messages) {
    messages.write();
  }
}
