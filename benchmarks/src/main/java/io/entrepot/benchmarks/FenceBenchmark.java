package io.entrepot.benchmarks;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Row 4 without the wake-up: the life of a fence that nobody waits for, and the question whether 16
 * pieces of work are done.
 *
 * <p>The buffers of Entrepot hold 8 fences each, so 16 lie on two. A composed future hangs itself
 * on those that are not done, so these are thrown away every {@value #ROUNDS} rounds.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FenceBenchmark {
  private static final int FENCES = 16;
  private static final int ROUNDS = 64;

  // ---------------------------------------------------------------- add + signal

  /** A timeline, and the reservation of one buffer. */
  @State(Scope.Thread)
  public static class Line {
    Timeline timeline;
    Reservation reservation;
    long ran;
    final Runnable callback = () -> ran++;
    private BufferPool pool;
    private SharedBuffer buffer;

    /** Acquires a buffer. */
    @Setup
    public void open() {
      pool = BufferPool.offHeap("benchmark", 64, 1);
      buffer = pool.tryAcquire(64);
      reservation = buffer.reservation();
      timeline = pool.sync().timeline("benchmark");
    }

    /** Gives everything back. */
    @TearDown
    public void close() {
      timeline.close();
      buffer.close();
      pool.close();
    }
  }

  /** Issues a point, adds it to the buffer's reservation, signals it. */
  @Benchmark
  public boolean signalPoint(Line own) {
    long point = own.timeline.issue();
    own.reservation.add(own.timeline, point, Usage.READ);
    return own.timeline.signal(point);
  }

  /** Issues a point and signals it: what a latch can do. */
  @Benchmark
  public boolean signalPointAlone(Line own) {
    return own.timeline.signal(own.timeline.issue());
  }

  /** Makes a fence as an object with a callback, and signals it. */
  @Benchmark
  public boolean signalFence(Line own, Blackhole hole) {
    Fence fence = own.timeline.next();
    hole.consume(fence.onSignal(own.callback));
    return own.timeline.signal(fence.point());
  }

  /** Counts callbacks. */
  @State(Scope.Thread)
  public static class Ran {
    long count;
  }

  /** Makes a future with a callback, and completes it. */
  @Benchmark
  public boolean signalFuture(Ran ran, Blackhole hole) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    hole.consume(future.whenComplete((result, failure) -> ran.count++));
    return future.complete(null);
  }

  /** Makes a latch and counts it down; it takes no callback. */
  @Benchmark
  public void signalLatch(Blackhole hole) {
    CountDownLatch latch = new CountDownLatch(1);
    hole.consume(latch);
    latch.countDown();
  }

  // ---------------------------------------------------------------- test of 16

  /** Two buffers with 8 fences each. */
  @State(Scope.Thread)
  public static class Fences {
    Reservation first;
    Reservation second;
    private BufferPool pool;
    private SharedBuffer[] buffers;
    private Timeline[] lines;

    /** Adds a pending fence of its own timeline for each of the 16. */
    @Setup
    public void open() {
      pool = BufferPool.offHeap("benchmark", 64, 2);
      buffers = new SharedBuffer[] {pool.tryAcquire(64), pool.tryAcquire(64)};
      first = buffers[0].reservation();
      second = buffers[1].reservation();
      lines = new Timeline[FENCES];
      for (int i = 0; i < FENCES; i++) {
        lines[i] = pool.sync().timeline("work " + i);
        (i < FENCES / 2 ? first : second).add(lines[i].next(), Usage.READ);
      }
      for (int i = 0; i < signaled(); i++) {
        lines[i].signal(1);
      }
    }

    int signaled() {
      return 0;
    }

    boolean areDone() {
      return first.isSignaled(Usage.BOOKKEEP) && second.isSignaled(Usage.BOOKKEEP);
    }

    /** Signals and gives everything back. */
    @TearDown
    public void close() {
      for (Timeline line : lines) {
        line.signal(line.issued());
        line.close();
      }
      Arrays.stream(buffers).forEach(SharedBuffer::close);
      pool.close();
    }
  }

  /** The same with the last fence alone pending, so that all 16 must be looked at. */
  @State(Scope.Thread)
  public static class OnePending extends Fences {
    @Override
    int signaled() {
      return FENCES - 1;
    }
  }

  /** Tests 16 pending fences: the first one answers. */
  @Benchmark
  public boolean testFences(Fences own) {
    return own.areDone();
  }

  /** Tests 16 fences of which the last is pending. */
  @Benchmark
  public boolean testFencesLastPending(OnePending own) {
    return own.areDone();
  }

  /** Sixteen fences as objects, all pending, and an array of them. */
  @State(Scope.Thread)
  public static class Pending {
    private final SyncDomain domain = SyncDomain.create(FENCES);
    private final List<Timeline> lines =
        IntStream.range(0, FENCES).mapToObj(i -> domain.timeline("work " + i)).toList();
    final List<Fence> fences = lines.stream().map(Timeline::next).toList();
    final FenceArray all = FenceArray.of("all", fences);

    /** Signals what is pending. */
    @TearDown
    public void close() {
      lines.forEach(Timeline::close);
    }
  }

  /** Composes 16 pending fences, and tests the composed one. */
  @Benchmark
  public boolean testArrayComposed(Pending own) {
    return FenceArray.of("all", own.fences).isSignaled();
  }

  /** Tests the array that was composed of 16 before. */
  @Benchmark
  public boolean testArrayComposedBefore(Pending own) {
    return own.all.isSignaled();
  }

  /** Sixteen futures that are not done. */
  @State(Scope.Thread)
  public static class Futures {
    CompletableFuture<?>[] pending;
    CompletableFuture<Void> all;
    private int rounds;

    /** Makes the futures. */
    @Setup
    public void open() {
      renew();
      all = CompletableFuture.allOf(pending);
    }

    private void renew() {
      pending = new CompletableFuture<?>[FENCES];
      Arrays.setAll(pending, i -> new CompletableFuture<Void>());
    }

    CompletableFuture<?>[] pending() {
      if (++rounds % ROUNDS == 0) {
        renew();
      }
      return pending;
    }
  }

  /** Composes 16 futures that are not done, and tests the composed one. */
  @Benchmark
  public boolean testFuturesComposed(Futures own) {
    return CompletableFuture.allOf(own.pending()).isDone();
  }

  /** Tests the future that was composed of 16 before. */
  @Benchmark
  public boolean testFutureComposedBefore(Futures own) {
    return own.all.isDone();
  }

  /** Tests 16 futures one by one, the last of which is not done. */
  @Benchmark
  public boolean testFuturesLoopLastPending(DoneFutures own) {
    for (CompletableFuture<?> future : own.futures) {
      if (!future.isDone()) {
        return false;
      }
    }
    return true;
  }

  /** Fifteen futures that are done, and one that is not. */
  @State(Scope.Thread)
  public static class DoneFutures {
    final CompletableFuture<?>[] futures = new CompletableFuture<?>[FENCES];

    /** Makes the futures. */
    @Setup
    public void open() {
      Arrays.setAll(futures, i -> new CompletableFuture<Void>());
      for (int i = 0; i < FENCES - 1; i++) {
        futures[i].complete(null);
      }
    }
  }
}
