package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Usage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/**
 * C6: who keeps a reference is told when nobody else uses the buffer any more, as soon and as
 * surely as one who waits for it in the pool.
 */
@InBothForms
class C6ExclusiveUseTest {
  private static final int LATE_ROUNDS = 2_000;

  @Parameter Form form;

  private static void publish(Broadcast feed, SharedBuffer buffer) {
    try (var writer = feed.writer()) {
      assertTrue(writer.publish(buffer.share(), null, 0, 1, TimeUnit.SECONDS));
    }
  }

  /** One use by somebody else: the owner is told of it, and when it ends. */
  private static void assertOnlyOtherUse(SharedBuffer buffer, Runnable end) {
    assertFalse(buffer.isExclusive());
    assertFalse(buffer.awaitExclusive(0, TimeUnit.SECONDS));
    assertFalse(buffer.awaitExclusive(3, TimeUnit.MILLISECONDS));
    var waiting = Elsewhere.start(() -> buffer.awaitExclusive(30, TimeUnit.SECONDS)).awaitWaiting();
    assertFalse(waiting.isDone());
    end.run();
    assertTrue(waiting.result());
    assertTrue(buffer.isExclusive());
    assertTrue(buffer.awaitExclusive(Long.MIN_VALUE, TimeUnit.DAYS));
  }

