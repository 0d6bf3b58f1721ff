package io.entrepot.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.buffers.BufferStates;
import io.entrepot.internal.buffers.Lanes;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A thread that is stopped anywhere inside the bookkeeping blocks nobody else. Here "a thread that
 * was stopped" is the first steps of an operation, made by hand, and then nothing more; what it was
 * at work on may be lost to it, everything else must be as usual.
 */
class StoppedThreadTest {
  private static final int BUFFERS = 4;
  private static final int BUFFER_BYTES = 64;
  private static final long ONE_SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final PoolCore pool = pool(ArenaExporter.named("pool"));
  private final PoolAttachment attachment = pool.attach(Importer.viewing("importer", Access.WRITE));

  private static PoolCore pool(ArenaExporter exporter) {
    return new PoolCore("pool", exporter, List.of(new SizeClass(BUFFER_BYTES, BUFFERS)));
  }

  /** Everything that others do goes on with as many buffers as are not the stopped thread's. */
  private void assertOthersGoOn(PoolCore with, PoolAttachment by, int buffers) {
    LanePort port = by.openPort();
    for (int round = 0; round < 3; round++) {
      List<HeldBuffer> all = new ArrayList<>();
      HeldBuffer next;
      while ((next = with.acquireReference(BUFFER_BYTES, 0)) != null) {
        all.add(next);
      }
      assertEquals(buffers, all.size(), with::dump);
      for (HeldBuffer buffer : all) {
        try (WritableView view = port.mapForWriting(buffer)) {
          view.putLong(0, buffer.generation());
        }
        with.hold(buffer.index(), buffer.generation());
        with.publish(buffer.index(), buffer.generation());
        try (View view = port.map(buffer)) {
          assertEquals(buffer.generation(), view.getLong(0));
        }
        with.unhold(buffer.index(), buffer.generation());
        int slot = buffer.reservation().reserve();
        buffer.reservation().cancel(slot);
        buffer.close();
      }
    }
    port.close();
  }

  @Test
  void afterABufferWasTakenAndNothingElse() {
    assertNotEquals(0, pool.states().free2owned(1));
    assertOthersGoOn(pool, attachment, BUFFERS - 1);
  }

  @Test
  void afterALaneWasClaimedAndNothingElse() {
    assertTrue(pool.lanes().claim() >= 0);
    assertOthersGoOn(pool, attachment, BUFFERS);
  }

  @Test
  void afterASlotWasStoredAndNeverCleared() {
    HeldBuffer buffer = pool.acquireReference(BUFFER_BYTES, 0);
    LanePort stopped = attachment.openPort();
    MappingSlot slot = stopped.flyweightSlot();
    stopped.store(slot, buffer.index(), false);
    buffer.close();
    assertOthersGoOn(pool, attachment, BUFFERS - 1);
    stopped.release(slot);
    assertOthersGoOn(pool, attachment, BUFFERS);
  }

  @Test
  void afterASlotWasStoredForAFrameThatIsDroppedItsOwnerWaitsForIt() {
    HeldBuffer buffer = pool.acquireReference(BUFFER_BYTES, 0);
    pool.publish(buffer.index(), buffer.generation());
    assertTrue(buffer.isExclusive(), "its frame is dropped");
    LanePort stopped = attachment.openPort();
    MappingSlot slot = stopped.flyweightSlot();
    stopped.store(slot, buffer.index(), false);
    LanePort port = attachment.openPort();
    assertFalse(buffer.isExclusive(), "nobody knows that it will be no use");
    assertNull(port.mapInPlace(buffer, 5, TimeUnit.MILLISECONDS));
    stopped.release(slot);
    assertTrue(buffer.isExclusive());
    assertNotNull(port.mapInPlace(buffer, 0, TimeUnit.SECONDS));
  }

  @Test
  void afterASlotWasStoredForABufferThatIsSomebodyElsesByNow() {
    HeldBuffer buffer = pool.acquireReference(BUFFER_BYTES, 0);
    buffer.close();
    assertEquals(1, pool.free().reclaim());
    LanePort stopped = attachment.openPort();
    MappingSlot slot = stopped.flyweightSlot();
    stopped.store(slot, buffer.index(), false);
    HeldBuffer owner = null;
    List<HeldBuffer> all = new ArrayList<>();
    while ((owner = pool.acquireReference(BUFFER_BYTES, 0)) != null) {
      all.add(owner);
    }
    assertEquals(BUFFERS, all.size(), "a slot protects nothing that was free before");
    LanePort port = attachment.openPort();
    for (HeldBuffer one : all) {
      port.mapForWriting(one).close();
      one.close();
    }
  }

