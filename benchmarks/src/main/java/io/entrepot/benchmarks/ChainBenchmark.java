package io.entrepot.benchmarks;

import io.entrepot.sync.FenceChain;
import io.entrepot.sync.SignalableFence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A chain each of whose links has a callback, until all of them have run: the fences of the links
 * are signaled from the oldest on, from the newest on, or in random order. A callback runs when its
 * link and all before it are signaled, so from the newest on they all run at the last signal.
 *
 * <p>Beside it futures that do the same: each is combined of the one before it and a future of its
 * own. Building either is not measured. And beside it fences with a callback each and no chain:
 * what the signals of the links' own fences take of it, and how that grows with the memory that is
 * gone through.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChainBenchmark {

  /** How many links there are. */
  @State(Scope.Thread)
  public static class Order {
    @Param({"1000", "4096", "16384", "100000"})
    int links;

    private int[] forward;
    private int[] reverse;
    private int[] random;

    /** Puts the links in order. */
    @Setup
    public void order() {
      List<Integer> order = IntStream.range(0, links).boxed().toList();
      forward = array(order);
      reverse = array(order.reversed());
      List<Integer> shuffled = new ArrayList<>(order);
      Collections.shuffle(shuffled, new Random(1));
      random = array(shuffled);
    }

    private static int[] array(List<Integer> order) {
      return order.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  /** A chain. */
  @State(Scope.Thread)
  public static class Chain {
    private SignalableFence[] own;
    private FenceChain[] links;
    private int ran;

    /** Makes the links, each waited for. */
    @Setup(Level.Invocation)
    public void build(Order order) {
      ran = 0;
      own = new SignalableFence[order.links];
      links = new FenceChain[order.links];
      Arrays.setAll(own, i -> SignalableFence.create("work"));
      for (int i = 0; i < own.length; i++) {
        links[i] =
            i == 0
                ? FenceChain.first("chain", 1, own[0].fence())
                : links[i - 1].then(i + 1, own[i].fence());
        links[i].onSignal(() -> ran++);
      }
    }

    private void signal(int[] order) {
      for (int i : order) {
        own[i].signal();
      }
      check(ran, order.length);
    }
  }

  /** Fences that know nothing of each other. */
  @State(Scope.Thread)
  public static class Unchained {
    private SignalableFence[] own;
    private int ran;

    /** Makes the fences, each waited for. */
    @Setup(Level.Invocation)
    public void build(Order order) {
      ran = 0;
      own = new SignalableFence[order.links];
      Arrays.setAll(own, i -> SignalableFence.create("work"));
      for (SignalableFence fence : own) {
        fence.fence().onSignal(() -> ran++);
      }
    }

    private void signal(int[] order) {
      for (int i : order) {
        own[i].signal();
      }
      check(ran, order.length);
    }
  }

  /** Futures. */
  @State(Scope.Thread)
  public static class Futures {
    private CompletableFuture<?>[] own;
    private CompletableFuture<?>[] links;
    private int ran;

    /** Makes the futures, each waited for. */
    @Setup(Level.Invocation)
    public void build(Order order) {
      ran = 0;
      own = new CompletableFuture<?>[order.links];
      links = new CompletableFuture<?>[order.links];
      Arrays.setAll(own, i -> new CompletableFuture<>());
      for (int i = 0; i < own.length; i++) {
        links[i] = i == 0 ? own[0] : links[i - 1].thenCombine(own[i], (before, now) -> null);
        links[i].whenComplete((result, failure) -> ran++);
      }
    }

    private void complete(int[] order) {
      for (int i : order) {
        own[i].complete(null);
      }
      check(ran, order.length);
    }
  }

  private static void check(int ran, int links) {
    if (ran != links) {
      throw new IllegalStateException(ran + " of " + links + " callbacks have run");
    }
  }

  /** Signals from the oldest on. */
  @Benchmark
  public void forward(Order order, Chain chain) {
    chain.signal(order.forward);
  }

  /** Signals from the newest on. */
  @Benchmark
  public void reverse(Order order, Chain chain) {
    chain.signal(order.reverse);
  }

  /** Signals in random order. */
  @Benchmark
  public void random(Order order, Chain chain) {
    chain.signal(order.random);
  }

  /** Signals fences without a chain in random order. */
  @Benchmark
  public void unchained(Order order, Unchained fences) {
    fences.signal(order.random);
  }

  /** Completes from the oldest on. */
  @Benchmark
  public void futuresForward(Order order, Futures futures) {
    futures.complete(order.forward);
  }

  /** Completes from the newest on. */
  @Benchmark
  public void futuresReverse(Order order, Futures futures) {
    futures.complete(order.reverse);
  }

  /** Completes in random order. */
  @Benchmark
  public void futuresRandom(Order order, Futures futures) {
    futures.complete(order.random);
  }
}
