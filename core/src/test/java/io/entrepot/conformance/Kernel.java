package io.entrepot.conformance;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.SignalableFence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** What several of these tests need. */
final class Kernel {
  /** No sound run comes near it. */
  static final Duration LONG = Duration.ofSeconds(60);

  private Kernel() {}

  /** Runs on a thread of its own. */
  static <T> CompletableFuture<T> start(Callable<T> work) {
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return work.call();
              } catch (Exception e) {
                throw new CompletionException(e);
              }
            },
            task -> Thread.ofPlatform().daemon().start(task))
        .orTimeout(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  /** In which order fences are signaled. */
  enum Order {
    FORWARD,
    BACKWARD,
    RANDOM;

    List<Integer> of(int count) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        order.add(i);
      }
      if (this == BACKWARD) {
        Collections.reverse(order);
      } else if (this == RANDOM) {
        Collections.shuffle(order, new Random(count));
      }
      return order;
    }
  }

  /** Fences of their own, and a chain of them. */
  record Chain(List<SignalableFence> fences, List<FenceChain> links) {

    /** Links with the points {@code first}, {@code first + step} and so on. */
    static Chain of(int count, long first, long step) {
      Chain chain = new Chain(new ArrayList<>(), new ArrayList<>());
      for (int i = 0; i < count; i++) {
        SignalableFence own = SignalableFence.create("fence " + i);
        long point = first + i * step;
        chain.fences.add(own);
        chain.links.add(
            i == 0
                ? FenceChain.first("chain", point, own.fence())
                : chain.links.getLast().then(point, own.fence()));
      }
      return chain;
    }

    static Chain of(int count) {
      return of(count, 1, 1);
    }

    FenceChain tail() {
      return links.getLast();
    }

    boolean signal(int index) {
      return fences.get(index).signal();
    }

    boolean isSignaled(int index) {
      return links.get(index).isSignaled();
    }

    Fence fence(int index) {
      return fences.get(index).fence();
    }
  }
}
