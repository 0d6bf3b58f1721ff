package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A timeline goes on for ever, though the words of reservations tell 46 bits of a point. */
class TimelineWithoutEndTest {
  private static final long SPAN = TimelineDescriptor.SPAN;
  private static final long CIRCLE = 1L << TimelineDescriptor.POINT_BITS;
  private static final int SLOT_OF_OTHERS = 3;

  /** The first span, from near its end on: its last point is 2<sup>44</sup>. */
  @Test
  void theRealSpanIsSweptAtItsEnd() {
    TimelineWords timeline = TimelineWords.unsweptOnHeap(SPAN - 2);
    timeline.putLate(0, FenceWord.pack(0, 5, Usage.READ));
    long before = timeline.issue();
    timeline.addPoint(before);
    assertEquals(SPAN - 1, before);
    assertEquals(SPAN, timeline.issue());
    timeline.putLate(SLOT_OF_OTHERS, FenceWord.pack(0, 5, Usage.READ));
    timeline.putLate(SLOT_OF_OTHERS + 1, FenceWord.pack(0, 3 * SPAN, Usage.READ));
    assertEquals(SPAN + 1, timeline.issue());
    assertFalse(timeline.isInSlot(5), "of the span that is over");
    assertFalse(timeline.isInSlot(3 * SPAN), "never issued: of a thread that was late");
    assertTrue(timeline.isInSlot(before), "pending");
    assertFalse(timeline.isSignaled(before));
    timeline.signal(SPAN + 1);
    assertTrue(timeline.isSignaled(before));
    assertTrue(timeline.sweep());
  }

