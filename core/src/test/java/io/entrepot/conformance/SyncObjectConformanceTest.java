package io.entrepot.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncObject;
import io.entrepot.sync.SyncPoint;
import io.entrepot.sync.SyncWait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the kernel says of {@code drm_syncobj}, and what went wrong in it. */
@Timeout(120)
class SyncObjectConformanceTest {
  private static final Duration SHORT = Duration.ofMillis(1);

  private final SignalableFence a = SignalableFence.create("a");
  private final SignalableFence b = SignalableFence.create("b");
  private final SignalableFence c = SignalableFence.create("c");
  private final SyncObject object = SyncObject.create("object");

  /** A point in each state that there is, and what comes to make it submitted and signaled. */
  enum State {
    EMPTY(false, false),
    BINARY_PENDING(true, false),
    BINARY_SIGNALED(true, true),
    POINT_OF_BINARY(false, false),
    POINT_PENDING(true, false),
    POINT_BETWEEN(true, false),
    POINT_SIGNALED(true, true),
    POINT_COLLECTED(true, true),
    POINT_ABOVE(false, false);

    final boolean isSubmitted;
    final boolean isSignaled;

    State(boolean isSubmitted, boolean isSignaled) {
      this.isSubmitted = isSubmitted;
      this.isSignaled = isSignaled;
    }

    boolean isMet(SyncWait until) {
      return isSubmitted && (isSignaled || until == SyncWait.SUBMITTED);
    }

    Subject make() {
      SyncObject object = SyncObject.create(name());
      SignalableFence pending = SignalableFence.create("pending");
      return switch (this) {
        case EMPTY -> new Subject(object, 0, pending);
        case BINARY_PENDING -> {
          object.replace(pending.fence());
          yield new Subject(object, 0, pending);
        }
        case BINARY_SIGNALED -> {
          object.signal();
          yield new Subject(object, 0, pending);
        }
        case POINT_OF_BINARY -> {
          object.signal();
          yield new Subject(object, 3, pending);
        }
        case POINT_PENDING, POINT_BETWEEN -> {
          object.signal(1);
          object.add(3, pending.fence());
          yield new Subject(object, this == POINT_PENDING ? 3 : 2, pending);
        }
        case POINT_SIGNALED -> {
          object.signal(3);
          yield new Subject(object, 3, pending);
        }
        case POINT_COLLECTED -> {
          object.signal(3);
          object.add(4, pending.fence());
          yield new Subject(object, 3, pending);
        }
        case POINT_ABOVE -> {
          object.signal(2);
          yield new Subject(object, 3, pending);
        }
      };
    }
  }

  /** A point, and the fence that it has, or has to get, to be signaled. */
  record Subject(SyncObject object, long point, SignalableFence fence) {
    SyncPoint at() {
      return new SyncPoint(object, point);
    }

    void submit(State state) {
      if (!state.isSubmitted) {
        if (point == 0) {
          object.replace(fence.fence());
        } else {
          object.add(point, fence.fence());
        }
      }
    }
  }

  record Case(SyncWait until, State one, State two) {}

  static List<Case> matrix() {
    List<Case> cases = new ArrayList<>();
    for (SyncWait until : SyncWait.values()) {
      for (State one : State.values()) {
        for (State two : State.values()) {
          cases.add(new Case(until, one, two));
        }
      }
    }
    return cases;
  }

  // ---------------------------------------------------------------- waits