  @Test
  void aReferenceIsExclusiveUntilItIsShared() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var buffer = pool.tryAcquire(64)) {
      assertTrue(buffer.isExclusive());
      SharedBuffer shared = buffer.share();
      assertFalse(shared.isExclusive());
      assertOnlyOtherUse(buffer, shared::close);
    }
  }

  @Test
  void anUnreadFrameIsUsedUntilItsReaderLeaves() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var buffer = pool.tryAcquire(64)) {
      publish(feed, buffer);
      assertTrue(buffer.isExclusive(), "nobody has joined");
    }
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var buffer = pool.tryAcquire(64)) {
      var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
      publish(feed, buffer);
      assertOnlyOtherUse(buffer, reader::close);
    }
  }

  @Test
  void aFrameIsUsedUntilItsReaderUnmapsItOrGoesOn() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var buffer = pool.tryAcquire(64);
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open();
        var writer = feed.writer()) {
      for (Runnable end :
          new Runnable[] {port::unmap, () -> assertNull(port.next(0, TimeUnit.SECONDS))}) {
        assertTrue(writer.publish(buffer.share(), null, 0, 1, TimeUnit.SECONDS));
        assertNotNull(port.next(1, TimeUnit.SECONDS));
        assertOnlyOtherUse(buffer, end);
      }
    }
  }

  @Test
  void theLastOfManyReadersIsWaitedFor() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var buffer = pool.tryAcquire(64);
        var one = place.reach(feed).join("one", Access.READ, Overflow.BLOCK);
        var two = feed.join("two", Access.READ, Overflow.DROP_OLDEST);
        var onePort = one.open();
        var twoPort = two.open()) {
      publish(feed, buffer);
      assertFalse(buffer.isExclusive());
      assertNotNull(onePort.next(1, TimeUnit.SECONDS));
      assertFalse(buffer.isExclusive());
      assertNotNull(twoPort.next(1, TimeUnit.SECONDS));
      twoPort.unmap();
      assertOnlyOtherUse(buffer, onePort::unmap);
    }
  }

  @Test
  void aKeptViewAndAHeldFrameAreUses() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var buffer = pool.tryAcquire(64);
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open();
        var writer = feed.writer()) {
      assertTrue(writer.publish(buffer.share(), null, 0, 1, TimeUnit.SECONDS));
      assertNotNull(port.next(1, TimeUnit.SECONDS));
      SharedBuffer held = port.hold();
      port.unmap();
      assertOnlyOtherUse(buffer, held::close);
      assertTrue(writer.publish(buffer.share(), null, 0, 1, TimeUnit.SECONDS));
      assertNotNull(port.next(1, TimeUnit.SECONDS));
      assertOnlyOtherUse(buffer, port.keep()::close);
    }
  }

  @Test
  void whatWasTakenAsALeaseOrReferenceIsAUseAndNotHeldAgainWhenItIsClosed() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var buffer = pool.tryAcquire(64);
        var reader =
            place
                .reach(feed)
                .join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 1, Division.EACH);
        var port = reader.open();
        var writer = feed.writer()) {
      assertTrue(writer.publish(buffer.share(), null, 0, 1, TimeUnit.SECONDS));
      var lease = port.nextLease(1, TimeUnit.SECONDS);
      port.hold().close();
      assertOnlyOtherUse(buffer, lease::close);
      assertThrows(StaleBufferException.class, port::hold);
      assertTrue(buffer.isExclusive());
      assertTrue(writer.publish(buffer.share(), null, 0, 1, TimeUnit.SECONDS));
      var reference = port.nextBuffer(1, TimeUnit.SECONDS);
      port.hold().close();
      assertOnlyOtherUse(buffer, reference::close);
      assertThrows(StaleBufferException.class, port::hold);
      assertTrue(buffer.isExclusive());
    }
  }

  @Test
  void aRetainedFrameIsAUse() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var buffer = pool.tryAcquire(64)) {
      feed.retain(1);
      publish(feed, buffer);
      assertOnlyOtherUse(buffer, () -> feed.retain(0));
    }
  }

  @Test
  void aFenceOfEachUsageIsAUse() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var timeline = pool.sync().timeline("t");
        var buffer = pool.tryAcquire(64)) {
      for (Usage usage : Usage.values()) {
        var fence = timeline.next();
        buffer.reservation().add(fence, usage);
        assertOnlyOtherUse(buffer, () -> timeline.signal(fence.point()));
      }
    }
  }

  /** Else nobody could rely on what it was told: of a view's reservation it is so, too. */
  @Test
  void theReservationOfAReferenceThatIsClosedKeepsNothingFromItsOwner() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var timeline = pool.sync().timeline("t");
        var buffer = pool.tryAcquire(64)) {
      SharedBuffer shared = buffer.share();
      Reservation fences = shared.reservation();
      shared.close();
      assertTrue(buffer.isExclusive());
      for (Reservation late : new Reservation[] {fences, shared.reservation()}) {
        Fence fence = timeline.next();
        assertThrows(IllegalStateException.class, late::reserve);
        assertThrows(IllegalStateException.class, () -> late.add(fence, Usage.WRITE));
        assertThrows(
            IllegalStateException.class, () -> late.add(timeline, fence.point(), Usage.READ));
        assertThrows(IllegalStateException.class, () -> late.importFence(fence, Usage.MOVE));
        assertThrows(IllegalStateException.class, () -> late.copyFrom(buffer.reservation()));
        assertTrue(buffer.isExclusive(), buffer.reservation()::describe);
        timeline.signal(fence.point());
      }
      buffer.reservation().add(timeline.next(), Usage.WRITE);
      assertEquals(1, fences.pending(Usage.WRITE), "what is there is told");
      timeline.signal(timeline.issued());
    }
  }

  @Test
  void whatGoesOnUnderOnesOwnAttachmentIsNoUseOfOthers() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var own = pool.attach(Importers.of(MappingType.NATIVE_POINTER));
        var other = pool.attach(Importers.of(MappingType.NATIVE_POINTER));
        var buffer = pool.tryAcquire(64);
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      var lease = own.lease(buffer);
      var second = own.lease(buffer);
      assertFalse(buffer.isExclusive());
      assertFalse(other.isExclusive(buffer));
      assertTrue(own.isExclusive(buffer));
      publish(feed, buffer);
      assertFalse(own.isExclusive(buffer));
      assertFalse(own.awaitExclusive(buffer, 3, TimeUnit.MILLISECONDS));
      assertNotNull(port.next(1, TimeUnit.SECONDS));
      var waiting =
          Elsewhere.start(() -> own.awaitExclusive(buffer, 30, TimeUnit.SECONDS)).awaitWaiting();
      second.close();
      assertFalse(waiting.isDone());
      port.unmap();
      assertTrue(waiting.result());
      assertOnlyOtherUse(buffer, lease::close);
    }
  }

  @Test
  void mappingsUnderOnesOwnAttachmentAreNoUsesOfOthers() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var own = pool.attach(Importers.viewing());
        var other = pool.attach(Importers.viewing());
        var buffer = pool.tryAcquire(64);
        var ownPort = own.open();
        var otherPort = other.open()) {
      var mine = ownPort.mapForWriting(buffer);
      assertTrue(own.isExclusive(buffer));
      assertFalse(other.isExclusive(buffer));
      var theirs = otherPort.map(buffer);
      assertFalse(own.isExclusive(buffer));
      theirs.close();
      assertTrue(own.isExclusive(buffer));
      assertOnlyOtherUse(buffer, mine::close);
    }
  }

  @Test
  void aReaderThatEndedWithoutClosingIsNotWaitedForInVain() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var buffer = pool.tryAcquire(64);
        var attachment = pool.attach(Importers.viewing())) {
      Elsewhere.run(() -> attachment.open().map(buffer));
      assertTrue(buffer.awaitExclusive(20, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void anInterruptEndsTheWait() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var buffer = pool.tryAcquire(64);
        var shared = buffer.share()) {
      var waiting =
          Elsewhere.start(() -> {
            assertFalse(shared.awaitExclusive(10, TimeUnit.MINUTES));
            return Thread.interrupted();
          });
      waiting.awaitWaiting().thread().interrupt();
      assertTrue(waiting.result(), "the interrupt stays set");
    }
  }

  @Test
  void whoHasNoReferenceIsToldSo() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var another = BufferPool.offHeap("another", 64, 1);
        var attachment = pool.attach(Importers.viewing())) {
      SharedBuffer buffer = pool.tryAcquire(64);
      SharedBuffer shared = buffer.share();
      var waiting =
          Elsewhere.start(() -> buffer.awaitExclusive(30, TimeUnit.SECONDS)).awaitWaiting();
      buffer.close();
      assertThrows(StaleBufferException.class, waiting::result);
      assertThrows(StaleBufferException.class, buffer::isExclusive);
      assertThrows(StaleBufferException.class, () -> buffer.awaitExclusive(0, TimeUnit.SECONDS));
      assertThrows(StaleBufferException.class, () -> attachment.isExclusive(buffer));
      SharedBuffer foreign = another.tryAcquire(64);
      assertThrows(IllegalArgumentException.class, () -> attachment.isExclusive(foreign));
      foreign.close();
      shared.close();
    }
  }

  /**
   * Of two publications of one buffer the first is dropped, or taken: where the reader comes late
   * for it the buffer looks used, and the owner who was told otherwise waits, and not in vain.
   */
  @Test
  void aReaderThatIsLateForADroppedFrameHoldsItsOwnerUpForAMomentOnly() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var buffer = pool.tryAcquire(64);
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.DROP_OLDEST, 1)) {
      var reading =
          Elsewhere.start(() -> {
            long last = -1;
            try (var port = reader.open()) {
              while (!port.isEnded()) {
                if (port.next(0, TimeUnit.SECONDS) instanceof View view) {
                  long number = view.getLong(0);
                  assertTrue(number >= last, "overtaken");
                  assertEquals(number, view.getLong(8), "written to while it is read");
                  last = number;
                }
              }
            }
            return last;
          });
      int rounds = form.times(LATE_ROUNDS);
      try (var writer = feed.writer()) {
        for (long round = 0; round < rounds; round++) {
          try (var view = writer.port().mapInPlace(buffer, 30, TimeUnit.SECONDS)) {
            assertNotNull(view, pool::dump);
            view.putLong(0, round);
            view.putLong(8, round);
          }
          for (int times = 0; times < 2; times++) {
            assertTrue(writer.publish(buffer.share(), null, round, 0, TimeUnit.SECONDS));
          }
          assertTrue(buffer.awaitExclusive(30, TimeUnit.SECONDS), pool::dump);
        }
      }
      assertEquals(rounds - 1, reading.result());
    }
  }

  @Test
  void theProcessThatExportsTheBufferAloneCanTell() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var buffer = pool.tryAcquire(64);
        var reached = place.reach(buffer)) {
      if (place.isFar()) {
        String text =
            assertThrows(UnsupportedOperationException.class, reached::isExclusive).getMessage();
        assertTrue(text.contains("ask there"), text);
      } else {
        assertFalse(reached.isExclusive());
      }
      assertFalse(buffer.isExclusive());
      assertEquals(1, buffer.generation());
    }
  }
}
