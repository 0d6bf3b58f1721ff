package io.entrepot.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the kernel's own tests ask of {@code dma_resv} ({@code drivers/dma-buf/st-dma-resv.c}), each
 * row with each usage, and what went wrong in it since.
 */
class ReservationConformanceTest {
  private final BufferPool pool = BufferPool.offHeap("pool", 64, 2);
  private final Timeline timeline = pool.sync().timeline("t");
  private final Timeline other = pool.sync().timeline("other");
  private final SharedBuffer buffer = pool.tryAcquire(64);
  private final Reservation fences = buffer.reservation();

  @AfterEach
  void nothingIsLeft() {
    for (Timeline line : List.of(timeline, other)) {
      line.signal(line.issued() == 0 ? line.issue() : line.issued());
      line.close();
    }
    buffer.close();
    pool.close();
  }

  private static List<String> words(FenceSnapshot snapshot) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < snapshot.size(); i++) {
      all.add(snapshot.usage(i) + " " + snapshot.timelineName(i) + ":" + snapshot.point(i));
    }
    return all;
  }

  // ---------------------------------------------------------------- st-dma-resv.c

  /** There is no lock to take: an empty reservation answers, and a claim comes and goes. */
  @ParameterizedTest
  @EnumSource
  void sanitycheck(Usage usage) {
    assertTrue(fences.isSignaled(usage));
    assertTrue(fences.await(usage, Duration.ZERO));
    assertEquals(0, fences.snapshot(usage).size());
    fences.cancel(fences.reserve());
    assertTrue(fences.isSignaled(usage));
    assertEquals("", fences.describe());
  }

  @ParameterizedTest
  @EnumSource
  void signaling(Usage usage) {
    Fence fence = timeline.next();
    fences.add(fence, usage);
    assertFalse(fences.isSignaled(usage));
    assertFalse(fences.await(usage, Duration.ZERO));
    timeline.signal(fence.point());
    assertTrue(fences.isSignaled(usage));
    assertTrue(fences.await(usage, Duration.ZERO));
  }

  /** The iteration of who excludes others: here, of a snapshot. */
  @ParameterizedTest
  @EnumSource
  void forEach(Usage usage) {
    Fence fence = timeline.next();
    fences.add(fence, usage);
    FenceSnapshot snapshot = fences.snapshot(usage);
    assertEquals(1, snapshot.size());
    assertEquals(fence, snapshot.fence(0));
    assertEquals(usage, snapshot.usage(0));
    if (usage != Usage.MOVE) {
      assertEquals(0, fences.snapshot(Usage.values()[usage.ordinal() - 1]).size());
    }
  }

  /**
   * The kernel restarts an iteration when the list was replaced under it. Slots have no list to
   * replace: taking a snapshot again into the same object gives the same fence, once.
   */
  @ParameterizedTest
  @EnumSource
  void forEachUnlocked(Usage usage) {
    Fence fence = timeline.next();
    fences.add(fence, usage);
    FenceSnapshot snapshot = FenceSnapshot.create();
    fences.snapshot(usage, snapshot);
    fences.add(other.next(), Usage.MOVE);
    fences.snapshot(usage, snapshot);
    other.signal(1);
    fences.snapshot(usage, snapshot);
    assertEquals(List.of(usage + " t:" + fence.point()), words(snapshot));
    timeline.signal(1);
    fences.snapshot(usage, snapshot);
    assertEquals(0, snapshot.size());
  }

  @ParameterizedTest
  @EnumSource
  void getFences(Usage usage) {
    Fence fence = timeline.next();
    fences.add(fence, usage);
    FenceSnapshot snapshot = fences.snapshot(Usage.BOOKKEEP);
    assertEquals(List.of(usage + " t:" + fence.point()), words(snapshot));
    assertFalse(snapshot.isSignaled());
    assertFalse(snapshot.await(Duration.ofNanos(1)));
    timeline.signal(fence.point());
    assertTrue(snapshot.isSignaled());
    assertTrue(snapshot.await(Duration.ZERO));
  }

  // ---------------------------------------------------------------- CVEs and other faults

  /** CVE-2022-49935: whoever hands in an older fence must not make the newer one forgotten. */
  @ParameterizedTest
  @EnumSource
  void anOlderFenceNeverReplacesANewerOne(Usage usage) {
    Fence older = timeline.next();
    Fence newer = timeline.next();
    fences.add(newer, usage);
    fences.add(older, usage);
    timeline.signal(older.point());
    assertFalse(fences.isSignaled(usage));
    assertEquals(List.of(usage + " t:2"), words(fences.snapshot(usage)));
    assertEquals(0, fences.replace(timeline, older, Usage.MOVE));
    assertFalse(fences.isSignaled(usage));
    timeline.signal(newer.point());
    assertTrue(fences.isSignaled(usage));
  }

  /** CVE-2022-49935, the other way round: an older fence that more wait for is waited for too. */
  @Test
  void anOlderFenceOfAStricterUsageIsWaitedForBesideTheNewer() {
    Fence older = timeline.next();
    Fence newer = timeline.next();
    fences.add(newer, Usage.READ);
    fences.add(older, Usage.WRITE);
    assertEquals(List.of("WRITE t:1"), words(fences.snapshot(Usage.WRITE)));
    assertEquals(2, fences.pending(Usage.READ));
    timeline.signal(1);
    assertTrue(fences.isSignaled(Usage.WRITE));
    assertFalse(fences.isSignaled(Usage.READ));
  }

  /** CVE-2025-38095 showed a count before its element. Here a claim without a fence is no fence. */
  @ParameterizedTest
  @EnumSource
  void aClaimIsNotAFence(Usage usage) {
    int slot = fences.reserve();
    assertTrue(fences.isSignaled(usage));
    assertEquals(0, fences.pending(usage));
    assertEquals(0, fences.snapshot(usage).size());
    assertEquals("claimed", fences.describe());
    fences.add(slot, timeline, timeline.issue(), usage);
    assertEquals(1, fences.pending(usage));
  }

  /** CVE-2026-31566: a fence was let go before it was waited for. */
  @Test
  void aSnapshotKeepsItsFencesAliveWhenTheTimelineIsClosed() {
    Fence fence = timeline.next();
    fences.add(fence, Usage.WRITE);
    FenceSnapshot snapshot = fences.snapshot(Usage.WRITE);
    timeline.close();
    try (Timeline successor = pool.sync().timeline("successor")) {
      successor.issue();
      assertTrue(snapshot.await(Duration.ZERO));
      assertEquals("t", snapshot.timelineName(0));
      assertTrue(snapshot.fence(0).error().isPresent());
      successor.signal(successor.issued());
    }
  }

  /** Iterators that restarted leaked what they had found, and counted it twice. */
  @Test
  void aSnapshotTakenAgainForgetsWhatItHad() {
    FenceSnapshot snapshot = FenceSnapshot.create();
    for (int round = 0; round < 3; round++) {
      Fence one = timeline.next();
      Fence two = other.next();
      fences.add(one, Usage.WRITE);
      fences.add(two, Usage.READ);
      fences.snapshot(Usage.READ, snapshot);
      assertEquals(List.of("WRITE t:" + one.point(), "READ other:" + two.point()), words(snapshot));
      timeline.signal(one.point());
      other.signal(two.point());
    }
  }

  // ---------------------------------------------------------------- usages and slots

  @ParameterizedTest
  @EnumSource
  void aLaterFenceOfATimelineTakesOverItsSlot(Usage usage) {
    for (int i = 0; i < 10 * Reservation.CAPACITY; i++) {
      fences.add(timeline, timeline.issue(), usage);
    }
    assertEquals(1, fences.pending(usage));
    assertEquals(usage + " t:" + timeline.issued(), fences.describe());
    timeline.signal(timeline.issued() - 1);
    assertFalse(fences.isSignaled(usage));
  }

  @Test
  void aFenceThatMoreWaitForTakesOverButNotOneThatFewerWaitFor() {
    fences.add(timeline.next(), Usage.BOOKKEEP);
    fences.add(timeline.next(), Usage.READ);
    fences.add(timeline.next(), Usage.WRITE);
    assertEquals("WRITE t:3", fences.describe());
    fences.add(timeline.next(), Usage.READ);
    assertEquals("WRITE t:3, READ t:4", fences.describe());
  }

  @Test
  void anEndedTimelinesFenceIsNotTakenOver() {
    fences.add(timeline.next(), Usage.WRITE);
    timeline.close();
    assertEquals("WRITE t:1 unsettled", fences.describe());
    try (Timeline successor = pool.sync().timeline("successor")) {
      fences.add(successor.next(), Usage.WRITE);
      assertTrue(fences.describe().contains("WRITE t:1 unsettled"), fences::describe);
      assertTrue(fences.describe().contains("WRITE successor:"), fences::describe);
      successor.signal(successor.issued());
    }
  }

  @Test
  void aFenceIsPromotedInPlaceAndNeverDegraded() {
    Fence fence = timeline.next();
    assertFalse(fences.promote(fence, Usage.READ), "it was never added");
    fences.add(fence, Usage.BOOKKEEP);
    assertTrue(fences.isSignaled(Usage.READ));
    assertTrue(fences.promote(fence, Usage.READ));
    assertFalse(fences.isSignaled(Usage.READ));
    assertTrue(fences.isSignaled(Usage.WRITE));
    assertTrue(fences.promote(fence, Usage.WRITE));
    assertTrue(fences.promote(fence, Usage.BOOKKEEP));
    fences.add(fence, Usage.BOOKKEEP);
    assertEquals("WRITE t:1", fences.describe());
    timeline.signal(1);
    assertFalse(fences.promote(fence, Usage.WRITE), "it is signaled");
  }

  @Test
  void promotingAFenceWhoseSlotALaterOneHasPromotesThat() {
    Fence older = timeline.next();
    fences.add(older, Usage.BOOKKEEP);
    fences.add(timeline.next(), Usage.BOOKKEEP);
    assertTrue(fences.promote(older, Usage.WRITE));
    assertEquals("WRITE t:2", fences.describe());
  }

  @Test
  void replacingTakesEverySlotOfTheTimelineAndNoOther() {
    fences.add(fences.reserve(), timeline.next(), Usage.WRITE);
    fences.add(fences.reserve(), timeline.next(), Usage.READ);
    fences.add(other.next(), Usage.READ);
    try (Timeline by = pool.sync().timeline("by")) {
      Fence update = by.next();
      assertEquals(2, fences.replace(timeline, update, Usage.BOOKKEEP));
      assertTrue(fences.isSignaled(Usage.WRITE));
      assertEquals(List.of("READ other:1"), words(fences.snapshot(Usage.READ)));
      assertEquals(
          List.of("BOOKKEEP by:" + update.point(), "READ other:1"),
          words(fences.snapshot(Usage.BOOKKEEP)));
      assertEquals(0, fences.replace(timeline, update, Usage.WRITE), "nothing to replace");
      by.signal(update.point());
    }
  }

  @Test
  void fencesAreCopiedAllOrNone() {
    SharedBuffer second = pool.tryAcquire(64);
    Reservation copy = second.reservation();
    fences.add(timeline.next(), Usage.WRITE);
    fences.add(other.next(), Usage.BOOKKEEP);
    copy.copyFrom(fences);
    assertEquals(words(fences.snapshot(Usage.BOOKKEEP)), words(copy.snapshot(Usage.BOOKKEEP)));
    for (int i = 0; i < Reservation.CAPACITY - 3; i++) {
      copy.reserve();
    }
    String before = copy.describe();
    assertThrows(IllegalStateException.class, () -> copy.copyFrom(fences));
    assertEquals(before, copy.describe());
    for (int slot = 2; slot < Reservation.CAPACITY - 1; slot++) {
      copy.cancel(slot);
    }
    second.close();
  }

  @Test
  void atCapacityOneErrorNamesWhatIsInTheWayAndNothingChanges() {
    try (SyncDomainOfLines lines = new SyncDomainOfLines(pool.sync())) {
      for (int i = 0; i < Reservation.CAPACITY; i++) {
        fences.add(lines.next(i), Usage.READ);
      }
      String before = fences.describe();
      Fence late = timeline.next();
      String text =
          assertThrows(IllegalStateException.class, () -> fences.add(late, Usage.READ))
              .getMessage();
      for (int i = 0; i < Reservation.CAPACITY; i++) {
        assertTrue(text.contains("READ line " + i + ":"), text);
      }
      assertEquals(text, assertThrows(IllegalStateException.class, fences::reserve).getMessage());
      assertEquals(before, fences.describe());
      fences.add(lines.next(3), Usage.READ);
      assertEquals(Reservation.CAPACITY, fences.pending(Usage.READ), "its timeline had a slot");
      lines.signal(5);
      fences.add(late, Usage.READ);
      assertEquals(Reservation.CAPACITY, fences.pending(Usage.READ));
    }
  }

  /** As many timelines as a reservation has slots. */
  private static final class SyncDomainOfLines implements AutoCloseable {
    private final List<Timeline> lines = new ArrayList<>();

    SyncDomainOfLines(SyncDomain domain) {
      for (int i = 0; i < Reservation.CAPACITY; i++) {
        lines.add(domain.timeline("line " + i));
      }
    }

    Fence next(int line) {
      return lines.get(line).next();
    }

    void signal(int line) {
      lines.get(line).signal(lines.get(line).issued());
    }

    @Override
    public void close() {
      for (int i = 0; i < lines.size(); i++) {
        signal(i);
        lines.get(i).close();
      }
    }
  }
}
