package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Points that nobody will signal, issuers that fail, and records that go from one to the next. */
class LostIssuersAndPointsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final TimelineTable domain = TimelineTable.offHeap(1);

  // ---------------------------------------------------------------- points given to nobody

  @Test
  void anAbandonedPointIsSignaledWithTheOneBeforeIt() {
    Timeline timeline = domain.timeline("jobs");
    TimelineState state = domain.state(0);
    timeline.issue();
    timeline.issue();
    timeline.issue();
    AtomicInteger ran = new AtomicInteger();
    assertNotNull(timeline.fence(3).onSignal(ran::incrementAndGet));
    state.abandon(3);
    state.abandon(2);
    assertEquals(0, timeline.signaled(), "work before them is pending");
    timeline.signal(1, FenceError.failed("of the first alone"));
    assertEquals(3, timeline.signaled());
    assertEquals(1, ran.get());
    assertTrue(timeline.fence(1).error().isPresent());
    assertTrue(timeline.fence(3).error().isEmpty());
    state.abandon(timeline.issue());
    assertEquals(4, timeline.signaled(), "nothing is pending before it");
    long known = timeline.issue();
    state.abandon(timeline.issue());
    assertEquals(4, timeline.signaled());
    timeline.signal(known);
    assertEquals(6, timeline.signaled());
  }

  @Test
  void anAbandonedPointDoesNotKeepATimelineUnsettled() {
    for (int order = 0; order < 3; order++) {
      Timeline timeline = domain.timeline("jobs " + order);
      TimelineState state = domain.state(0);
      long known = timeline.issue();
      long lost = timeline.issue();
      if (order == 0) {
        state.abandon(lost);
      }
      timeline.close();
      if (order == 1) {
        state.abandon(lost);
      }
      assertTrue(timeline.fence(lost).isSignaled());
      assertFalse(domain.isSettled(0, known), "its work may go on");
      timeline.signal(known);
      if (order == 2) {
        assertFalse(domain.isSettled(0, known));
        state.abandon(lost);
      }
      assertTrue(domain.isSettled(0, known), "it has ended");
    }
    assertNotNull(domain.timeline("the record is free"));
  }

  /** Who loses the race for its commit has issued a point by then. */
  @Test
  void aJobThatIsAbortedAsItCommitsLeavesNoPointPending() throws Exception {
    ReservationWords words = ReservationWords.offHeap();
    var other = CompletableFuture.runAsync(() -> commitOften(words, 0));
    commitOften(words, 1);
    other.get();
  }

  private static void commitOften(ReservationWords words, int timeline) {
    JobSet set = words.set(timeline);
    for (int i = 0; i < 100_000; i++) {
      boolean taken = set.awaitTake(words.reservation(timeline), Usage.WRITE, LONG);
      taken = taken && set.awaitTake(words.reservation(1 - timeline), Usage.WRITE, LONG);
      long point = taken ? set.awaitCommit(LONG) : 0;
      if (point != 0) {
        words.signal(timeline, point);
      }
      assertEquals(0, words.pendingPoints(timeline), "pending in round " + i);
    }
  }

  @Test
  void anEndedTimelineTellsNothingOfItsSuccessor() {
    Timeline ended = domain.timeline("ended");
    ended.signal(ended.issue());
    ended.close();
    Timeline next = domain.timeline("next");
    next.issue();
    assertEquals(1, ended.issued());
    assertThrows(IllegalArgumentException.class, () -> ended.fence(2));
  }

  // ---------------------------------------------------------------- records that are reused

  @Test
  void aCollectedFenceIsThatOfTheTimelineWhichHasItsRecordNow() {
    Timeline first = domain.timeline("first");
    CollectedFences found = new CollectedFences().reset(domain);
    found.add(FenceWord.pack(0, first.issue(), Usage.READ));
    first.signal(1);
    first.close();
    Timeline second = domain.timeline("second");
    found.add(FenceWord.pack(0, second.issue(), Usage.READ));
    assertEquals(1, found.size());
    assertEquals("second", found.timelineName(0));
    AtomicInteger ran = new AtomicInteger();
    assertNotNull(found.fence(0).onSignal(ran::incrementAndGet));
    second.signal(2);
    assertEquals(1, ran.get(), "the callback waits for the second");
  }

  @Test
  void aJobLooksForARecordFromAnyHintOn() {
    var words = new HeapWords(JobTable.bytes(3));
    JobTable jobs = new JobTable(words, 0, 3);
    for (int i = 0; i < 3; i++) {
      assertTrue(FenceWord.isJob(jobs.begin(Integer.MAX_VALUE, new JobHolder("test"))));
    }
    assertThrows(
        IllegalStateException.class, () -> jobs.begin(Integer.MAX_VALUE, new JobHolder("test")));
  }

  // ---------------------------------------------------------------- issuers

  @Test
  void whatALazyIssuerHasDoneDoesNotFailWhenItCloses() {
    AtomicLong done = new AtomicLong();
    FenceIssuer issuer =
        new FenceIssuer() {
          @Override
          public long completed() {
            return done.get();
          }
        };
    Timeline lazy = domain.timeline("lazy", issuer);
    Fence first = lazy.next();
    Fence second = lazy.next();
    done.set(1);
    lazy.close();
    assertTrue(first.error().isEmpty());
    assertEquals(FenceError.Kind.ISSUER_CLOSED, second.error().orElseThrow().kind());
    assertTrue(domain.isSettled(0, 1));
    assertFalse(domain.isSettled(0, 2));
    SignalableFence own = SignalableFence.create("own", issuer);
    own.close();
    assertTrue(own.fence().isSignaled());
    assertTrue(own.fence().error().isEmpty());
  }

  /** Such a text is users' code too: it came out of the wait, and the timeline never ended. */
  @Test
  void anIssuerWhoseErrorHasNoTextEndsWaitingAsWell() {
    FenceIssuer failing =
        new FenceIssuer() {
          @Override
          public void enableSignaling(long point) {
            throw new IllegalStateException() {
              private static final long serialVersionUID = 1;

              @Override
              public String toString() {
                throw new AssertionError("no text");
              }
            };
          }
        };
    List<Throwable> uncaught = new ArrayList<>();
    Timeline lazy = domain.timeline("lazy", failing);
    Fence refused = lazy.next();
    Thread self = Thread.currentThread();
    self.setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
    try {
      assertTrue(refused.await(LONG));
    } finally {
      self.setUncaughtExceptionHandler(null);
    }
    assertEquals(1, uncaught.size());
    String told = refused.error().orElseThrow().message();
    assertTrue(told.contains("its issuer threw ") && told.contains("cannot be told"), told);
    assertEquals(1, domain.settle("lazy"));
  }

  @Test
  void aTimelineWithoutNameIsSettledBesideOthers() {
    Timeline nameless = domain.timeline(null);
    nameless.issue();
    nameless.close();
    assertEquals(0, domain.settle("other"));
    assertEquals(1, domain.settle(null));
  }

  @Test
  void anIssuerThatFailsToBeginEndsWaitingAndNotProtection() {
    FenceIssuer failing =
        new FenceIssuer() {
          @Override
          public void enableSignaling(long point) {
            if (point == 2) {
              throw new AssertionError("no interrupts left");
            }
          }
        };
    List<Throwable> uncaught = new ArrayList<>();
    Timeline lazy = domain.timeline("lazy", failing);
    Fence begun = lazy.next();
    Fence refused = lazy.next();
    assertFalse(begun.await(Duration.ofNanos(1)));
    Thread self = Thread.currentThread();
    self.setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
    try {
      assertTrue(refused.await(LONG));
    } finally {
      self.setUncaughtExceptionHandler(null);
    }
    assertEquals(1, uncaught.size());
    assertTrue(begun.isSignaled());
    assertFalse(domain.isSettled(0, 1), "that work was begun, and may go on");
    assertFalse(domain.isSettled(0, 2));
    assertThrows(IllegalStateException.class, lazy::issue);
    lazy.signal(2);
    assertTrue(domain.isSettled(0, 1));
  }

  @Test
  void whateverAnIssuerThrowsEndsNobodysCall() {
    FenceIssuer failing =
        new FenceIssuer() {
          @Override
          public long completed() {
            throw new AssertionError("cannot tell");
          }

          @Override
          public void deadline(long point, long deadlineNs) {
            throw new AssertionError("cannot hurry");
          }
        };
    List<Throwable> uncaught = new ArrayList<>();
    Timeline lazy = domain.timeline("lazy", failing);
    Fence fence = lazy.next();
    Thread self = Thread.currentThread();
    self.setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
    try {
      assertFalse(fence.isSignaled());
      assertFalse(domain.isSettled(0, 1));
      fence.hintDeadline(1);
    } finally {
      self.setUncaughtExceptionHandler(null);
    }
    assertEquals(4, uncaught.size());
  }

  // ---------------------------------------------------------------- merging

  /** A link that is signaled with an error at any moment of a merge leaves it there. */
  @Test
  void aMergeKeepsTheErrorOfALinkThatIsSignaledMeanwhile() {
    for (int look = 1; look <= 6; look++) {
      SignalableFence[] middle = new SignalableFence[1];
      int[] looks = {look};
      middle[0] =
          SignalableFence.create(
              "middle",
              new FenceIssuer() {
                @Override
                public long completed() {
                  if (--looks[0] == 0) {
                    middle[0].signal(FenceError.failed("middle"));
                  }
                  return 0;
                }
              });
      SignalableFence oldest = SignalableFence.create("oldest");
      SignalableFence newest = SignalableFence.create("newest");
      FenceChain chain =
          FenceChain.first("chain", 1, oldest.fence())
              .then(2, middle[0].fence())
              .then(3, newest.fence());
      Fence merged = Fences.merge("merged", chain);
      middle[0].signal(FenceError.failed("middle"));
      oldest.signal();
      newest.signal();
      assertTrue(merged.isSignaled());
      assertTrue(merged.error().isPresent(), "signaled at look " + look);
    }
  }

  // ---------------------------------------------------------------- errors

  @Test
  void aTimelineThatFailsForDaysKeepsSoManyErrors() {
    Timeline failing = domain.timeline("failing");
    failing.signal(failing.issue());
    for (int i = 0; i < 5 * ErrorRange.KEPT; i++) {
      failing.signal(failing.issue(), FenceError.cancelled("frame " + failing.issued()));
      failing.signal(failing.issue());
    }
    int kept = domain.state(0).errorsKept();
    assertTrue(kept <= 2 * ErrorRange.KEPT, "kept " + kept);
    long last = failing.issued();
    for (long point = last; point > last - 2 * ErrorRange.KEPT; point -= 2) {
      assertTrue(failing.fence(point).error().isEmpty());
      String own = failing.fence(point - 1).error().orElseThrow().message();
      assertEquals("frame " + (point - 1), own);
    }
    FenceError forgotten = failing.fence(2).error().orElseThrow();
    assertTrue(forgotten.message().contains("points 2 to "), forgotten.message());
    assertTrue(failing.fence(1).error().isEmpty());
  }
}
