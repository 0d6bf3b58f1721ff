package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C4: fences as an importer has them, that the process of the pool issues and signals. */
@InBothForms
class C4AwaitedFencesTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final FenceError DISK = FenceError.failed("disk");
  private static final FenceError NET = FenceError.cancelled("net");

  @Parameter Form form;
  private Place place;

  /** Of the pool's process. */
  private Timeline timeline;

  /** The importer's own, of no timeline. */
  private SignalableFence own;

  @BeforeEach
  void open() {
    place = form.place(64, 1);
    timeline = place.pool().sync().timeline("t");
    own = SignalableFence.create("own");
  }

  @AfterEach
  void closeAll() {
    timeline.signal(timeline.next().point());
    timeline.close();
    place.close();
    place.pool().close();
  }

  /** The next point of the timeline, as an importer has it. */
  private Fence next() {
    return place.reach(timeline.next());
  }

  private static Optional<FenceError.Kind> ended(Fence fence) {
    assertTrue(fence.await(LONG), fence::toString);
    return fence.error().map(FenceError::kind);
  }

  // ---------------------------------------------------------------- order and errors

  @Test
  void fencesOfOneTimelineSignalInOrder() {
    List<Fence> fences = List.of(next(), next(), next(), next(), next());
    timeline.signal(3);
    for (Fence fence : fences.subList(0, 3)) {
      assertEquals(Optional.empty(), ended(fence));
    }
    for (Fence fence : fences.subList(3, 5)) {
      assertFalse(fence.isSignaled());
    }
    timeline.signal(5);
    assertTrue(Fences.awaitAll(LONG, fences.toArray(Fence[]::new)));
  }

  @Test
  void anErrorBelongsToThePointsThatItsSignalSignaled() {
    Fence[] fences = {next(), next(), next(), next()};
    timeline.signal(1);
    timeline.signal(3, DISK);
    timeline.signal(4);
    List<Optional<FenceError.Kind>> told =
        Arrays.stream(fences).map(C4AwaitedFencesTest::ended).toList();
    Optional<FenceError.Kind> failed = Optional.of(FenceError.Kind.FAILED);
    assertEquals(List.of(Optional.empty(), failed, failed, Optional.empty()), told);
  }

  @Test
  void aTimelineThatIsClosedSignalsWhatIsPendingWithAnError() {
    Fence done = next();
    Fence pending = next();
    timeline.signal(1);
    var waiter = Elsewhere.start(() -> pending.await(LONG)).awaitWaiting();
    timeline.close();
    assertTrue(waiter.result());
    assertEquals(Optional.empty(), ended(done));
    assertEquals(Optional.of(FenceError.Kind.ISSUER_CLOSED), ended(pending));
    place.pool().sync().settle("t");
    timeline = place.pool().sync().timeline("again");
  }

  @Test
  void aTimelineThatIsLostSignalsWhatIsPendingWithAnError() {
    Fence pending = place.reach(place.pool().sync().timeline("lost").next());
    Elsewhere.await(
        "the lost timeline is signaled",
        () -> {
          System.gc();
          return pending.await(Duration.ofMillis(10));
        });
    FenceError error = pending.error().orElseThrow();
    assertEquals(FenceError.Kind.ISSUER_LOST, error.kind());
    assertTrue(form == Form.FAR || error.message().contains("'lost'"), error.message());
    place.pool().sync().settle("lost");
  }

  // ---------------------------------------------------------------- callbacks

  @Test
  void aCallbackRunsOnce() {
    AtomicInteger runs = new AtomicInteger();
    Fence fence = next();
    Fence.Callback callback = fence.onSignal(runs::incrementAndGet);
    timeline.signal(1);
    Elsewhere.await("it runs", () -> runs.get() == 1);
    assertFalse(callback.remove(), "it ran");
    timeline.signal(1);
    assertEquals(1, runs.get());
  }

  @Test
  void aRemovedCallbackNeverRuns() {
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger later = new AtomicInteger();
    Fence fence = next();
    Fence.Callback callback = fence.onSignal(runs::incrementAndGet);
    assertNotNull(fence.onSignal(later::incrementAndGet));
    assertTrue(callback.remove());
    assertFalse(callback.remove());
    timeline.signal(1);
    Elsewhere.await("the other runs", () -> later.get() == 1);
    assertEquals(0, runs.get());
  }

  @Test
  void aCallbackAddedAfterTheSignalRunsNothingAndSaysSo() {
    Fence fence = next();
    timeline.signal(1);
    assertTrue(fence.await(LONG));
    AtomicInteger runs = new AtomicInteger();
    assertNull(fence.onSignal(runs::incrementAndGet));
    assertEquals(0, runs.get());
  }

  // ---------------------------------------------------------------- waiting

  @Test
  void aWaiterWakesWithTheSignalAndSeesWhatWasDoneBefore() {
    for (int round = 1; round <= 50; round++) {
      Fence fence = next();
      int[] plain = new int[1];
      var waiter =
          Elsewhere.start(() -> {
            assertTrue(fence.await(LONG));
            return plain[0];
          });
      waiter.awaitWaiting();
      plain[0] = round;
      timeline.signal(round);
      assertEquals(round, waiter.result());
    }
  }

  @Test
  void aWaitEndsAtItsDeadlineOrAtAnInterrupt() {
    Fence fence = next();
    assertFalse(fence.await(Duration.ZERO));
    assertFalse(fence.await(Duration.ofMillis(1)));
    assertFalse(fence.await(Duration.ofSeconds(-1)));
    Elsewhere.run(() -> {
      Thread.currentThread().interrupt();
      assertFalse(fence.await(LONG));
      assertTrue(Thread.interrupted(), "the interrupt stays set");
    });
    timeline.signal(1);
    assertTrue(fence.await(LONG));
    assertTrue(fence.await(Duration.ZERO));
  }

  @Test
  void aWaitForAnyTellsTheFirstAndLeavesNothingBehind() {
    Fence[] fences = {next(), own.fence(), next()};
    assertEquals(-1, Fences.awaitAny(Duration.ZERO, fences));
    assertEquals(-1, Fences.awaitAny(Duration.ofMillis(1), fences));
    assertEquals(-1, Fences.awaitAny(LONG));
    var waiting = Elsewhere.start(() -> Fences.awaitAny(LONG, fences)).awaitWaiting();
    own.signal();
    assertEquals(1, waiting.result());
    timeline.signal(2);
    assertTrue(fences[0].await(LONG));
    assertEquals(0, Fences.awaitAny(LONG, fences), "the first of those that are signaled");
    Elsewhere.run(() -> {
      Thread.currentThread().interrupt();
      assertEquals(-1, Fences.awaitAny(LONG, next()));
      assertTrue(Thread.interrupted(), "the interrupt stays set");
    });
  }

  @Test
  void aWaitForAllEndsWithTheLastOrTheDeadline() {
    Fence[] fences = {next(), own.fence()};
    assertFalse(Fences.awaitAll(Duration.ZERO, fences));
    own.signal();
    assertFalse(Fences.awaitAll(Duration.ofMillis(1), fences));
    var waiting = Elsewhere.start(() -> Fences.awaitAll(LONG, fences)).awaitWaiting();
    timeline.signal(1);
    assertTrue(waiting.result());
    assertTrue(Fences.awaitAll(Duration.ZERO, fences));
    assertTrue(Fences.awaitAll(Duration.ZERO));
  }

  @Test
  void waitersMayIdleByAStrategyOfTheirs() {
    IdleStrategy[] strategies = {new BusySpinIdleStrategy(), new BackoffIdleStrategy()};
    for (IdleStrategy idle : strategies) {
      Fence point = next();
      SignalableFence single = SignalableFence.create("single");
      Fence array = FenceArray.of("array", List.of(point, single.fence()));
      Fence chain = FenceChain.first("chain", 1, point).then(2, single.fence());
      Fence[] all = {point, single.fence(), array, chain};
      for (Fence fence : all) {
        assertFalse(fence.await(Duration.ZERO, idle));
        assertFalse(fence.await(Duration.ofMillis(1), idle));
      }
      assertEquals(-1, Fences.awaitAny(Duration.ofMillis(1), idle, all));
      assertFalse(Fences.awaitAll(Duration.ofMillis(1), idle, all));
      var waiting = Elsewhere.start(() -> Fences.awaitAll(LONG, idle, all));
      var first = Elsewhere.start(() -> Fences.awaitAny(LONG, idle, point, array));
      timeline.signal(timeline.issued());
      assertEquals(0, first.result());
      single.signal();
      assertTrue(waiting.result());
    }
  }

  @Test
  void virtualThreadsWaitWithoutHoldingUpTheirCarriers() throws InterruptedException {
    Fence point = next();
    Fence array = FenceArray.of("array", List.of(point, own.fence()));
    AtomicInteger awake = new AtomicInteger();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      Fence fence = i % 2 == 0 ? point : array;
      waiting.add(
          Thread.startVirtualThread(() -> {
            if (fence.await(LONG)) {
              awake.incrementAndGet();
            }
          }));
    }
    // Runs on a carrier, of which there are far fewer than waiting threads.
    Thread.startVirtualThread(() -> {
      own.signal();
      timeline.signal(1);
    });
    for (Thread thread : waiting) {
      thread.join();
    }
    assertEquals(1000, awake.get());
  }

  // ---------------------------------------------------------------- containers

  @Test
  void anArrayIsSignaledWithItsLastMemberAndHasTheFirstErrorInTime() {
    SignalableFence other = SignalableFence.create("other");
    FenceArray array = FenceArray.of("array", List.of(own.fence(), next(), other.fence()));
    AtomicInteger runs = new AtomicInteger();
    assertNotNull(array.onSignal(runs::incrementAndGet));
    other.signal(NET);
    own.signal(DISK);
    assertEquals(0, runs.get());
    assertEquals(Optional.empty(), array.error(), "not before the signal");
    timeline.signal(1);
    Elsewhere.await("the callback runs", () -> runs.get() == 1);
    assertEquals(Optional.of(NET), array.error());
    assertTrue(FenceArray.of("empty", List.of()).isSignaled());
  }

  @Test
  void aChainHasTheErrorOfItsOldestLinkThatHasOne() {
    FenceChain chain = FenceChain.first("chain", 1, next()).then(2, own.fence()).then(3, next());
    AtomicInteger runs = new AtomicInteger();
    chain.onSignal(runs::incrementAndGet);
    own.signal(NET);
    timeline.signal(1, DISK);
    assertEquals(0, runs.get());
    timeline.signal(2);
    Elsewhere.await("the callback runs", () -> runs.get() == 1);
    assertEquals(Optional.of(FenceError.Kind.FAILED), ended(chain));
  }
}
