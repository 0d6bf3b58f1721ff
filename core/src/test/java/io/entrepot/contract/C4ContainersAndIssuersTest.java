package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceException;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.FenceWatchdog;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** C4: containers, issuers who are told, stages, and issuers who do not answer. */
class C4ContainersAndIssuersTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final FenceError DISK = FenceError.failed("disk");
  private static final FenceError NET = FenceError.failed("net");

  private final SyncDomain domain = SyncDomain.create(4);
  private final Timeline timeline = domain.timeline("gpu");
  private final SignalableFence own = SignalableFence.create("own");

  // ---------------------------------------------------------------- containers

  @Test
  void containersDoNotNest() {
    FenceArray array = FenceArray.of("array", List.of(own.fence()));
    FenceChain chain = FenceChain.first("chain", 1, own.fence());
    for (Fence container : new Fence[] {array, chain}) {
      var refused =
          assertThrows(
              IllegalArgumentException.class, () -> FenceArray.of("a", List.of(container)));
      assertTrue(refused.getMessage().contains("Fences.merge"), refused.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> FenceChain.first("c", 1, chain));
    assertThrows(IllegalArgumentException.class, () -> chain.then(2, chain));
    assertThrows(IllegalArgumentException.class, () -> chain.then(0, own.fence()));
  }

  @Test
  void containersAndFencesOfNoTimelineNeverEnterAReservation() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64);
        var line = pool.sync().timeline("line")) {
      FenceChain chain = FenceChain.first("chain", 1, line.next());
      List<Fence> refused =
          List.of(
              own.fence(), FenceArray.of("array", List.of(line.next())), chain, Fence.signaled());
      for (Fence fence : refused) {
        int slot = buffer.reservation().reserve();
        var reason =
            assertThrows(
                IllegalArgumentException.class,
                () -> buffer.reservation().add(slot, fence, Usage.READ));
        assertTrue(reason.getMessage().contains("Fences.unwrap"), reason.getMessage());
        buffer.reservation().cancel(slot);
      }
      for (Fence fence : Fences.unwrap(chain)) {
        buffer.reservation().add(fence, Usage.READ);
      }
      assertEquals(1, buffer.reservation().pending(Usage.READ));
      line.signal(2);
    }
  }

  @Test
  void aPointThatWasDroppedTellsTheFirstErrorUpToItAndATime() {
    SignalableFence[] work = new SignalableFence[5];
    FenceChain chain = null;
    for (int i = 0; i < work.length; i++) {
      work[i] = SignalableFence.create("work");
      Fence fence = work[i].fence();
      chain = chain == null ? FenceChain.first("c", 1, fence) : chain.then(i + 1, fence);
    }
    work[2].signal(NET);
    work[0].signal();
    work[3].signal();
    work[1].signal(DISK);
    List<Optional<FenceError>> told =
        List.of(Optional.empty(), Optional.of(DISK), Optional.of(DISK), Optional.of(DISK));
    for (int round = 0; round < 2; round++) {
      for (int point = 4; point >= 1; point--) {
        Fence found = chain.find(point);
        assertTrue(found.isSignaled());
        assertTrue(found.signalTimeMs() >= work[0].fence().signalTimeMs());
        assertEquals(told.get(point - 1), found.error(), "point " + point);
      }
    }
    assertFalse(chain.isSignaled());
    work[4].signal();
    assertEquals(Optional.of(DISK), chain.error());
    FenceChain behind = chain.then(2, own.fence()).then(9, timeline.next());
    own.signal();
    assertEquals(Optional.of(DISK), behind.find(3).error(), "out of order, it waited for all");
  }

  // ---------------------------------------------------------------- issuers who are told

  @Test
  void anIssuerIsToldOfDeadlinesWhileTheFenceIsPending() {
    List<String> hints = new ArrayList<>();
    FenceIssuer issuer =
        new FenceIssuer() {
          @Override
          public void deadline(long point, long deadlineNs) {
            hints.add(point + "@" + deadlineNs);
          }
        };
    Timeline lazy = domain.timeline("lazy", issuer);
    SignalableFence single = SignalableFence.create("single", issuer);
    Fence point = lazy.next();
    point.hintDeadline(10);
    FenceArray.of("a", List.of(point, single.fence())).hintDeadline(20);
    FenceChain.first("c", 1, point).then(2, single.fence()).hintDeadline(30);
    assertEquals(List.of("1@10", "1@20", "1@20", "1@30", "1@30"), hints);
    lazy.signal(1);
    single.signal();
    point.hintDeadline(40);
    single.fence().hintDeadline(40);
    timeline.next().hintDeadline(40);
    assertEquals(5, hints.size());
  }

  @Test
  void anIssuerThatCannotBeginSignalsAnErrorRatherThanNever() {
    List<Throwable> uncaught = new ArrayList<>();
    FenceIssuer issuer =
        new FenceIssuer() {
          @Override
          public void enableSignaling(long point) {
            throw new IllegalStateException("no interrupts left");
          }
        };
    Timeline lazy = domain.timeline("lazy", issuer);
    SignalableFence single = SignalableFence.create("single", issuer);
    for (Fence fence : new Fence[] {lazy.next(), single.fence()}) {
      Thread waiting =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown))
              .start(() -> fence.await(LONG));
      Elsewhere.await("the wait has ended", () -> !waiting.isAlive());
      FenceError error = fence.error().orElseThrow();
      assertEquals(FenceError.Kind.FAILED, error.kind());
      assertTrue(error.message().contains("no interrupts left"), error.message());
    }
    assertEquals(2, uncaught.size());
  }

  @Test
  void anIssuerThatThrowsWhatHasNoTextSignalsAnError() {
    FenceIssuer mute =
        new FenceIssuer() {
          @Override
          public void enableSignaling(long point) {
            throw new Odd.Mute();
          }
        };
    SignalableFence lazy = SignalableFence.create("lazy", mute);
    Elsewhere.run(() -> {
      Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
      assertTrue(lazy.fence().await(LONG));
    });
    assertEquals(FenceError.Kind.FAILED, lazy.fence().error().orElseThrow().kind());
  }

  @Test
  void anIssuerThatRefersToItsTimelineIsFoundLost() {
    Fence pending = lazyOfItsOwn();
    Elsewhere.await(
        "the lost timeline is signaled",
        () -> {
          System.gc();
          return pending.await(Duration.ofMillis(10));
        });
    assertEquals(FenceError.Kind.ISSUER_LOST, pending.error().orElseThrow().kind());
  }

  private Fence lazyOfItsOwn() {
    Timeline[] itself = new Timeline[1];
    itself[0] =
        domain.timeline(
            "lazy",
            new FenceIssuer() {
              @Override
              public long completed() {
                return itself[0].signaled();
              }
            });
    return itself[0].next();
  }

  @Test
  void aTimelineThatIsLostWithItsPoolSignalsWhatIsPending() {
    Fence pending = ofAForgottenPool();
    Elsewhere.await(
        "the lost timeline is signaled",
        () -> {
          System.gc();
          return pending.await(Duration.ofMillis(10));
        });
    assertEquals(FenceError.Kind.ISSUER_LOST, pending.error().orElseThrow().kind());
  }

  /** An attached importer's, whom the pool knows as long as there is any. */
  private static Fence ofAForgottenPool() {
    return BufferPool.offHeap("forgotten", 64, 1)
        .attach(Importer.viewing("reader", Access.READ))
        .timeline("work")
        .next();
  }

  @Test
  void aLostTimelineOfAnAttachmentThatStandsSignalsWhatIsPending() {
    try (BufferPool pool = BufferPool.offHeap("pool", 64, 1);
        Attachment attachment = pool.attach(Importer.viewing("reader", Access.READ))) {
      Fence pending = attachment.timeline("work").next();
      Elsewhere.await(
          "the lost timeline is signaled",
          () -> {
            System.gc();
            return pending.await(Duration.ofMillis(10));
          });
      assertEquals(FenceError.Kind.ISSUER_LOST, pending.error().orElseThrow().kind());
      assertTrue(attachment.timeline("next").next() != null, "it stands");
    }
  }

  /** One that it leads to is never lost, and what waits for it never told. */
  @Test
  void whatIsToTellThatAnIssuerIsLostLeadsToNone() throws Exception {
    ForkedJvm.Run run =
        ForkedJvm.run(PathsToIssuers.class, ForkedJvm.classPath(), PathsToIssuers.flags());
    assertEquals(0, run.exitValue(), run.output());
    assertTrue(
        run.output().lines().anyMatch(line -> line.matches("followed [1-9]\\d*")), run.output());
    assertFalse(run.output().contains("an issuer is led to"), run.output());
  }

  // ---------------------------------------------------------------- stages

  @Test
  void aFenceOfAStageTellsHowThatEnded() {
    record Case(Throwable thrown, FenceError.Kind kind) {}
    List<Case> cases =
        List.of(
            new Case(new IllegalStateException("broken"), FenceError.Kind.FAILED),
            new Case(new CancellationException("stop"), FenceError.Kind.CANCELLED),
            new Case(new TimeoutException("late"), FenceError.Kind.TIMED_OUT),
            new Case(
                new CompletionException(new TimeoutException("late")), FenceError.Kind.TIMED_OUT));
    for (Case one : cases) {
      CompletableFuture<String> future = new CompletableFuture<>();
      Fence fence = Fence.of(future, "stage");
      assertFalse(fence.isSignaled());
      future.completeExceptionally(one.thrown);
      assertEquals(one.kind, fence.error().orElseThrow().kind());
    }
    CompletableFuture<String> future = new CompletableFuture<>();
    Fence fence = Fence.of(future, "stage");
    future.complete("result");
    assertTrue(fence.isSignaled());
    assertEquals(Optional.empty(), fence.error());
  }

  @Test
  void aStageThatIsLostSignalsItsFence() {
    Fence fence = Fence.of(new CompletableFuture<>(), "forgotten");
    Elsewhere.await(
        "the lost stage is signaled",
        () -> {
          System.gc();
          return fence.await(Duration.ofMillis(10));
        });
    assertEquals(FenceError.Kind.ISSUER_LOST, fence.error().orElseThrow().kind());
  }

  /** Whoever hands on a stage may do so in a wrapper, and keep what is in it. */
  @Test
  void aStageWhoseWrapperAloneIsCollectedIsNotLost() {
    CompletableFuture<String> inside = new CompletableFuture<>();
    CompletionStage<?> wrapper = wrapped(inside);
    Fence fence = Fence.of(wrapper, "wrapped");
    WeakReference<Object> kept = new WeakReference<>(wrapper);
    wrapper = null;
    Elsewhere.await(
        "the wrapper is collected",
        () -> {
          System.gc();
          return kept.get() == null;
        });
    // Lost after it, and found.
    aStageThatIsLostSignalsItsFence();
    assertFalse(fence.isSignaled());
    inside.complete("result");
    assertTrue(fence.isSignaled());
    assertEquals(Optional.empty(), fence.error());
  }

  private static CompletionStage<?> wrapped(CompletionStage<?> inside) {
    return (CompletionStage<?>)
        Proxy.newProxyInstance(
            C4ContainersAndIssuersTest.class.getClassLoader(),
            new Class<?>[] {CompletionStage.class},
            (proxy, method, arguments) -> method.invoke(inside, arguments));
  }

  @Test
  void aStageThatIsOverKeepsNoFences() {
    CompletableFuture<String> future = new CompletableFuture<>();
    WeakReference<Fence> before = new WeakReference<>(Fence.of(future, "before"));
    future.complete("result");
    WeakReference<Fence> after = new WeakReference<>(Fence.of(future, "after"));
    Elsewhere.await(
        "its fences are collected",
        () -> {
          System.gc();
          return before.get() == null && after.get() == null;
        });
    assertTrue(future.isDone());
  }

  @Test
  void whateverAStageEndsWithItsFenceIsSignaled() {
    for (Throwable odd : List.of(new Odd.Thrown(), new Odd.Mute(), new Odd.Causeless())) {
      CompletableFuture<String> future = new CompletableFuture<>();
      Fence fence = Fence.of(future, "stage");
      future.completeExceptionally(odd);
      assertEquals(FenceError.Kind.FAILED, fence.error().orElseThrow().kind());
    }
  }

  @Test
  void aStageOfAFenceEndsWithItAndCannotEndIt() {
    Fence point = timeline.next();
    var stage = point.toStage();
    stage.toCompletableFuture().complete(null);
    assertFalse(point.isSignaled());
    assertFalse(point.toStage().toCompletableFuture().isDone());
    var good = point.toStage().toCompletableFuture();
    timeline.signal(1);
    good.join();
    point.toStage().toCompletableFuture().join();
    var bad = own.fence().toStage().toCompletableFuture();
    own.signal(DISK);
    var thrown = assertThrows(CompletionException.class, bad::join);
    assertEquals(DISK, assertInstanceOf(FenceException.class, thrown.getCause()).error());
    assertEquals(Optional.of(DISK), Fence.of(own.fence().toStage(), "and back").error());
  }

  // ---------------------------------------------------------------- issuers who do not answer

  @Test
  void aWatchdogEndsWaitingAndNotProtection() throws Exception {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      var buffer = pool.tryAcquire(64);
      Timeline hung = pool.sync().timeline("hung");
      Fence pending = hung.next();
      buffer.reservation().add(pending, Usage.WRITE);
      buffer.close();
      FenceWatchdog watchdog = FenceWatchdog.create(Duration.ofNanos(1));
      watchdog.watch(hung);
      watchdog.watch(own);
      while (watchdog.doWork() == 0) {
        Thread.onSpinWait();
      }
      FenceError error = pending.error().orElseThrow();
      assertEquals(FenceError.Kind.TIMED_OUT, error.kind());
      assertTrue(error.message().contains("'hung': point 1"), error.message());
      assertEquals(FenceError.Kind.TIMED_OUT, own.fence().error().orElseThrow().kind());
      assertThrows(IllegalStateException.class, hung::issue, "no more is submitted");
      assertSame(null, pool.acquire(64, 5, TimeUnit.MILLISECONDS), "it may still be written");
      assertFalse(hung.signal(1), "signaled before, but now the work has ended");
      var again = pool.acquire(64, 60, TimeUnit.SECONDS);
      assertNotNull(again);
      again.close();
      assertEquals(0, watchdog.doWork(), "each is ended once");
      watchdog.onClose();
    }
  }

  // ---------------------------------------------------------------- for people

  @Test
  void aFenceTellsItsTimelinePointStateAndAge() {
    Fence point = timeline.next();
    assertEquals("gpu:1 pending, timeline at 0 of 1, nothing signaled yet", point.toString());
    timeline.signal(1, DISK);
    assertTrue(
        point.toString().matches("gpu:1 signaled \\d+ ms ago with FAILED: disk"), point.toString());
    Fence next = timeline.next();
    assertTrue(
        next.toString().matches("gpu:2 pending, timeline at 1 of 2, last signal \\d+ ms ago"),
        next.toString());
    assertEquals("own:1 pending", own.fence().toString());
    assertEquals("a:1 all of 1, pending", FenceArray.of("a", List.of(next)).toString());
    assertTrue(
        FenceChain.first("c", 5, next).toString().startsWith("c:5 pending, own fence gpu:2"));
    own.signal();
    assertTrue(own.fence().toString().matches("own:1 signaled \\d+ ms ago"));
  }
}
