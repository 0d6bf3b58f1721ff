package io.entrepot.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code st-dma-fence.c}, suite dma-buf-fence: for points of timelines and for fences of none. */
class DmaFenceTest {
  private static final int ROUNDS = 5_000;

  /** A fence, and how it is signaled with an error or without one. */
  record Subject(String kind, Fence fence, Predicate<Optional<FenceError>> signal) {
    boolean signalNow() {
      return signal.test(Optional.empty());
    }

    @Override
    public String toString() {
      return kind;
    }
  }

  static Stream<Subject> subjects() {
    return Stream.of(point(), own());
  }

  private static Subject point() {
    Timeline timeline = SyncDomain.create(1).timeline("timeline");
    Fence fence = timeline.next();
    return new Subject(
        "point",
        fence,
        error ->
            error.isPresent() ? timeline.signal(1, error.get()) : timeline.signal(fence.point()));
  }

  private static Subject own() {
    SignalableFence own = SignalableFence.create("own");
    return new Subject(
        "own", own.fence(), error -> error.isPresent() ? own.signal(error.get()) : own.signal());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void sanitycheck(Subject subject) {
    AtomicInteger interested = new AtomicInteger();
    assertNotNull(subject.fence.onSignal(interested::incrementAndGet));
    assertTrue(subject.signalNow());
    assertEquals(1, interested.get());
    assertTrue(subject.fence.toString().contains(":1 signaled"), subject.fence.toString());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void signaling(Subject subject) {
    assertFalse(subject.fence.isSignaled());
    assertTrue(subject.signalNow(), "it was not signaled before");
    assertTrue(subject.fence.isSignaled());
    assertFalse(subject.signalNow(), "it was");
    assertTrue(subject.fence.isSignaled());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void addCallback(Subject subject) {
    AtomicInteger runs = new AtomicInteger();
    assertNotNull(subject.fence.onSignal(runs::incrementAndGet));
    assertEquals(0, runs.get());
    subject.signalNow();
    assertEquals(1, runs.get());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void lateAddCallback(Subject subject) {
    AtomicInteger runs = new AtomicInteger();
    subject.signalNow();
    assertNull(subject.fence.onSignal(runs::incrementAndGet));
    subject.signalNow();
    assertEquals(0, runs.get());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void rmCallback(Subject subject) {
    AtomicInteger runs = new AtomicInteger();
    assertTrue(subject.fence.onSignal(runs::incrementAndGet).remove());
    subject.signalNow();
    assertEquals(0, runs.get());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void lateRmCallback(Subject subject) {
    AtomicInteger runs = new AtomicInteger();
    Fence.Callback callback = subject.fence.onSignal(runs::incrementAndGet);
    subject.signalNow();
    assertEquals(1, runs.get());
    assertFalse(callback.remove());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void status(Subject subject) {
    assertEquals(0, subject.fence.signalTimeMs());
    assertEquals(Optional.empty(), subject.fence.error());
    long beforeMs = System.currentTimeMillis();
    subject.signalNow();
    assertTrue(subject.fence.signalTimeMs() > beforeMs - Duration.ofMinutes(1).toMillis());
    assertEquals(Optional.empty(), subject.fence.error());
  }

  /**
   * There an error is set first and signaled later; here both are one call, so none is seen early.
   */
  @ParameterizedTest
  @MethodSource("subjects")
  void error(Subject subject) {
    FenceError failed = FenceError.failed("I/O");
    assertEquals(Optional.empty(), subject.fence.error());
    assertTrue(subject.signal.test(Optional.of(failed)));
    assertEquals(Optional.of(failed), subject.fence.error());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void waiting(Subject subject) {
    assertFalse(subject.fence.await(Duration.ZERO));
    subject.signalNow();
    assertTrue(subject.fence.await(Duration.ZERO));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void waitTimeout(Subject subject) {
    assertFalse(subject.fence.await(Duration.ofMillis(1)));
    var waiting = Kernel.start(() -> subject.fence.await(Kernel.LONG));
    var timer =
        CompletableFuture.supplyAsync(
            subject::signalNow, CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS));
    assertTrue(waiting.join());
    assertTrue(timer.join());
  }

  @Test
  void stub() {
    for (int i = 0; i < 64; i++) {
      Fence stub = Fence.signaled();
      assertTrue(stub.isSignaled());
      assertTrue(stub.await(Duration.ZERO));
      assertNull(stub.onSignal(() -> {}));
      assertEquals(Optional.empty(), stub.error());
      assertTrue(stub.signalTimeMs() > 0);
    }
  }

  /**
   * Two threads look up each other's fence, add a callback to it, and signal their own, before or
   * after that: each callback that was added is called, once.
   */
  @ParameterizedTest
  @MethodSource("subjects")
  void raceSignalCallback(Subject kind) {
    for (boolean signalsFirst : new boolean[] {true, false}) {
      AtomicReference<Subject> left = new AtomicReference<>(kind);
      AtomicReference<Subject> right = new AtomicReference<>(kind);
      CyclicBarrier start = new CyclicBarrier(2);
      var one = Kernel.start(() -> race(start, left, right, signalsFirst));
      var two = Kernel.start(() -> race(start, right, left, signalsFirst));
      assertEquals(ROUNDS, one.join());
      assertEquals(ROUNDS, two.join());
    }
  }

  private static int race(
      CyclicBarrier start,
      AtomicReference<Subject> mine,
      AtomicReference<Subject> others,
      boolean signalsFirst)
      throws Exception {
    start.await();
    int rounds = 0;
    while (rounds < ROUNDS) {
      Subject own = mine.get().kind.equals("point") ? point() : own();
      mine.set(own);
      Subject other = others.get();
      if (signalsFirst) {
        own.signalNow();
      }
      AtomicInteger runs = new AtomicInteger();
      boolean isAdded = other.fence.onSignal(runs::incrementAndGet) != null;
      if (!signalsFirst) {
        own.signalNow();
      }
      other.signalNow();
      // The signal may be the other thread's, which runs the callback in a moment.
      long startNs = System.nanoTime();
      while (isAdded && runs.get() == 0) {
        assertTrue(System.nanoTime() - startNs < Kernel.LONG.toNanos(), "the callback never ran");
        Thread.onSpinWait();
      }
      assertEquals(isAdded ? 1 : 0, runs.get());
      rounds++;
    }
    return rounds;
  }
}
