package io.entrepot.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Classes of bugs that fences of the kernel have had, each of which must not be here. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FenceFaultsTest {
  private static final FenceError DISK = FenceError.failed("disk");
  private static final FenceError NET = FenceError.failed("net");

  /** Issuer dies with live references: name, state, error and waiting work on. */
  @Test
  void issuerDiesWithLiveReferences() {
    SignalableFence[] issuers = {SignalableFence.create("done"), SignalableFence.create("pending")};
    Fence done = issuers[0].fence();
    Fence pending = issuers[1].fence();
    issuers[0].signal();
    issuers = null;
    while (!pending.await(Duration.ofMillis(10))) {
      System.gc();
    }
    assertEquals("pending", pending.timelineName());
    assertEquals(FenceError.Kind.ISSUER_LOST, pending.error().orElseThrow().kind());
    assertTrue(pending.toString().contains("ISSUER_LOST"), pending.toString());
    assertEquals(Optional.empty(), done.error());
    assertEquals("done", done.timelineName());
  }

  /** Unsignaled fence on the death of its driver: every waiter wakes, with an error. */
  @Test
  void unsignaledFenceOnIssuersDeath() {
    Timeline timeline = SyncDomain.create(1).timeline("timeline");
    SignalableFence own = SignalableFence.create("own");
    Fence array = FenceArray.of("array", List.of(timeline.next(), own.fence()));
    FenceChain chain = FenceChain.first("chain", 1, timeline.next()).then(2, own.fence());
    var arrayWaits = Kernel.start(() -> array.await(Kernel.LONG));
    var chainWaits = Kernel.start(() -> chain.await(Kernel.LONG));
    var anyWaits = Kernel.start(() -> Fences.awaitAny(Kernel.LONG, own.fence()));
    timeline.close();
    own.close();
    assertTrue(arrayWaits.join() && chainWaits.join() && anyWaits.join() == 0);
    for (Fence fence : new Fence[] {array, chain, own.fence()}) {
      assertEquals(FenceError.Kind.ISSUER_CLOSED, fence.error().orElseThrow().kind());
    }
  }

  /** Recursion: each callback signals the fence of the next, of which there are many. */
  @Test
  void callbackSignalsAnotherFenceAgainAndAgain() {
    int length = 100_000;
    List<SignalableFence> fences = new ArrayList<>();
    AtomicInteger runs = new AtomicInteger();
    for (int i = 0; i < length; i++) {
      fences.add(SignalableFence.create("fence"));
    }
    for (int i = 0; i < length; i++) {
      int next = i + 1;
      fences
          .get(i)
          .fence()
          .onSignal(() -> {
            runs.incrementAndGet();
            if (next < length) {
              fences.get(next).signal();
            }
          });
    }
    fences.getFirst().signal();
    assertEquals(length, runs.get());
  }

  /** Recursion: a callback adds another and is the last to hold the fence. */
  @Test
  void callbackAddsAnotherAndThrows() {
    SignalableFence first = SignalableFence.create("first");
    SignalableFence second = SignalableFence.create("second");
    List<String> ran = new ArrayList<>();
    List<Throwable> uncaught = new ArrayList<>();
    first
        .fence()
        .onSignal(() -> {
          second.fence().onSignal(() -> ran.add("second"));
          assertNull(first.fence().onSignal(() -> ran.add("too late")));
          second.signal();
          throw new IllegalStateException("a callback's own fault");
        });
    first.fence().onSignal(() -> ran.add("first"));
    Thread signaling =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown))
            .unstarted(first::signal);
    signaling.start();
    Kernel.start(() -> signaling.join(Kernel.LONG)).join();
    assertEquals(List.of("first", "second"), ran);
    assertEquals("a callback's own fault", uncaught.getFirst().getMessage());
  }

  /** Missed wake-up: a lazy fence that is only polled completes, and nobody is told of interest. */
  @Test
  void lazyFenceThatIsOnlyPolled() {
    AtomicLong completed = new AtomicLong();
    AtomicLong enabled = new AtomicLong();
    FenceIssuer issuer = issuer(completed, enabled);
    Timeline timeline = SyncDomain.create(1).timeline("lazy", issuer);
    SignalableFence own = SignalableFence.create("lazy", issuer);
    Fence point = timeline.next();
    Fence array = FenceArray.of("array", List.of(point, own.fence()));
    FenceChain chain = FenceChain.first("chain", 1, point).then(2, own.fence());
    for (Fence fence : new Fence[] {point, own.fence(), array, chain}) {
      assertFalse(fence.isSignaled());
      assertFalse(fence.await(Duration.ZERO));
    }
    completed.set(7);
    for (Fence fence : new Fence[] {chain, array, own.fence(), point}) {
      assertTrue(fence.isSignaled(), fence::toString);
    }
    assertEquals(1, timeline.signaled(), "no more than was issued");
    assertEquals(0, enabled.get());
  }

  /** Missed wake-up: who waits for a lazy fence is told of, and wakes though it is polled too. */
  @Test
  void lazyFenceThatIsWaitedFor() {
    AtomicLong enabled = new AtomicLong();
    Timeline[] timeline = new Timeline[1];
    FenceIssuer issuer =
        new FenceIssuer() {
          @Override
          public void enableSignaling(long point) {
            assertTrue(enabled.getAndSet(point) < point, "once for each, and growing");
            timeline[0].signal(point);
          }
        };
    timeline[0] = SyncDomain.create(1).timeline("lazy", issuer);
    Fence first = timeline[0].next();
    Fence second = timeline[0].next();
    assertFalse(first.isSignaled());
    assertTrue(first.await(Kernel.LONG));
    assertEquals(1, enabled.get());
    assertNull(second.onSignal(() -> {}), "signaled by its own enabling");
    assertEquals(2, enabled.get());
    assertTrue(FenceChain.first("c", 1, timeline[0].next()).await(Kernel.LONG));
    assertTrue(Fences.awaitAll(Kernel.LONG, timeline[0].next(), timeline[0].next()));
    assertEquals(5, enabled.get());
  }

  private static FenceIssuer issuer(AtomicLong completed, AtomicLong enabled) {
    return new FenceIssuer() {
      @Override
      public long completed() {
        return completed.get();
      }

      @Override
      public void enableSignaling(long point) {
        enabled.set(point);
      }
    };
  }

  /** Lost time in a merge. */
  @Test
  void mergeKeepsTheLatestTime() {
    SyncDomain domain = SyncDomain.create(2);
    Timeline early = domain.timeline("early");
    Timeline late = domain.timeline("late");
    Fence first = early.next();
    Fence last = late.next();
    early.signal(1);
    long earlyMs = first.signalTimeMs();
    while (System.currentTimeMillis() < earlyMs + 50) {
      Thread.onSpinWait();
    }
    late.signal(1);
    assertTrue(last.signalTimeMs() > earlyMs);
    for (Fence merged :
        new Fence[] {
          Fences.merge("m", first, last),
          Fences.merge("m", last, first),
          FenceArray.of("a", List.of(last, first)),
          FenceChain.first("c", 1, last).then(2, first),
          Fences.merge("m", FenceChain.first("c", 1, last).then(2, first))
        }) {
      assertTrue(merged.isSignaled());
      assertEquals(last.signalTimeMs(), merged.signalTimeMs(), merged::toString);
    }
  }

  /** Lost error in a merge: of an input that is signaled, which the kernel loses. */
  @Test
  void mergeKeepsTheFirstErrorOfSignaledInputs() {
    SignalableFence failed = SignalableFence.create("failed");
    SignalableFence pending = SignalableFence.create("pending");
    failed.signal(DISK);
    assertEquals(Optional.of(DISK), Fences.merge("m", failed.fence()).error());
    Fence merged = Fences.merge("m", pending.fence(), failed.fence());
    assertFalse(merged.isSignaled());
    assertEquals(Optional.empty(), merged.error(), "not before the signal");
    pending.signal(NET);
    assertTrue(merged.isSignaled());
    assertEquals(Optional.of(DISK), merged.error(), "the first in time");
    assertSame(Fence.signaled(), Fences.merge("m"), "of nothing, nothing is waited for");
  }

  /** Lost error in a merge: of a point that a later one of its timeline supersedes. */
  @Test
  void mergeKeepsTheErrorOfASupersededPoint() {
    Timeline timeline = SyncDomain.create(1).timeline("timeline");
    Fence first = timeline.next();
    Fence second = timeline.next();
    Fence merged = Fences.merge("m", second, first);
    Fence nested = Fences.merge("n", merged, second);
    timeline.signal(1, DISK);
    assertFalse(merged.isSignaled());
    timeline.signal(2);
    assertTrue(merged.isSignaled() && nested.isSignaled());
    assertEquals(Optional.empty(), second.error());
    assertEquals(Optional.of(DISK), merged.error());
    assertEquals(Optional.of(DISK), nested.error());
  }

  /** Lost error in a merge: of links that a chain has dropped. */
  @Test
  void mergeKeepsTheErrorOfACollectedLink() {
    SignalableFence[] own = new SignalableFence[3];
    for (int i = 0; i < 3; i++) {
      own[i] = SignalableFence.create("fence " + i);
    }
    FenceChain chain =
        FenceChain.first("c", 1, own[0].fence()).then(2, own[1].fence()).then(3, own[2].fence());
    own[1].signal(NET);
    assertEquals(2, Fences.unwrap(chain).size(), "the middle link is dropped");
    Fence merged = Fences.merge("m", chain);
    own[0].signal(DISK);
    assertEquals(2, Fences.unwrap(own[2].fence(), chain).size(), "both are dropped");
    Fence late = Fences.merge("late", chain);
    own[2].signal();
    assertEquals(Optional.of(DISK), chain.error(), "of the oldest link");
    assertEquals(Optional.of(NET), merged.error(), "the first in time");
    assertTrue(late.error().isPresent());
  }

  /** A point that is signaled and collected behaves as signaled. */
  @Test
  void pointThatIsSignaledAndCollected() {
    Kernel.Chain chain = Kernel.Chain.of(3);
    chain.signal(0);
    chain.signal(1);
    assertFalse(chain.tail().isSignaled());
    for (long point = 1; point <= 2; point++) {
      Fence found = chain.tail().find(point);
      assertTrue(found.isSignaled());
      assertTrue(found.await(Duration.ZERO));
      assertNull(found.onSignal(() -> {}));
      assertTrue(found.signalTimeMs() > 0);
    }
  }

  /** Out of order: a chain never becomes less than what was waited for. */
  @Test
  void outOfOrderSubmissionStaysMonotonic() {
    SignalableFence high = SignalableFence.create("high");
    SignalableFence low = SignalableFence.create("low");
    FenceChain nine = FenceChain.first("c", 9, high.fence());
    FenceChain unordered = nine.then(4, low.fence());
    assertEquals(9, unordered.point());
    assertSame(unordered, unordered.find(2));
    low.signal();
    assertFalse(unordered.isSignaled(), "waits for what was before it");
    high.signal();
    assertTrue(unordered.isSignaled());
    assertEquals(10, unordered.then(10, low.fence()).point());
  }
}
