package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callbacks of one timeline: their order, and what many of them cost. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CallbacksTest {
  private static final int MANY = 200_000;
  private static final int MILLION = 1_000_000;

  private final CallbackWords callbacks = CallbackWords.inUse();
  private final Random random = new Random(42);

  /** In which order points come to be waited for. */
  enum Order {
    FORWARD,
    REVERSE,
    RANDOM;

    List<Integer> points(int count, Random random) {
      List<Integer> points = new ArrayList<>();
      for (int i = 1; i <= count; i++) {
        points.add(i);
      }
      switch (this) {
        case FORWARD -> {}
        case REVERSE -> Collections.reverse(points);
        case RANDOM -> Collections.shuffle(points, random);
      }
      return points;
    }
  }

  /** With a walk over all at each signal this would take 20,000,000,000 steps, hence minutes. */
  @ParameterizedTest
  @EnumSource
  void manyAtDistinctPointsAreRunOneByOneInTime(Order order) {
    int[] runs = new int[1];
    for (int point : order.points(MANY, random)) {
      callbacks.onSignal(
          point,
          () -> {
            runs[0]++;
            assertEquals(point, runs[0]);
          });
    }
    for (int point = 1; point <= MANY; point++) {
      callbacks.signal(point);
      assertEquals(point, runs[0]);
    }
    assertTrue(callbacks.kept() <= Callbacks.FEW + 1, "what ran is forgotten");
  }

  @ParameterizedTest
  @EnumSource
  void oneSignalRunsInTheOrderOfPointsAndThenOfAdding(Order order) {
    List<String> expected = new ArrayList<>();
    List<String> ran = new ArrayList<>();
    List<Integer> points = order.points(100, random);
    for (int turn = 0; turn < 3; turn++) {
      for (int point : points) {
        String name = "%03d.%d".formatted(point, turn);
        expected.add(name);
        callbacks.onSignal(point, () -> ran.add(name));
      }
      // Between the turns a signal files what it passes over.
      callbacks.onSignal(100 + turn, () -> {});
      callbacks.signal(0);
    }
    expected.sort(null);
    callbacks.signal(60);
    assertEquals(expected.subList(0, 180), ran);
    callbacks.signal(100);
    assertEquals(expected, ran);
  }

  @Test
  void whatIsAddedAndRemovedAgainAndAgainIsForgotten() {
    for (int i = 0; i < MILLION; i++) {
      assertTrue(callbacks.onSignal(1, () -> {}).remove());
      assertTrue(callbacks.kept() <= 40, "of removed callbacks");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMillionThatAreAddedAndThenRemovedAreForgotten(Order order) {
    List<Fence.Callback> added = new ArrayList<>();
    for (int i = 0; i < MILLION; i++) {
      added.add(callbacks.onSignal(i + 1, () -> {}));
    }
    assertEquals(MILLION, callbacks.kept());
    for (int number : order.points(MILLION, random)) {
      assertTrue(added.get(number - 1).remove());
    }
    assertTrue(callbacks.kept() <= 40, "kept " + callbacks.kept());
  }

  /** A walk over those that stay at each sweep would take as long as all of them are many. */
  @Test
  void removingBesideManyThatStayIsCheap() {
    AtomicInteger runs = new AtomicInteger();
    for (int i = 0; i < MILLION; i++) {
      callbacks.onSignal(2, runs::incrementAndGet);
    }
    for (int i = 0; i < MILLION; i++) {
      assertTrue(callbacks.onSignal(1, () -> {}).remove());
    }
    assertTrue(callbacks.kept() <= MILLION + 40, "kept " + callbacks.kept());
    callbacks.signal(2);
    assertEquals(MILLION, runs.get());
  }

  @Test
  void whatAThreadRaisedThatWasStoppedIsRunByTheNextSignal() {
    List<Integer> ran = new ArrayList<>();
    for (int point = 1; point <= 3; point++) {
      int number = point;
      callbacks.onSignal(point, () -> ran.add(number));
    }
    callbacks.raise(2);
    assertEquals(List.of(), ran);
    assertTrue(callbacks.await(2, 0), "nobody waits for a stopped thread");
    callbacks.signal(3);
    assertEquals(List.of(1, 2, 3), ran);
  }

  /** The stopped thread's callback is not over, but those of others run. */
  @Test
  void aCallbackThatDoesNotEndStopsNoOthers() throws InterruptedException {
    AtomicInteger stage = new AtomicInteger();
    List<Integer> ran = Collections.synchronizedList(new ArrayList<>());
    callbacks.onSignal(
        1,
        () -> {
          stage.set(1);
          while (stage.get() == 1) {
            Thread.onSpinWait();
          }
        });
    callbacks.onSignal(1, () -> ran.add(1));
    callbacks.onSignal(2, () -> ran.add(2));
    Thread stopped = Thread.ofPlatform().daemon().start(() -> callbacks.signal(1));
    while (stage.get() == 0) {
      Thread.onSpinWait();
    }
    callbacks.signal(2);
    assertEquals(List.of(1, 2), ran);
    stage.set(2);
    stopped.join();
    assertEquals(List.of(1, 2), ran, "once");
  }

  /** They park without end here: a wake-up that is left for later would hang this. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 100})
  void aCallbackThatSignalsWakesThreadsBeforeItIsOver(int waiters) throws InterruptedException {
    CallbackWords others = CallbackWords.inUse();
    AtomicInteger woken = new AtomicInteger();
    List<String> ran = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < waiters; i++) {
      Thread waiter =
          Thread.ofVirtual()
              .start(() -> {
                LockSupport.park();
                woken.incrementAndGet();
              });
      threads.add(waiter);
      others.wakeOnSignal(1, waiter);
    }
    others.onSignal(1, () -> ran.add("other"));
    others.wakeOnSignal(2, Thread.currentThread());
    callbacks.onSignal(
        1,
        () -> {
          others.signal(1);
          spinUntil(woken, waiters);
          ran.add("first");
        });
    callbacks.signal(1);
    assertEquals(List.of("first", "other"), ran, "callbacks do not nest");
    for (Thread waiter : threads) {
      waiter.join();
    }
  }

  @Test
  void threadsAreWokenBeforeCallbacksOfEarlierPointsRun() throws InterruptedException {
    AtomicInteger woken = new AtomicInteger();
    Thread waiter =
        Thread.ofVirtual()
            .start(() -> {
              LockSupport.park();
              woken.incrementAndGet();
            });
    int[] runs = new int[1];
    callbacks.onSignal(
        1,
        () -> {
          spinUntil(woken, 1);
          runs[0]++;
        });
    callbacks.wakeOnSignal(2, waiter);
    callbacks.signal(2);
    waiter.join();
    assertEquals(1, runs[0]);
  }

  /** Ends with the time of the test at the latest. */
  private static void spinUntil(AtomicInteger count, int reached) {
    while (count.get() < reached) {
      assertFalse(Thread.currentThread().isInterrupted(), "nobody woke the thread");
      Thread.onSpinWait();
    }
  }

  @Test
  void whoeverWaitsForOneOfSeveralIsWokenAsThreadsAre() {
    PendingCallback wake = new PendingCallback(null, 1, new Wake(Thread.currentThread()));
    PendingCallback callback = new PendingCallback(null, 1, (Runnable) () -> {});
    assertTrue(wake.wakesThread());
    assertFalse(callback.wakesThread());
  }

  @Test
  void aRemovedOneThatWasFiledNeverRuns() {
    List<Fence.Callback> added = new ArrayList<>();
    int[] runs = new int[1];
    for (int point = 1; point <= 100; point++) {
      added.add(callbacks.onSignal(point, () -> runs[0]++));
    }
    callbacks.signal(1);
    assertEquals(1, runs[0]);
    assertFalse(added.get(0).remove());
    for (int i = 1; i < 100; i += 2) {
      assertTrue(added.get(i).remove());
      assertFalse(added.get(i).remove());
    }
    callbacks.signal(100);
    assertEquals(50, runs[0]);
    assertNull(callbacks.onSignal(100, () -> runs[0]++));
    assertEquals(50, runs[0]);
  }

  /** Errors that end a run between two fences: those behind are due all the same. */
  @Test
  void anErrorOnTheWayKeepsNobodyElsesCallbacksFromRunning() {
    Thread self = Thread.currentThread();
    List<Throwable> told = new ArrayList<>();
    List<String> runs = new ArrayList<>();
    long[] signaled = {1};
    Callbacks failing =
        new Callbacks(() -> {
          throw new LinkageError("planted");
        });
    Callbacks outer = new Callbacks(() -> signaled[0]);
    Callbacks behind = new Callbacks(() -> signaled[0]);
    failing.push(1, (Runnable) () -> runs.add("failing"));
    failing.push(1, (Runnable) () -> runs.add("failing"));
    behind.push(1, (Runnable) () -> runs.add("behind"));
    behind.push(1, (Runnable) () -> runs.add("behind too"));
    outer.push(
        1,
        (Runnable)
            () -> {
              failing.signaled(1);
              behind.signaled(1);
              throw new StackOverflowError("planted");
            });
    outer.push(1, (Runnable) () -> runs.add("outer"));
    self.setUncaughtExceptionHandler((thread, thrown) -> told.add(thrown));
    try {
      outer.signaled(1);
    } finally {
      self.setUncaughtExceptionHandler(null);
    }
    assertEquals(List.of("outer", "behind", "behind too"), runs);
    assertEquals(2, told.size(), "the two errors: " + told);
  }
}