  @Test
  void afterTheLastHoldWasDroppedAndNothingWasReclaimed() {
    HeldBuffer buffer = pool.acquireReference(BUFFER_BYTES, 0);
    assertTrue(pool.states().unhold(buffer.index(), buffer.generation()));
    assertOthersGoOn(pool, attachment, BUFFERS);
  }

  @Test
  void afterAReclaimerHasMarkedItsCandidate() {
    HeldBuffer buffer = pool.acquireReference(BUFFER_BYTES, 0);
    pool.states().unhold(buffer.index(), buffer.generation());
    assertNotEquals(0, pool.states().retired2candidate(buffer.index(), 12345));
    assertOthersGoOn(pool, attachment, BUFFERS);
  }

  @Test
  void afterABufferBeganToBeCleanedAndNeverWasDone() {
    PoolCore zeroing = pool(ArenaExporter.named("zeroing").zeroingOnReuse());
    PoolAttachment by = zeroing.attach(Importer.viewing("importer", Access.WRITE));
    HeldBuffer buffer = zeroing.acquireReference(BUFFER_BYTES, 0);
    zeroing.states().unhold(buffer.index(), buffer.generation());
    long candidate = zeroing.states().retired2candidate(buffer.index(), 1);
    assertTrue(zeroing.states().candidate2cleaning(buffer.index(), candidate));
    assertOthersGoOn(zeroing, by, BUFFERS - 1);
  }

  @Test
  void afterAKeptBufferWasMarkedAndNothingElse() {
    BufferOwner keeper = new BufferOwner(attachment.openPort(), true);
    keeper.tryTake();
    int kept = keeper.buffer();
    keeper.give();
    assertNotEquals(0, pool.states().kept2recalled(kept));
    assertOthersGoOn(pool, attachment, BUFFERS);
    assertNotNull(keeper.tryTake(), "and its keeper has another one");
  }

  @Test
  void afterAKeptBufferWasMarkedWhileItWasUsed() {
    BufferOwner keeper = keeperInUse();
    assertNotEquals(0, pool.states().kept2recalled(keeper.buffer()));
    assertOthersGoOn(pool, attachment, BUFFERS - 1);
    keeper.give();
    assertOthersGoOn(pool, attachment, BUFFERS);
  }

  @Test
  void afterARecallerHasLookedAndBeforeItActs() {
    for (boolean inUse : new boolean[] {false, true}) {
      BufferOwner keeper = keeperInUse();
      int buffer = keeper.buffer();
      long mark = pool.states().kept2recalled(buffer);
      assertEquals(mark, pool.states().kept2recalled(buffer), "a second recaller joins");
      assertTrue(pool.states().recalled2(buffer, mark, true));
      keeper.give();
      assertFalse(
          BufferStates.isKept(pool.states().acquire(buffer)), "kept again, its words would be too");
      assertNotNull(keeper.tryTake());
      assertEquals(buffer, keeper.buffer());
      assertFalse(pool.states().recalled2(buffer, mark, inUse), "what it saw is over");
      assertOthersGoOn(pool, attachment, BUFFERS - 1);
      keeper.give();
      assertOthersGoOn(pool, attachment, BUFFERS);
    }
  }

  @Test
  void afterAKeeperHasStoredItsSlotForWhatIsSomebodyElsesByNow() {
    BufferOwner keeper = keeperInUse();
    int buffer = keeper.buffer();
    keeper.give();
    assertEquals(1, pool.free().recall());
    HeldBuffer others = null;
    List<HeldBuffer> all = new ArrayList<>();
    HeldBuffer next;
    while ((next = pool.acquireReference(BUFFER_BYTES, 0)) != null) {
      all.add(next);
      others = next.index() == buffer ? next : others;
    }
    // The first step of a take, and nothing more.
    long slot = pool.layout().slot(0, 0);
    pool.words()
        .setRelease(slot, pool.words().getPlain(slot) + Lanes.ONE_USE | Lanes.owned(buffer));
    pool.hold(others.index(), others.generation());
    pool.publish(others.index(), others.generation());
    assertNotNull(attachment.openPort().mapInPlace(others, 1, TimeUnit.SECONDS));
    pool.unhold(others.index(), others.generation());
    all.forEach(HeldBuffer::close);
  }

