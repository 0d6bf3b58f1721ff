package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Fences that stand for those of another domain, whose process is played here. */
class FarFencesTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int TIMELINES = 4;

  private final Words words = Words.offHeap(TimelineTable.bytes(TIMELINES));
  private final TimelineTable theirs = new TimelineTable(words, words.base(), TIMELINES);
  private final TimelineTable ours = TimelineTable.offHeap(TIMELINES);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final TwoSignals signals = new TwoSignals();
  private final Process process = new Process();
  private final FarFences fences = fencesOf(process);
  private final Timeline timeline = theirs.timeline("work");

  /** A process that ends when it is told to. */
  private static final class Process implements FarProcess {
    private volatile boolean ended;
    private volatile boolean released;

    @Override
    public boolean isAlive() {
      assertFalse(released, "not looked at once it was let go");
      return !ended;
    }

    @Override
    public void close() {
      released = true;
    }
  }

  private FarFences fencesOf(Process far) {
    return new FarFences(
        ours,
        new FarTimelines(words, words.base(), TIMELINES),
        "process 5",
        () -> far,
        closed::get,
        signals.bellOfTheirs());
  }

  private static Fence imported(FarFences by, Fence far) {
    TimelinePoint point = (TimelinePoint) far;
    return by.importPoint(point.state().index(), point.point());
  }

  private static void assertSignaled(Fence fence, FenceError.Kind kind) {
    assertTrue(fence.await(LONG), fence::toString);
    assertEquals(kind, fence.error().map(FenceError::kind).orElse(null), fence::toString);
  }

  private static void eventually(BooleanSupplier condition) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(30));
      Thread.onSpinWait();
    }
  }

  private boolean isSettled(Fence fence) {
    TimelinePoint point = (TimelinePoint) fence;
    return point.state().isSettled(point.point());
  }

  @Test
  void whatWasSignaledBeforeTheEndIsSignaledHoweverShortBefore() {
    for (int round = 0; round < 100; round++) {
      Process dying = new Process();
      FarFences each = fencesOf(dying);
      Fence far = timeline.next();
      Fence fence = imported(each, far);
      timeline.signal(far.point());
      each.lose("killed");
      assertSignaled(fence, null);
      // Its timeline has come back then, for the next round.
      eventually(() -> dying.released);
    }
  }

  @Test
  void whatIsLostIsSettledWhenTheProcessHasEnded() {
    Fence fence = imported(fences, timeline.next());
    fences.lose("its connection has ended");
    assertSignaled(fence, FenceError.Kind.ISSUER_LOST);
    String text = fence.error().orElseThrow().message();
    assertTrue(text.endsWith("of process 5 was pending: its connection has ended"), text);
    assertFalse(isSettled(fence));
    assertFalse(process.released);
    process.ended = true;
    eventually(() -> isSettled(fence));
    eventually(() -> process.released);
  }

  @Test
  void whatIsLostIsSettledWhenItIsSignaledAfterAll() {
    Fence first = imported(fences, timeline.next());
    Fence second = imported(fences, timeline.next());
    fences.lose("evicted");
    assertSignaled(second, FenceError.Kind.ISSUER_LOST);
    timeline.signal(1);
    // The end is of the whole lane, and so is what settles it.
    assertFalse(isSettled(first));
    timeline.signal(2);
    eventually(() -> isSettled(first) && isSettled(second));
    eventually(() -> process.released);
    assertThrows(IllegalStateException.class, () -> imported(fences, timeline.next()));
  }

  @Test
  void aDomainThatIsClosedIsLookedAtNoMore() {
    Fence fence = imported(fences, timeline.next());
    closed.set(true);
    assertSignaled(fence, FenceError.Kind.ISSUER_LOST);
    eventually(() -> process.released);
    assertThrows(IllegalStateException.class, () -> imported(fences, timeline.next()));
  }

  @Test
  void aProcessWithoutPendingFencesIsLetGoAtOnce() {
    Fence far = timeline.next();
    timeline.signal(1);
    assertSignaled(imported(fences, far), null);
    fences.lose("left");
    assertTrue(process.released);
    // Its lane too: all timelines can be had.
    for (int i = 0; i < TIMELINES; i++) {
      ours.timeline("all");
    }
  }

  @Test
  void aCallbackMayImportAndThrow() {
    Fence far = timeline.next();
    Fence later = timeline.next();
    CompletableFuture<Fence> inCallback = new CompletableFuture<>();
    Fence fence = imported(fences, far);
    fence.onSignal(() -> {
      Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
      inCallback.complete(imported(fences, later));
      throw new IllegalStateException("thrown by a callback");
    });
    timeline.signal(1);
    Fence second = inCallback.orTimeout(30, TimeUnit.SECONDS).join();
    timeline.signal(2);
    assertSignaled(second, null);
  }

  @Test
  void earlierPointsNeedTimelinesOfTheirOwnAndTheLastIsToldSo() {
    List<Fence> far = new ArrayList<>();
    for (int i = 0; i <= TIMELINES; i++) {
      far.add(timeline.next());
    }
    List<Fence> here = new ArrayList<>();
    for (int i = TIMELINES; i > 0; i--) {
      here.add(imported(fences, far.get(i)));
    }
    var refused = assertThrows(IllegalStateException.class, () -> imported(fences, far.getFirst()));
    assertTrue(refused.getMessage().contains("timelines of this domain are in use"));
    timeline.signal(timeline.issued());
    here.forEach(fence -> assertSignaled(fence, null));
    assertSignaled(imported(fences, far.getFirst()), null);
  }

  @Test
  void aThreadLooksOnlyWhileSomethingIsPending() {
    List<Thread> before = looking();
    for (int round = 0; round < 3; round++) {
      Fence fence = imported(fences, timeline.next());
      List<Thread> now = looking();
      now.removeAll(before);
      assertEquals(1, now.size());
      timeline.signal(timeline.issued());
      assertSignaled(fence, null);
      eventually(() -> !now.getFirst().isAlive());
    }
  }

  private static List<Thread> looking() {
    return new ArrayList<>(
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("entrepot-fences"))
            .toList());
  }
}
