package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.Fences;
import io.entrepot.sync.Timeline;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C4, C11: containers are watched for as long as somebody waits, whoever else is stopped. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WatchedContainersTest {
  private static final Duration SOON = Duration.ofNanos(1);
  private static final Duration LONG = Duration.ofSeconds(60);

  /** More than what is removed and was not swept yet, and far less than the number of rounds. */
  private static final int A_FEW = 100;

  private static final int ROUNDS = 8_000;

  private final OneShotFence never = new OneShotFence("never", null);
  private final OneShotFence own = new OneShotFence("own", null);

  /** Fences refer to them weakly. */
  private final List<FenceIssuer> issuers = new ArrayList<>();

  /** What waits for a fence. */
  enum Container {
    ARRAY(fence -> FenceArray.of("array", List.of(fence))),
    CHAIN(fence -> FenceChain.first("chain", 1, fence)),
    CHAIN_OF_TWO(fence -> FenceChain.first("chain", 1, fence).then(2, fence)),
    CHAIN_WITH_ARRAY(
        fence -> FenceChain.first("chain", 1, FenceArray.of("array", List.of(fence, fence))));

    private final Function<Fence, Fence> make;

    Container(Function<Fence, Fence> make) {
      this.make = make;
    }
  }

  /** How a wait ends without a signal. */
  enum GivingUp {
    TIME_OUT(fence -> assertFalse(fence.await(SOON))),
    TIME_OUT_IDLING(fence -> assertFalse(fence.await(SOON, new BusySpinIdleStrategy()))),
    INTERRUPT(fence -> {
      Thread.currentThread().interrupt();
      assertFalse(fence.await(LONG));
      assertTrue(Thread.interrupted());
    }),
    REMOVED_CALLBACKS(fence -> {
      Fence.Callback one = fence.onSignal(() -> {});
      Fence.Callback other = fence.onSignal(() -> {});
      assertTrue(one.remove());
      assertFalse(one.remove());
      assertTrue(other.remove());
    }),
    ANY(fence -> assertEquals(-1, Fences.awaitAny(SOON, fence, fence))),
    ANY_IDLING(fence -> assertEquals(-1, Fences.awaitAny(SOON, idle(), fence, fence))),
    ALL(fence -> assertFalse(Fences.awaitAll(SOON, fence, fence))),
    ALL_IDLING(fence -> assertFalse(Fences.awaitAll(SOON, idle(), fence, fence)));

    private final Consumer<Fence> wait;

    GivingUp(Consumer<Fence> wait) {
      this.wait = wait;
    }

    private static IdleStrategy idle() {
      return new BusySpinIdleStrategy();
    }
  }

  // ---------------------------------------------------------------- what is left behind

  @ParameterizedTest
  @EnumSource
  void whoGivesUpLeavesNothingInAFenceThatIsNeverSignaled(GivingUp how) {
    for (Container container : Container.values()) {
      for (int round = 0; round < ROUNDS / 4; round++) {
        how.wait.accept(container.make.apply(never));
        assertTrue(never.kept() < A_FEW, container + " kept " + never.kept());
      }
    }
  }

  @Test
  void linksBehindALinkThatIsNeverSignaledAreLeftNowhere() {
    ChainLink old = ChainLink.first("chain", 1, never);
    for (int round = 0; round < ROUNDS; round++) {
      assertFalse(old.then(2, own).await(SOON));
      assertTrue(never.kept() < A_FEW && own.kept() < A_FEW && old.kept() < A_FEW);
    }
  }

  @Test
  void containersThatWereWaitedForInVainAreCollected() {
    TimelineTable domain = TimelineTable.offHeap(1);
    Timeline timeline = domain.timeline("gpu");
    Fence point = timeline.next();
    List<WeakReference<Fence>> waited = new ArrayList<>();
    for (int round = 0; round < 1_000; round++) {
      Fence array = FenceArray.of("array", List.of(point, never));
      assertFalse(array.await(SOON));
      waited.add(new WeakReference<>(array));
    }
    long deadlineNs = System.nanoTime() + LONG.toNanos();
    while (waited.stream().anyMatch(array -> array.get() != null)) {
      System.gc();
      assertTrue(System.nanoTime() < deadlineNs, "still there");
    }
    assertFalse(point.isSignaled());
    timeline.close();
  }

  @Test
  void aHandleThatIsKeptDoesNotKeepTheChain() {
    int links = 1_000;
    ChainLink newest = null;
    List<OneShotFence> fences = new ArrayList<>();
    List<WeakReference<ChainLink>> made = new ArrayList<>();
    for (int i = 1; i <= links; i++) {
      OneShotFence fence = new OneShotFence("work", null);
      fences.add(fence);
      newest = newest == null ? ChainLink.first("chain", i, fence) : newest.then(i, fence);
      made.add(new WeakReference<>(newest));
    }
    Fence.Callback handle = newest.onSignal(() -> {});
    fences.forEach(fence -> fence.signal(null));
    assertTrue(newest.isSignaled());
    assertFalse(handle.remove());
    long deadlineNs = System.nanoTime() + LONG.toNanos();
    while (made.getFirst().get() != null) {
      System.gc();
      assertTrue(System.nanoTime() < deadlineNs, "still there");
    }
    assertFalse(handle.remove());
  }

  @ParameterizedTest
  @EnumSource
  void whoComesAfterTheLastHasGivenUpIsTold(Container container) {
    Fence fence = container.make.apply(own);
    AtomicInteger ran = new AtomicInteger();
    for (GivingUp how : GivingUp.values()) {
      how.wait.accept(fence);
      assertNotNull(fence.onSignal(ran::incrementAndGet));
      how.wait.accept(fence);
    }
    own.signal(null);
    assertEquals(GivingUp.values().length, ran.get());
    assertTrue(fence.await(Duration.ZERO));
  }

  @Test
  void aHundredThousandLinksAreLetGo() {
    ChainLink newest = ChainLink.first("chain", 1, never);
    for (int i = 2; i <= 100_000; i++) {
      newest = newest.then(i, own);
    }
    Fence.Callback callback = newest.onSignal(() -> {});
    assertTrue(callback.remove());
    assertTrue(never.kept() < A_FEW && own.kept() < 100_000 / 10, "kept " + own.kept());
  }

  // ---------------------------------------------------------------- threads that are stopped

  /**
   * A thread adds the callbacks of a container, and is stopped half way in its issuer's code.
   * Others add what is missing, so they depend on nothing that the thread has yet to do.
   */
  @ParameterizedTest
  @EnumSource
  void aThreadThatIsStoppedWhileItArmsKeepsNobodyElse(Stopped where) throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    OneShotFence stopping = new OneShotFence("stopping", stoppedIn(inside, goOn));
    Fence container = where.make.apply(stopping, own);
    AtomicInteger ran = new AtomicInteger();
    CompletableFuture<Fence.Callback> stopped =
        start(() -> container.onSignal(ran::incrementAndGet));
    inside.await();
    assertNotNull(container.onSignal(ran::incrementAndGet));
    own.signal(null);
    assertEquals(0, ran.get());
    stopping.signal(null);
    assertEquals(1, ran.get(), "at once, on the signaling thread");
    assertFalse(stopped.isDone(), "it stands where it stood");
    goOn.countDown();
    assertEquals(null, stopped.join(), "signaled by then");
    assertEquals(1, ran.get());
  }

  /** By itself, for a thread that waits looks by itself, and may be the one that runs callbacks. */
  @ParameterizedTest
  @EnumSource
  void aThreadThatIsStoppedWhileItArmsKeepsNobodyWaiting(Stopped where) throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    OneShotFence stopping = new OneShotFence("stopping", stoppedIn(inside, goOn));
    Fence container = where.make.apply(stopping, own);
    CompletableFuture<Fence.Callback> stopped = start(() -> container.onSignal(() -> {}));
    inside.await();
    CompletableFuture<Boolean> waiting = start(() -> container.await(LONG));
    own.signal(null);
    stopping.signal(null);
    assertTrue(waiting.join());
    assertFalse(stopped.isDone(), "it stands where it stood");
    goOn.countDown();
    assertEquals(null, stopped.join(), "signaled by then");
  }

  /** Where a thread stops, by the order in which callbacks are added. */
  enum Stopped {
    FIRST_OF_ARRAY((stopping, own) -> FenceArray.of("array", List.of(stopping, own))),
    LAST_OF_ARRAY((stopping, own) -> FenceArray.of("array", List.of(own, stopping))),
    OLDEST_OF_CHAIN(
        (stopping, own) -> FenceChain.first("c", 1, stopping).then(2, own).then(3, own)),
    MIDDLE_OF_CHAIN(
        (stopping, own) -> FenceChain.first("c", 1, own).then(2, stopping).then(3, own)),
    NEWEST_OF_CHAIN(
        (stopping, own) -> FenceChain.first("c", 1, own).then(2, own).then(3, stopping)),
    ARRAY_IN_CHAIN((stopping, own) ->
        FenceChain.first("c", 1, FenceArray.of("array", List.of(stopping, own))).then(2, own));

    private final BinaryOperator<Fence> make;

    Stopped(BinaryOperator<Fence> make) {
      this.make = make;
    }
  }

  private static <T> CompletableFuture<T> start(Supplier<T> work) {
    return CompletableFuture.supplyAsync(
        work, action -> Thread.ofPlatform().daemon().start(action));
  }

  private FenceIssuer stoppedIn(CountDownLatch inside, CountDownLatch goOn) {
    FenceIssuer issuer =
        new FenceIssuer() {
          @Override
          public void enableSignaling(long point) {
            inside.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    issuers.add(issuer);
    return issuer;
  }
}