  @ParameterizedTest
  @MethodSource("matrix")
  void waitMatrix(Case of) {
    Subject one = of.one.make();
    Subject two = of.two.make();
    SyncPoint[] points = {one.at(), two.at()};
    boolean isRefused =
        of.until == SyncWait.SIGNALED && !(of.one.isSubmitted && of.two.isSubmitted);
    boolean first = of.one.isMet(of.until);
    boolean second = of.two.isMet(of.until);
    for (Duration timeout : new Duration[] {Duration.ZERO, SHORT}) {
      if (isRefused) {
        var refused =
            assertThrows(
                IllegalStateException.class,
                () -> SyncObject.awaitAny(timeout, of.until, points),
                "though the other may be signaled");
        assertTrue(refused.getMessage().contains("has no fence"), refused.getMessage());
        assertThrows(
            IllegalStateException.class, () -> SyncObject.awaitAll(timeout, of.until, points));
      } else {
        assertEquals(first ? 0 : second ? 1 : -1, SyncObject.awaitAny(timeout, of.until, points));
        assertEquals(first && second, SyncObject.awaitAll(timeout, of.until, points));
      }
    }
    if (isRefused) {
      one.submit(of.one);
      two.submit(of.two);
    }
    var all = Kernel.start(() -> SyncObject.awaitAll(Kernel.LONG, of.until, points));
    var any = Kernel.start(() -> SyncObject.awaitAny(Kernel.LONG, of.until, points));
    if (!isRefused) {
      one.submit(of.one);
      two.submit(of.two);
    }
    two.fence.signal();
    assertTrue(any.join() >= 0);
    one.fence.signal();
    assertTrue(all.join());
    assertTrue(SyncObject.awaitAll(Duration.ZERO, SyncWait.SIGNALED, points));
  }

  @Test
  void noPoints() {
    for (SyncWait until : SyncWait.values()) {
      assertTrue(SyncObject.awaitAll(SHORT, until));
      assertEquals(-1, SyncObject.awaitAny(SHORT, until));
    }
  }

