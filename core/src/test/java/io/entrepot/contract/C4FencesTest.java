package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** C4: a fence is one-shot, ordered on its timeline, and nobody waits for ever. */
class C4FencesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final SyncDomain domain = SyncDomain.create(8);

  @Test
  void aFenceIsSignaledOnceAndForEver() {
    Timeline timeline = domain.timeline("t");
    Fence fence = timeline.next();
    assertFalse(fence.isSignaled());
    assertEquals(Optional.empty(), fence.error());
    assertTrue(timeline.signal(fence.point()));
    assertTrue(fence.isSignaled());
    assertFalse(timeline.signal(fence.point()), "the first signal won");
    assertFalse(timeline.signal(fence.point(), FenceError.failed("too late")));
    assertEquals(Optional.empty(), fence.error(), "the first signal was without an error");
    assertTrue(timeline.lastSignalMs() > 0);
  }

  @Test
  void fencesOfOneTimelineSignalInOrder() {
    Timeline timeline = domain.timeline("t");
    List<Fence> fences = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      fences.add(timeline.next());
      assertEquals(i + 1, fences.get(i).point());
    }
    assertTrue(timeline.signal(3));
    for (Fence fence : fences) {
      assertEquals(fence.point() <= 3, fence.isSignaled());
    }
    assertFalse(timeline.signal(2), "it was signaled with the third");
    assertEquals(3, timeline.signaled());
    assertEquals(5, timeline.issued());
  }

  @Test
  void aPointThatWasNotIssuedHasNoFence() {
    Timeline timeline = domain.timeline("t");
    for (long point : new long[] {0, 1, -1, Long.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> timeline.fence(point));
      assertThrows(IllegalArgumentException.class, () -> timeline.signal(point));
    }
    assertEquals(0, timeline.signaled());
    assertEquals(0, timeline.lastSignalMs());
  }

  @Test
  void everyRaceOfSignalsHasOneWinnerWhoseErrorStands() {
    for (int round = 0; round < 200; round++) {
      Timeline timeline = domain.timeline("t");
      Fence fence = timeline.next();
      CyclicBarrier start = new CyclicBarrier(2);
      FenceError one = FenceError.failed("one");
      FenceError two = FenceError.cancelled("two");
      var first =
          Elsewhere.start(() -> {
            start.await();
            return timeline.signal(fence.point(), one);
          });
      var second =
          Elsewhere.start(() -> {
            start.await();
            return timeline.signal(fence.point(), two);
          });
      boolean firstWon = first.result();
      assertEquals(!firstWon, second.result());
      assertEquals(firstWon ? one : two, fence.error().orElseThrow());
      timeline.close();
    }
  }

  // ---------------------------------------------------------------- callbacks

  @Test
  void aCallbackRunsOnceOnTheSignalingThread() {
    Timeline timeline = domain.timeline("t");
    Fence fence = timeline.next();
    List<Thread> ran = new ArrayList<>();
    Fence.Callback callback = fence.onSignal(() -> ran.add(Thread.currentThread()));
    timeline.signal(1);
    timeline.signal(1);
    assertEquals(List.of(Thread.currentThread()), ran);
    assertFalse(callback.remove(), "it ran");
  }

  @Test
  void aCallbackRunsOrIsRemovedAndNeverBoth() {
    for (int round = 0; round < 300; round++) {
      Timeline timeline = domain.timeline("t");
      Fence fence = timeline.next();
      AtomicInteger runs = new AtomicInteger();
      CyclicBarrier start = new CyclicBarrier(2);
      var removing =
          Elsewhere.start(() -> {
            start.await();
            Fence.Callback callback = fence.onSignal(runs::incrementAndGet);
            return callback == null || callback.remove();
          });
      var signaling =
          Elsewhere.start(() -> {
            start.await();
            return timeline.signal(fence.point());
          });
      assertTrue(signaling.result());
      boolean neverRuns = removing.result();
      assertEquals(neverRuns ? 0 : 1, runs.get());
      timeline.close();
    }
  }

  @Test
  void aCallbackMayThrowAddSignalAndRemove() throws Exception {
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    List<String> ran = new ArrayList<>();
    Timeline timeline = domain.timeline("t");
    Timeline other = domain.timeline("other");
    Fence fence = timeline.next();
    Fence later = timeline.next();
    Fence elsewhere = other.next();
    fence.onSignal(() -> {
      throw new IllegalStateException("a callback's own fault");
    });
    Fence.Callback removed = later.onSignal(() -> ran.add("removed"));
    fence.onSignal(() -> {
      ran.add("first");
      assertNull(fence.onSignal(() -> ran.add("too late")));
      assertNotNull(later.onSignal(() -> ran.add("later")));
      assertTrue(removed.remove());
      other.signal(1);
    });
    elsewhere.onSignal(() -> ran.add("elsewhere"));
    Thread signaling =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((thread, thrown) -> uncaught.set(thrown))
            .start(() -> timeline.signal(1));
    signaling.join();
    assertEquals(List.of("first", "elsewhere"), ran);
    assertEquals("a callback's own fault", uncaught.get().getMessage());
    timeline.signal(2);
    assertEquals(List.of("first", "elsewhere", "later"), ran);
  }

  // ---------------------------------------------------------------- the issuer's end

  @Test
  void closingATimelineSignalsWhatIsPendingWithAnError() {
    Timeline timeline = domain.timeline("t");
    Fence done = timeline.next();
    Fence pending = timeline.next();
    timeline.signal(1);
    var waiter = Elsewhere.start(() -> pending.await(LONG)).awaitWaiting();
    timeline.close();
    assertTrue(waiter.result());
    assertEquals(Optional.empty(), done.error());
    assertEquals(FenceError.Kind.ISSUER_CLOSED, pending.error().orElseThrow().kind());
    timeline.close();
    assertThrows(IllegalStateException.class, timeline::issue);
    assertThrows(IllegalStateException.class, timeline::next);
  }

  @Test
  void anEndedTimelineCannotSignalItsSuccessorsFences() {
    SyncDomain single = SyncDomain.create(1);
    Timeline old = single.timeline("old");
    Fence oldFence = old.next();
    old.close();
    assertThrows(
        IllegalStateException.class, () -> single.timeline("early"), "the work may still go on");
    assertEquals(1, single.settle("old"));
    assertEquals(0, single.settle("old"));
    Timeline successor = single.timeline("successor");
    Fence fence = successor.next();
    old.close();
    assertFalse(fence.isSignaled(), "by closing the old timeline twice");
    assertThrows(IllegalStateException.class, old::issue);
    assertFalse(fence.isSignaled(), "by issuing on the old timeline");
    assertFalse(old.signal(oldFence.point()));
    try {
      old.signal(fence.point());
    } catch (IllegalArgumentException refused) {
      assertTrue(refused.getMessage().contains("'old'"), refused.getMessage());
    }
    assertFalse(fence.isSignaled(), "by signaling on the old timeline");
    assertEquals(fence.point(), successor.issued(), "nobody else's points were issued");
    assertTrue(successor.signal(fence.point()));
    assertTrue(oldFence.isSignaled());
    assertEquals(FenceError.Kind.ISSUER_CLOSED, oldFence.error().orElseThrow().kind());
    assertEquals(Optional.empty(), fence.error());
  }

  @Test
  void aClosedTimelineThatIsCollectedDoesNotSignalItsSuccessorsFences() {
    SyncDomain single = SyncDomain.create(1);
    single.timeline("old").close();
    Timeline successor = single.timeline("successor");
    Fence fence = successor.next();
    Fence canary = SyncDomain.create(1).timeline("canary").next();
    Elsewhere.await(
        "the collector has run",
        () -> {
          System.gc();
          return canary.await(Duration.ofMillis(10));
        });
    assertFalse(fence.isSignaled());
    assertEquals(1, successor.issued() - successor.signaled());
  }

  @Test
  void aDomainHoldsSoManyTimelinesAtATime() {
    for (int i = 0; i < 20; i++) {
      domain.timeline("closed " + i).close();
    }
    List<Timeline> open = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      open.add(domain.timeline("open " + i));
    }
    var full = assertThrows(IllegalStateException.class, () -> domain.timeline("one more"));
    assertTrue(full.getMessage().contains("all 8 timelines"), full.getMessage());
    open.forEach(Timeline::close);
    domain.timeline("again").close();
    assertThrows(IllegalArgumentException.class, () -> SyncDomain.create(0));
    assertThrows(
        IllegalArgumentException.class, () -> SyncDomain.create(SyncDomain.MAX_TIMELINES + 1));
  }

  @Test
  void aChainOfManyCallbacksIsNotWalkedRecursively() {
    int length = 100_000;
    Timeline timeline = domain.timeline("chain");
    List<Fence> chain = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      Fence fence = timeline.next();
      chain.add(fence);
    }
    AtomicInteger runs = new AtomicInteger();
    new Link(timeline, chain, runs, 0).add();
    timeline.signal(1);
    assertEquals(length, runs.get());
    assertTrue(chain.getLast().isSignaled());
  }

  /** When its fence is signaled, adds the next link and signals that. */
  private record Link(Timeline timeline, List<Fence> chain, AtomicInteger runs, int index) {
    void add() {
      chain.get(index).onSignal(this::run);
    }

    private void run() {
      runs.incrementAndGet();
      if (index + 1 < chain.size()) {
        new Link(timeline, chain, runs, index + 1).add();
        timeline.signal(index + 2);
      }
    }
  }
}
