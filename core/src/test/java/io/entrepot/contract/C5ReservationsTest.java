package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C5: who waits for which fences of a buffer. */
class C5ReservationsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void aReaderWaitsForMovesAndWritesAWriterForReadsToo() {
    assertEquals(Usage.WRITE, Usage.awaitedBy(false));
    assertEquals(Usage.READ, Usage.awaitedBy(true));
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var timeline = pool.sync().timeline("t");
        var attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
        var buffer = pool.tryAcquire(64)) {
      for (Usage usage : Usage.values()) {
        for (boolean write : new boolean[] {false, true}) {
          Fence fence = timeline.next();
          buffer.reservation().add(fence, usage);
          var mapping =
              Elsewhere.start(() -> {
                try (var port = attachment.open();
                    View view = write ? port.mapForWriting(buffer) : port.map(buffer)) {
                  return view.isOpen() && fence.isSignaled();
                }
              });
          boolean waits = usage.ordinal() <= Usage.awaitedBy(write).ordinal();
          if (waits) {
            mapping.awaitWaiting();
            assertFalse(mapping.isDone(), usage + " write=" + write);
            timeline.signal(fence.point());
          }
          assertEquals(waits, mapping.result(), usage + " write=" + write);
          timeline.signal(fence.point());
        }
      }
    }
  }

  @Test
  void everyPendingUsageKeepsABufferFromReuse() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var timeline = pool.sync().timeline("t")) {
      for (Usage usage : Usage.values()) {
        SharedBuffer buffer = pool.tryAcquire(64);
        Fence fence = timeline.next();
        buffer.reservation().add(fence, usage);
        buffer.close();
        assertNull(pool.tryAcquire(64), usage.toString());
        assertNull(pool.acquire(64, 1, TimeUnit.MILLISECONDS), usage.toString());
        String holders = pool.holders().toString();
        assertTrue(holders.contains(usage + " t:" + fence.point()), holders);
        timeline.signal(fence.point());
        SharedBuffer again = pool.tryAcquire(64);
        assertNotNull(again, usage.toString());
        assertTrue(again.reservation().isSignaled(Usage.BOOKKEEP));
        again.close();
      }
    }
  }

  @Test
  void aClaimKeepsABufferFromReuseUntilItIsCancelledOrItsFenceSignaled() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var timeline = pool.sync().timeline("t")) {
      SharedBuffer buffer = pool.tryAcquire(64);
      Reservation fences = buffer.reservation();
      int slot = fences.reserve();
      int cancelled = fences.reserve();
      buffer.close();
      assertNull(pool.tryAcquire(64));
      fences.cancel(cancelled);
      assertNull(pool.tryAcquire(64));
      assertTrue(pool.holders().toString().contains("claimed"), () -> "" + pool.holders());
      fences.add(slot, timeline, timeline.issue(), Usage.READ);
      assertNull(pool.tryAcquire(64));
      timeline.signal(1);
      SharedBuffer again = pool.tryAcquire(64);
      assertNotNull(again);
      again.close();
    }
  }

  @Test
  void capacityIsReservedBeforeSoThatAddingCannotFail() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      Reservation fences = buffer.reservation();
      List<Integer> slots = new ArrayList<>();
      List<Timeline> lines = new ArrayList<>();
      for (int i = 0; i < Reservation.CAPACITY; i++) {
        slots.add(fences.reserve());
        lines.add(pool.sync().timeline("t" + i));
      }
      assertEquals(Reservation.CAPACITY, slots.stream().distinct().count());
      String full = assertThrows(IllegalStateException.class, fences::reserve).getMessage();
      assertTrue(full.contains("all " + Reservation.CAPACITY + " fence slots"), full);
      slots.forEach(slot -> fences.add(slot, lines.get(slot).next(), Usage.READ));
      assertEquals(Reservation.CAPACITY, fences.pending(Usage.READ));
      assertThrows(IllegalStateException.class, fences::reserve);
      lines.subList(0, 3).forEach(line -> line.signal(line.issued()));
      for (int i = 0; i < 3; i++) {
        int slot = fences.reserve();
        assertTrue(slots.get(slot) < 3 || slot < 3, "a signaled fence's slot");
        fences.add(slot, lines.get(i).next(), Usage.WRITE);
      }
      assertThrows(IllegalStateException.class, fences::reserve);
      assertEquals(Reservation.CAPACITY, fences.pending(Usage.BOOKKEEP));
      assertEquals(3, fences.pending(Usage.WRITE), "no pending fence was replaced");
      lines.forEach(line -> line.signal(line.issued()));
    }
  }

  /** Fences that were added to claimed slots may cover one another. */
  @Test
  void aFenceThatAnotherCoversTakesNoSlotFromAClaim() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var timeline = pool.sync().timeline("t");
        var buffer = pool.tryAcquire(64)) {
      Reservation fences = buffer.reservation();
      int[] slots = new int[Reservation.CAPACITY];
      for (int i = 0; i < slots.length; i++) {
        slots[i] = fences.reserve();
      }
      for (int i = 0; i < slots.length; i++) {
        fences.add(slots[i], timeline, timeline.issue(), Usage.READ);
      }
      for (int i = 1; i < slots.length; i++) {
        fences.reserve();
      }
      assertTrue(fences.describe().contains("READ t:" + timeline.issued()), fences.describe());
      assertThrows(IllegalStateException.class, fences::reserve);
      for (int i = 0; i < slots.length - 1; i++) {
        fences.cancel(i);
      }
      timeline.signal(timeline.issued());
    }
  }

  @Test
  void aSlotIsUsedOnceAndChecked() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var timeline = pool.sync().timeline("t");
        var buffer = pool.tryAcquire(64)) {
      Reservation fences = buffer.reservation();
      Fence fence = timeline.next();
      for (int slot : new int[] {-1, Reservation.CAPACITY, Integer.MAX_VALUE}) {
        assertThrows(IndexOutOfBoundsException.class, () -> fences.add(slot, fence, Usage.READ));
        assertThrows(IndexOutOfBoundsException.class, () -> fences.cancel(slot));
      }
      assertThrows(IllegalStateException.class, () -> fences.add(0, fence, Usage.READ));
      assertThrows(IllegalStateException.class, () -> fences.cancel(0));
      int slot = fences.reserve();
      fences.add(slot, fence, Usage.READ);
      assertThrows(IllegalStateException.class, () -> fences.add(slot, fence, Usage.READ));
      assertThrows(IllegalStateException.class, () -> fences.cancel(slot));
      timeline.signal(1);
    }
  }

  @Test
  void aFenceOfAnotherDomainIsRefusedAndTheClaimStays() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var mine = pool.sync().timeline("mine");
        Timeline foreign = SyncDomain.create(1).timeline("foreign");
        var buffer = pool.tryAcquire(64)) {
      Reservation fences = buffer.reservation();
      int slot = fences.reserve();
      Fence fence = foreign.next();
      String text =
          assertThrows(IllegalArgumentException.class, () -> fences.add(slot, fence, Usage.WRITE))
              .getMessage();
      assertTrue(text.contains("'foreign'"), text);
      text =
          assertThrows(IllegalArgumentException.class, () -> fences.add(slot, mine, 1, Usage.WRITE))
              .getMessage();
      assertTrue(text.contains("was not issued: none was yet"), text);
      fences.add(slot, mine.next(), Usage.WRITE);
      mine.signal(1);
    }
  }

  @Test
  void aDeadlineReachesTheIssuersOfWhatTheAskerWaitsFor() {
    List<String> hints = new ArrayList<>();
    FenceIssuer issuer =
        new FenceIssuer() {
          @Override
          public void deadline(long point, long deadlineNs) {
            hints.add(point + "@" + deadlineNs);
          }
        };
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64);
        var writing = pool.sync().timeline("writing", issuer);
        var reading = pool.sync().timeline("reading", issuer)) {
      reading.issue();
      buffer.reservation().add(writing.next(), Usage.WRITE);
      buffer.reservation().add(reading.next(), Usage.READ);
      buffer.reservation().hintDeadline(Usage.WRITE, 500);
      assertEquals(List.of("1@500"), hints);
      buffer.reservation().hintDeadline(Usage.READ, 400);
      assertEquals(List.of("1@500", "1@400", "2@400"), hints);
      writing.signal(1);
      buffer.reservation().hintDeadline(Usage.BOOKKEEP, 300);
      assertEquals(List.of("1@500", "1@400", "2@400", "2@300"), hints);
      reading.signal(2);
    }
  }

  /** A timeline that ended signals for its issuer, whose work may go on: such points stay. */
  @Test
  void workWhoseTimelineEndedTakesOneSlotHoweverOftenItIsAdded() {
    try (var pool = BufferPool.offHeap("pool", 64, 1)) {
      var lost = pool.sync().timeline("lost");
      Fence earlier = lost.next();
      Fence work = lost.next();
      lost.close();
      var buffer = pool.tryAcquire(64);
      Reservation fences = buffer.reservation();
      for (int i = 0; i < 20; i++) {
        fences.add(work, Usage.WRITE);
        fences.add(earlier, Usage.READ);
        assertEquals(1, fences.importFence(work, Usage.WRITE));
        assertEquals(1, fences.importFence(earlier, Usage.BOOKKEEP));
        assertEquals("WRITE lost:2 unsettled", fences.describe());
      }
      for (int i = 1; i < 8; i++) {
        fences.reserve();
      }
      assertEquals(1, fences.importFence(work, Usage.WRITE), "needs no slot");
      for (int i = 1; i < 8; i++) {
        fences.cancel(i);
      }
      buffer.close();
      assertNull(pool.tryAcquire(64), "its issuer may be at work");
      assertEquals(1, pool.sync().settle("lost"));
      pool.tryAcquire(64).close();
    }
  }
}