  @Test
  void afterAKeeperHasStoredItsSlotAndNothingElse() {
    keeperInUse();
    assertOthersGoOn(pool, attachment, BUFFERS - 1);
  }

  private BufferOwner keeperInUse() {
    BufferOwner keeper = new BufferOwner(attachment.openPort(), true);
    keeper.tryTake();
    keeper.give();
    assertNotNull(keeper.tryTake());
    assertTrue(BufferStates.isKept(pool.states().acquire(keeper.buffer())));
    return keeper;
  }

  @Test
  void afterAFenceSlotWasClaimedAndNoFenceAdded() {
    HeldBuffer buffer = pool.acquireReference(BUFFER_BYTES, 0);
    buffer.reservation().reserve();
    assertTrue(buffer.reservation().isSignaled(Usage.BOOKKEEP), "no fence is pending yet");
    LanePort port = attachment.openPort();
    port.map(buffer).close();
    buffer.close();
    assertOthersGoOn(pool, attachment, BUFFERS - 1);
  }

  @Test
  void afterTheCountOfFencesWasRaisedAndNoSlotClaimed() {
    long base = pool.layout().buffer(2);
    pool.words().getAndAdd(base + PoolDescriptor.FENCES, 1);
    assertOthersGoOn(pool, attachment, BUFFERS);
  }

  @Test
  void afterAWriterInPlaceHasRaisedItsWordOthersHaveTheOtherBuffers() {
    HeldBuffer buffer = pool.acquireReference(BUFFER_BYTES, 0);
    LanePort stopped = attachment.openPort();
    assertTrue(pool.hold(buffer.index(), buffer.generation()));
    assertTrue(pool.inPlace().begin(buffer.index(), stopped.lane(), 0, () -> false));
    LanePort port = attachment.openPort();
    assertNull(port.mapInPlace(buffer, 0, TimeUnit.SECONDS), "one writer at a time");
    List<HeldBuffer> all = new ArrayList<>();
    HeldBuffer next;
    while ((next = pool.acquireReference(BUFFER_BYTES, 0)) != null) {
      port.map(next).close();
      port.mapForWriting(next).close();
      WritableView inPlace = port.mapInPlace(next, 1, TimeUnit.SECONDS);
      assertNotNull(inPlace);
      inPlace.close();
      all.add(next);
    }
    assertEquals(BUFFERS - 1, all.size());
    all.forEach(HeldBuffer::close);
    buffer.close();
    assertOthersGoOn(pool, pool.attach(Importer.viewing("other", Access.WRITE)), BUFFERS - 1);
  }

  @Test
  void afterAWaiterHasArmedAndWillNeverLook() {
    pool.words().getAndAdd(pool.layout().header(PoolDescriptor.ARMED), 1);
    assertOthersGoOn(pool, attachment, BUFFERS);
  }

  @Test
  void afterARevocationHasMarkedAndStopped() {
    PoolAttachment other = pool.attach(Importer.viewing("other", Access.WRITE));
    LanePort port = other.openPort();
    pool.lanes().alert(port.lane(), pool.lanes().tenancy(port.lane()));
    assertOthersGoOn(pool, attachment, BUFFERS);
  }

  @Test
  void aStoppedReaderDoesNotKeepARevocationFromEnding() {
    HeldBuffer buffer = pool.acquireReference(BUFFER_BYTES, 0);
    LanePort stopped = attachment.openPort();
    MappingSlot slot = stopped.flyweightSlot();
    stopped.store(slot, buffer.index(), false);
    buffer.close();
    var revocation = attachment.revoke(TimeUnit.MILLISECONDS.toNanos(5));
    assertFalse(revocation.cooperative());
    assertTrue(revocation.isComplete());
    assertOthersGoOn(pool, pool.attach(Importer.viewing("other", Access.WRITE)), BUFFERS);
  }
}