  /** An interrupt ends a wait, and is kept. */
  @ParameterizedTest
  @EnumSource
  void interrupt(SyncWait until) {
    Subject pending = (until == SyncWait.SIGNALED ? State.BINARY_PENDING : State.EMPTY).make();
    AtomicBoolean isKept = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(1);
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Thread waiting =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              started.countDown();
              boolean isThere = pending.object.await(0, until, Kernel.LONG);
              isKept.set(Thread.currentThread().isInterrupted());
              answer.complete(isThere);
            });
    assertTrue(
        Kernel.start(
                () -> {
                  started.await();
                  waiting.interrupt();
                  return true;
                })
            .join());
    assertFalse(answer.join());
    assertTrue(isKept.get());
    assertFalse(
        Kernel.start(
                () -> {
                  Thread.currentThread().interrupt();
                  boolean moved = pending.object.awaitTransfer(9, object, 0, Kernel.LONG);
                  assertTrue(Thread.currentThread().isInterrupted());
                  return moved;
                })
            .join());
  }

  /** A wait goes on with the fence that it has taken, whatever becomes of the object. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SUBMITTED")
  void waitTakesTheFenceOnce(SyncWait until) throws InterruptedException {
    CountDownLatch taken = new CountDownLatch(1);
    SignalableFence first = SignalableFence.create("first", whenWaitedFor(taken::countDown));
    object.replace(first.fence());
    var waiting = Kernel.start(() -> object.await(0, until, Kernel.LONG));
    assertTrue(taken.await(Kernel.LONG.toSeconds(), TimeUnit.SECONDS));
    object.reset();
    object.replace(b.fence());
    first.signal();
    assertTrue(waiting.join());
    assertFalse(b.fence().isSignaled());
  }

  private static FenceIssuer whenWaitedFor(Runnable told) {
    return new FenceIssuer() {
      @Override
      public void enableSignaling(long point) {
        told.run();
      }
    };
  }

  // ---------------------------------------------------------------- state

  @Test
  void binary() {
    assertEquals(Optional.empty(), object.fence(0));
    object.replace(a.fence());
    assertSame(a.fence(), object.fence(0).orElseThrow());
    assertEquals(Optional.empty(), object.fence(1), "no timeline");
    object.replace(b.fence());
    assertSame(b.fence(), object.fence(0).orElseThrow());
    object.signal();
    assertTrue(object.fence(0).orElseThrow().isSignaled());
    object.reset();
    assertEquals(Optional.empty(), object.fence(0));
    assertThrows(IllegalArgumentException.class, () -> object.fence(-1));
  }

  @Test
  void timeline() {
    object.add(2, a.fence());
    object.add(5, b.fence());
    Fence first = object.fence(1).orElseThrow();
    Fence last = object.fence(5).orElseThrow();
    assertSame(last, object.fence(3).orElseThrow());
    assertSame(last, object.fence(0).orElseThrow(), "point 0 is what it holds");
    assertEquals(Optional.empty(), object.fence(6));
    b.signal();
    assertFalse(object.fence(5).orElseThrow().isSignaled());
    a.signal();
    assertTrue(first.isSignaled());
    assertTrue(last.isSignaled());
    assertThrows(IllegalArgumentException.class, () -> object.add(0, c.fence()));
    assertSame(last, object.fence(0).orElseThrow(), "what was refused has changed nothing");
  }

  @Test
  void aPointBehindABinaryFenceWaitsForThatToo() {
    object.replace(a.fence());
    object.add(3, b.fence());
    b.signal();
    assertFalse(object.fence(3).orElseThrow().isSignaled());
    a.signal();
    assertTrue(object.fence(3).orElseThrow().isSignaled());
  }

  @Test
  void query() {
    assertEquals(0, object.signaledPoint());
    object.replace(a.fence());
    assertEquals(0, object.submittedPoint(), "no timeline");
    object.reset();
    object.add(2, a.fence());
    object.add(4, b.fence());
    object.add(7, c.fence());
    assertEquals(7, object.submittedPoint());
    assertEquals(0, object.signaledPoint());
    b.signal();
    assertEquals(0, object.signaledPoint());
    a.signal();
    assertEquals(4, object.signaledPoint());
    c.signal();
    assertEquals(7, object.signaledPoint());
  }

  /** Out of order: the point gets the number of the one before, and waits for all before it. */
  @Test
  void unorderedPoint() {
    object.add(5, a.fence());
    object.add(3, b.fence());
    assertEquals(5, object.submittedPoint(), "monotonic");
    b.signal();
    assertEquals(0, object.signaledPoint());
    assertFalse(object.fence(3).orElseThrow().isSignaled());
    a.signal();
    assertEquals(5, object.signaledPoint());
  }

  @Test
  void snapshotIsNotTouchedByResetAndSignal() {
    object.add(1, a.fence());
    Fence taken = object.fence(1).orElseThrow();
    object.reset();
    object.signal();
    assertFalse(taken.isSignaled());
    a.signal();
    assertTrue(taken.isSignaled());
  }

  // ---------------------------------------------------------------- transfer

  @Test
  void transferBetweenBinaryAndTimeline() {
    SyncObject other = SyncObject.create("other");
    object.replace(a.fence());
    object.transfer(0, other, 4);
    assertEquals(4, other.submittedPoint());
    SyncObject third = SyncObject.create("third");
    other.transfer(4, third, 0);
    assertFalse(third.fence(0).orElseThrow().isSignaled());
    other.transfer(4, third, 9);
    assertEquals(9, third.submittedPoint(), "a chain is flattened, behind the chain that is there");
    a.signal();
    assertTrue(third.fence(9).orElseThrow().isSignaled());
  }

  @Test
  void transferFlattensContainers() {
    FenceArray array = FenceArray.of("array", List.of(a.fence(), b.fence()));
    object.add(1, FenceChain.first("chain", 1, array).then(2, c.fence()));
    FenceChain held = assertInstanceOf(FenceChain.class, object.fence(1).orElseThrow());
    assertEquals(
        3, assertInstanceOf(FenceArray.class, held.fence()).members().size(), "no chain in it");
  }

  @Test
  void transferOfAMissingPointChangesNothing() {
    SyncObject other = SyncObject.create("other");
    other.replace(b.fence());
    assertThrows(IllegalStateException.class, () -> object.transfer(0, other, 0));
    assertFalse(object.awaitTransfer(0, other, 0, SHORT));
    assertFalse(object.awaitTransfer(0, other, 0, Duration.ZERO));
    assertSame(b.fence(), other.fence(0).orElseThrow());
    object.replace(a.fence());
    assertSame(b.fence(), other.fence(0).orElseThrow(), "nobody waits any more");
  }

  @Test
  void transferWaitsForSubmit() {
    SyncObject other = SyncObject.create("other");
    var moving = Kernel.start(() -> object.awaitTransfer(2, other, 0, Kernel.LONG));
    object.add(1, b.fence());
    object.add(3, a.fence());
    assertTrue(moving.join());
    assertFalse(other.fence(0).orElseThrow().isSignaled());
  }

  // ---------------------------------------------------------------- edge cases

  /** Signaled-point NULL in find_fence, eventfd and transfer. */
  @Test
  void pointThatIsSignaledAndCollected() {
    object.signal(1);
    object.signal(2);
    object.add(3, a.fence());
    for (SyncWait until : SyncWait.values()) {
      assertTrue(object.await(1, until, Duration.ZERO));
      assertTrue(object.await(1, until, SHORT));
    }
    assertTrue(object.fence(1).orElseThrow().isSignaled());
    assertNull(object.onSubmit(1, fence -> {}));
    SyncObject other = SyncObject.create("other");
    object.transfer(1, other, 0);
    object.transfer(2, other, 7);
    assertTrue(other.await(7, SyncWait.SIGNALED, Duration.ZERO));
    assertTrue(object.awaitTransfer(1, other, 8, Duration.ZERO));
    assertEquals(2, object.signaledPoint());
  }

  /** WAIT_AVAILABLE ends with the fence, which is neither waited for nor asked. */
  @Test
  void waitAvailableDoesNotWaitForTheSignal() {
    AtomicBoolean wasTold = new AtomicBoolean();
    SignalableFence lazy = SignalableFence.create("lazy", whenWaitedFor(() -> wasTold.set(true)));
    var waiting = Kernel.start(() -> object.await(2, SyncWait.SUBMITTED, Kernel.LONG));
    object.add(1, b.fence());
    object.add(2, lazy.fence());
    assertTrue(waiting.join());
    assertFalse(wasTold.get());
    assertFalse(object.await(2, SyncWait.SUBMITTED_AND_SIGNALED, SHORT));
    assertTrue(wasTold.get(), "who waits for the signal is told of");
  }

  /** Put before wait: what a wait has taken is its own, though the object is reset at once. */
  @Test
  void waitKeepsWhatItHasTaken() {
    List<Fence> taken = new ArrayList<>();
    assertNotNull(object.onSubmit(0, taken::add));
    object.replace(a.fence());
    object.reset();
    assertEquals(List.of(a.fence()), taken);
    a.close();
    assertEquals(FenceError.Kind.ISSUER_CLOSED, taken.getFirst().error().orElseThrow().kind());
  }

  /** Event leak: who is removed, or has waited in vain, leaves nothing and is not called. */
  @Test
  void callbacksRunOnceOrAreRemoved() {
    List<Fence> submitted = new ArrayList<>();
    Fence.Callback kept = object.onSubmit(2, submitted::add);
    Fence.Callback removed = object.onSubmit(2, submitted::add);
    assertNotNull(kept);
    assertTrue(removed.remove());
    assertFalse(removed.remove());
    object.add(1, a.fence());
    assertEquals(List.of(), submitted);
    object.add(2, b.fence());
    object.add(3, c.fence());
    assertEquals(1, submitted.size());
    assertFalse(kept.remove());
    b.signal();
    assertFalse(submitted.getFirst().isSignaled(), "the first is pending");
    a.signal();
    assertTrue(submitted.getFirst().isSignaled());
  }

  /** Submissions that submit do not nest: of a row of objects each fills the next. */
  @Test
  void callbackSubmitsToAnotherObjectAgainAndAgain() {
    int count = 100_000;
    SyncObject first = SyncObject.create("first");
    SyncObject last = first;
    for (int i = 0; i < count; i++) {
      SyncObject next = SyncObject.create("next");
      assertNotNull(last.onSubmit(0, next::replace));
      last = next;
    }
    first.replace(a.fence());
    assertSame(a.fence(), last.fence(0).orElseThrow());
  }

  /** An object that is only ever added to keeps no more than what is pending. */
  @Test
  void pointsThatAreSignaledAreDropped() {
    for (int i = 1; i <= 1_000_000; i++) {
      object.signal(i);
    }
    assertEquals(1_000_000, object.signaledPoint());
    object.add(1_000_001, a.fence());
    assertEquals(1_000_000, object.signaledPoint());
  }
}
