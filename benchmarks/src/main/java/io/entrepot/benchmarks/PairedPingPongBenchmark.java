package io.entrepot.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Row 5 as ratios: frames in turns with bare words, and with the smallest frames, in one JVM; see
 * {@link PairedPingPong}. The scores that JMH tells of these benchmarks are whole turns; how long
 * each of the two took goes to the suite.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PairedPingPongBenchmark {
  private static final long SMALLEST_BYTES = 64;

  /** Two between threads. */
  private abstract static class BetweenThreads extends PairedPingPong<Supplier<Answering>> {
    @Override
    Pairable<Supplier<Answering>> other(long bytes) {
      return new FramePingPong(bytes, true);
    }

    @Override
    OtherSide start(Supplier<Answering> first, Supplier<Answering> other, int roundTrips)
        throws InterruptedException {
      return AnsweringThread.startInTurns(first, other, roundTrips);
    }
  }

  /** Two between processes. */
  private abstract static class BetweenProcesses extends PairedPingPong<List<String>> {
    @Override
    Pairable<List<String>> other(long bytes) {
      return new ProcessFramePingPong(bytes, true);
    }

    @Override
    OtherSide start(List<String> first, List<String> other, int roundTrips) throws IOException {
      List<String> head = List.of(AnsweringProcess.IN_TURNS, Integer.toString(roundTrips));
      return OtherProcess.startReady(Stream.of(head, first, other).flatMap(List::stream).toList());
    }
  }

  /** Words and frames between threads. */
  @State(Scope.Thread)
  public static class Threads extends BetweenThreads {
    @Override
    Pairable<Supplier<Answering>> first() {
      return new SpinPingPong();
    }
  }

  /** The smallest frames and others between threads. */
  @State(Scope.Thread)
  public static class ThreadSizes extends BetweenThreads {
    @Override
    Pairable<Supplier<Answering>> first() {
      return other(SMALLEST_BYTES);
    }
  }

  /** Words and frames between processes. */
  @State(Scope.Thread)
  public static class Processes extends BetweenProcesses {
    @Override
    Pairable<List<String>> first() {
      return new ProcessPingPong.Words();
    }
  }

  /** The smallest frames and others between processes. */
  @State(Scope.Thread)
  public static class ProcessSizes extends BetweenProcesses {
    @Override
    Pairable<List<String>> first() {
      return other(SMALLEST_BYTES);
    }
  }

  /** Frames in turns with words. */
  @Benchmark
  public void threads(Threads both) throws IOException {
    both.play();
  }

  /** Frames in turns with those of 64 bytes. */
  @Benchmark
  public void threadSizes(ThreadSizes both) throws IOException {
    both.play();
  }

  /** As {@link #threads}, with another process. */
  @Benchmark
  public void processes(Processes both) throws IOException {
    both.play();
  }

  /** As {@link #threadSizes}, with another process. */
  @Benchmark
  public void processSizes(ProcessSizes both) throws IOException {
    both.play();
  }
}