  /** Fences of before and behind the place where the low bits begin anew. */
  @Test
  void pointsGoOnWhereTheLowBitsBeginAnew() {
    TimelineWords timeline = TimelineWords.onHeap(SPAN, CIRCLE - 4);
    List<Long> points = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      points.add(timeline.issue());
    }
    assertEquals(CIRCLE - 3, points.getFirst());
    assertEquals(CIRCLE - 1, points.get(2));
    assertEquals(CIRCLE + 1, points.get(3), "the one whose low bits are 0 is nobody's");
    List<Long> ran = new ArrayList<>();
    for (long point : points.reversed()) {
      timeline.addPoint(point);
      assertNotNull(timeline.onSignal(point, () -> ran.add(point)));
    }
    assertEquals(1, timeline.slotsInUse(), "the latest covers all");
    CollectedFences found = new CollectedFences().reset(timeline.table());
    timeline.slots().collect(timeline.base(), Usage.BOOKKEEP, found);
    assertEquals(1, found.size());
    assertEquals(points.getLast(), found.point(0));
    for (int i = 0; i < 8; i++) {
      long point = points.get(i);
      assertFalse(timeline.isSignaled(point));
      FenceError error = i % 2 == 0 ? FenceError.failed("frame " + point) : null;
      assertTrue(timeline.signal(point, error));
      assertFalse(timeline.signal(point, null), "the first signal won");
      assertEquals(error, timeline.error(point));
      assertEquals(points.subList(0, i + 1), ran);
    }
    assertEquals(FenceError.failed("frame " + points.get(2)), timeline.error(points.get(2)));
    assertEquals(points.getLast(), timeline.state().signaled());
    assertEquals(points.getLast(), timeline.state().issued());
    assertTrue(timeline.sweep());
    assertEquals(0, timeline.slotsInUse());
    assertNull(timeline.onSignal(points.getLast(), () -> {}));
  }

  @Test
  void aSnapshotTellsTheWholePointThere() {
    Words words = new HeapWords(TimelineTable.bytes(1));
    words.setVolatile(TimelineDescriptor.ISSUED, CIRCLE - 2);
    words.setVolatile(TimelineDescriptor.SIGNALED, CIRCLE - 3);
    words.setVolatile(TimelineDescriptor.SWEPT, CIRCLE - 3);
    TimelineTable table = new TimelineTable(words, 0, 1);
    Timeline timeline = table.timeline("t");
    assertEquals(CIRCLE - 2, timeline.signaled(), "what was left of others is over");
    Fence before = timeline.next();
    Fence behind = timeline.next();
    CollectedFences found = new CollectedFences().reset(table);
    found.add(FenceWord.pack(0, before.point(), Usage.READ));
    found.add(FenceWord.pack(0, behind.point(), Usage.READ));
    assertEquals(1, found.size());
    assertEquals(CIRCLE + 1, found.point(0));
    assertEquals(behind, found.fence(0));
    assertFalse(found.await(Duration.ofNanos(1)));
    timeline.signal(before.point());
    assertFalse(found.isSignaled());
    timeline.signal(behind.point());
    assertTrue(found.isSignaled());
    assertTrue(found.await(Duration.ZERO));
  }

  @Test
  void whatIsNewerOfTwoIsToldAcrossTheBeginningOfTheLowBits() {
    long before = FenceWord.pack(7, CIRCLE - 1, Usage.READ);
    long behind = FenceWord.pack(7, CIRCLE + 1, Usage.READ);
    assertTrue(FenceWord.isCoveredBy(before, behind));
    assertFalse(FenceWord.isCoveredBy(behind, before));
    assertTrue(FenceWord.isCoveredBy(behind, behind));
    assertTrue(FenceWord.isEarlier(before, behind));
    assertFalse(FenceWord.isEarlier(behind, before));
    assertFalse(FenceWord.isEarlier(behind, behind));
    assertFalse(FenceWord.isCoveredBy(before, FenceWord.pack(8, CIRCLE + 1, Usage.READ)));
    assertFalse(FenceWord.isCoveredBy(before, FenceWord.withUsage(behind, Usage.BOOKKEEP)));
  }

  @Test
  void promotingAndReplacingTellNewerFromOlderThere() {
    TimelineWords timeline = TimelineWords.onHeap(SPAN, CIRCLE - 2);
    long before = timeline.issue();
    long behind = timeline.issue();
    assertEquals(before + 2, behind);
    TimelineState state = timeline.state();
    ReservationSlots slots = timeline.slots();
    timeline.addPoint(behind);
    assertTrue(slots.promote(timeline.base(), state, before, Usage.WRITE), "a later one is there");
    assertEquals(1, slots.queries().pending(timeline.base(), Usage.WRITE));
    assertEquals(1, slots.queries().pending(timeline.base(), Usage.BOOKKEEP));
    String told = slots.describe(timeline.base());
    assertTrue(told.contains(":" + behind), told);
    timeline.signal(before);
    assertFalse(slots.isSignaled(timeline.base(), Usage.WRITE));
    timeline.signal(behind);
    assertTrue(slots.isSignaled(timeline.base(), Usage.WRITE));
  }

  /** As many as could be told at all are refused long before, and nothing is lost by that. */
  @Test
  void whoLetsTooManyPendIsRefusedAtTheEndOfASpan() {
    TimelineWords timeline = TimelineWords.onHeap(8);
    for (int i = 1; i <= 8; i++) {
      assertEquals(i, timeline.issue());
    }
    var refused = assertThrows(IllegalStateException.class, timeline::issue);
    assertTrue(refused.getMessage().contains("points 1 to 9 pending"), refused.getMessage());
    assertTrue(refused.getMessage().contains("more than 4"), refused.getMessage());
    assertTrue(timeline.signal(8));
    assertEquals(9, timeline.state().signaled(), "nobody has the ninth");
    assertEquals(10, timeline.issue());
  }

  @Test
  void whatAnEndedTimelineToldStaysWhateverBecomesOfItsRecord() {
    TimelineWords timeline = TimelineWords.onHeap();
    TimelineState ended = timeline.state();
    long done = timeline.issue();
    long failed = timeline.issue();
    ended.signal(done, null);
    ended.end(FenceError.failed("closed"));
    assertTrue(ended.settle());
    for (long later = 3; later < 5 * CIRCLE / 2; later += SPAN / 2) {
      timeline.goOnFrom(later);
      assertTrue(ended.isSignaled(done));
      assertTrue(ended.isSignaled(failed));
      assertNull(ended.error(done));
      assertEquals(FenceError.failed("closed"), ended.error(failed));
      assertEquals(2, ended.signaled());
      assertEquals(2, ended.issued());
      ended.abandon(3);
      assertTrue(timeline.table().isSignaled(0, later), "its words are somebody else's");
    }
  }

  /** Somebody kept it for more than half of the circle. */
  @Test
  void aPointOfLongAgoIsOverWhereItIsAdded() {
    TimelineWords timeline = TimelineWords.onHeap();
    long old = timeline.issue();
    timeline.signal(old);
    for (long later = 2 * SPAN - 3; later < 5 * SPAN; later += SPAN / 2) {
      timeline.goOnFrom(later);
      TimelineState state = timeline.state();
      ReservationSlots slots = timeline.slots();
      assertTrue(state.isSettled(old));
      timeline.addPoint(old);
      timeline.add(timeline.reserve(), old);
      assertTrue(slots.isSignaled(timeline.base(), Usage.BOOKKEEP));
      assertTrue(timeline.sweep());
      long pending = timeline.issue();
      timeline.addPoint(pending);
      assertEquals(0, slots.replace(timeline.base(), state, state, old, Usage.READ));
      assertTrue(slots.promote(timeline.base(), state, old, Usage.READ), "a later one is there");
      assertFalse(slots.isSignaled(timeline.base(), Usage.BOOKKEEP));
      timeline.signal(pending);
      assertTrue(timeline.sweep());
    }
  }

  /** Each span is 64 points: each point is one's own, and each fence finds its way. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void manyIssueAddAndSignalAcrossManySpans() throws Exception {
    TimelineWords timeline = TimelineWords.onHeap(64, CIRCLE - 100_000);
    ConcurrentSkipListSet<Long> seen = new ConcurrentSkipListSet<>();
    AtomicLong twice = new AtomicLong();
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(
          CompletableFuture.runAsync(() -> {
            for (int round = 0; round < 100_000; round++) {
              long point = timeline.issue();
              if (!seen.add(point)) {
                twice.incrementAndGet();
              }
              timeline.addPoint(point);
              timeline.signal(point);
            }
          }));
    }
    for (CompletableFuture<Void> thread : threads) {
      thread.get();
    }
    assertEquals(0, twice.get());
    assertEquals(300_000, seen.size());
    assertEquals(CIRCLE - 100_000 + 300_001, seen.last(), "one is nobody's");
    assertEquals(seen.last(), timeline.state().signaled());
    assertTrue(timeline.sweep());
  }
}
