package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C5: an importer asks and waits for the fences that a buffer's owner has put on it. */
@InBothForms
class C5AwaitedFencesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Parameter Form form;
  private Place place;
  private BufferPool pool;

  /** Of the pool's process. */
  private Timeline timeline;

  private Timeline other;

  /** The owner's reference, and its reservation. */
  private SharedBuffer owned;

  private Reservation fences;

  /** The importer's. */
  private SharedBuffer buffer;

  private Reservation seen;

  @BeforeEach
  void open() {
    place = form.place(64, 2);
    pool = place.pool();
    timeline = pool.sync().timeline("t");
    other = pool.sync().timeline("other");
    owned = pool.tryAcquire(64);
    fences = owned.reservation();
    buffer = place.reach(owned);
    seen = buffer.reservation();
  }

  @AfterEach
  void closeAll() {
    buffer.close();
    owned.close();
    timeline.signal(timeline.next().point());
    other.signal(other.next().point());
    place.close();
    pool.close();
  }

  private static Optional<FenceError.Kind> ended(Fence fence) {
    assertTrue(fence.await(LONG), fence::toString);
    return fence.error().map(FenceError::kind);
  }

  // ---------------------------------------------------------------- queries

  @Test
  void aQuerySeesTheFencesOfItsUsageAndOfThoseBefore() {
    for (Usage added : Usage.values()) {
      Fence fence = timeline.next();
      fences.add(fence, added);
      for (Usage asked : Usage.values()) {
        boolean sees = added.ordinal() <= asked.ordinal();
        assertEquals(!sees, seen.isSignaled(asked), added + " asked as " + asked);
        assertEquals(sees ? 1 : 0, seen.pending(asked), added + " asked as " + asked);
        assertEquals(sees ? 1 : 0, seen.snapshot(asked).size(), added + " asked as " + asked);
        assertEquals(!sees, seen.await(asked, Duration.ofNanos(1)));
      }
      String named = form == Form.FAR ? " timeline 0:" : " t:";
      assertTrue(seen.describe().contains(added + named + fence.point()), seen.describe());
      timeline.signal(fence.point());
      for (Usage asked : Usage.values()) {
        assertTrue(seen.isSignaled(asked));
        assertTrue(seen.await(asked, Duration.ZERO));
      }
      assertEquals("", seen.describe());
    }
  }

  @Test
  void whatIsPromotedOrReplacedIsSeenSo() {
    Fence read = timeline.next();
    fences.add(read, Usage.READ);
    assertTrue(seen.isSignaled(Usage.WRITE));
    fences.promote(read, Usage.WRITE);
    assertFalse(seen.isSignaled(Usage.WRITE));
    assertEquals(1, fences.replace(timeline, other.next(), Usage.BOOKKEEP));
    assertTrue(seen.isSignaled(Usage.READ));
    timeline.signal(read.point());
    assertFalse(seen.isSignaled(Usage.BOOKKEEP));
    other.signal(1);
    assertTrue(seen.isSignaled(Usage.BOOKKEEP));
  }

  @Test
  void aClaimIsNoFence() {
    int slot = fences.reserve();
    assertTrue(seen.isSignaled(Usage.BOOKKEEP));
    assertTrue(seen.describe().contains("claimed"), seen.describe());
    fences.add(slot, timeline.next(), Usage.WRITE);
    assertFalse(seen.isSignaled(Usage.WRITE));
    timeline.signal(1);
  }

  @Test
  void aJobOverSeveralBuffersIsSeenWhenItHasCommitted() {
    try (SharedBuffer second = pool.tryAcquire(64);
        ReservationSet set = ReservationSet.on(timeline)) {
      set.add(fences, Usage.WRITE);
      set.add(second.reservation(), Usage.READ);
      long point = set.awaitCommit(LONG);
      assertEquals(1, seen.pending(Usage.WRITE));
      timeline.signal(point);
      assertTrue(seen.isSignaled(Usage.BOOKKEEP));
    }
  }

  // ---------------------------------------------------------------- waits

  @Test
  void anAwaitWaitsForAllFencesThatItSees() {
    fences.add(timeline.next(), Usage.READ);
    fences.add(other.next(), Usage.WRITE);
    var waiter = Elsewhere.start(() -> seen.await(Usage.BOOKKEEP, LONG)).awaitWaiting();
    other.signal(1);
    waiter.awaitWaiting();
    assertFalse(waiter.isDone());
    timeline.signal(1);
    assertTrue(waiter.result());
  }

  @Test
  void anAwaitWaitsForWhatIsAddedMeanwhileAndASnapshotDoesNot() {
    fences.add(timeline.next(), Usage.WRITE);
    FenceSnapshot before = seen.snapshot(Usage.WRITE);
    var all = Elsewhere.start(() -> seen.await(Usage.WRITE, LONG)).awaitWaiting();
    var those = Elsewhere.start(() -> before.await(LONG)).awaitWaiting();
    fences.add(other.next(), Usage.WRITE);
    timeline.signal(1);
    assertTrue(those.result());
    assertTrue(before.isSignaled());
    assertFalse(seen.await(Usage.WRITE, Duration.ofMillis(2)));
    assertFalse(all.isDone());
    other.signal(1);
    assertTrue(all.result());
  }

  @Test
  void aWaitInVainEndsInTime() {
    fences.add(timeline.next(), Usage.WRITE);
    FenceSnapshot pending = seen.snapshot(Usage.WRITE);
    for (Duration time :
        new Duration[] {Duration.ofSeconds(Long.MIN_VALUE), Duration.ZERO, Duration.ofMillis(2)}) {
      assertFalse(seen.await(Usage.WRITE, time));
      assertFalse(pending.await(time));
    }
    var waiting =
        Elsewhere.start(() -> {
          assertFalse(seen.await(Usage.WRITE, Duration.ofMinutes(10)));
          assertTrue(Thread.interrupted(), "the interrupt stays set");
          Thread.currentThread().interrupt();
          assertFalse(pending.await(Duration.ofMinutes(10)));
          return Thread.interrupted();
        });
    waiting.awaitWaiting();
    waiting.thread().interrupt();
    assertTrue(waiting.result(), "the interrupt stays set");
    timeline.signal(1);
    assertTrue(seen.await(Usage.WRITE, Duration.ofSeconds(Long.MIN_VALUE)));
  }

  @Test
  void everyMappingTypeWaitsForAPendingWrite() {
    for (MappingType type : MappingType.values()) {
      try (var attachment =
          place.attach(
              Importer.accepting("importer", Release.BOUNDED, Need.of(type, Access.READ))
                  .allowingBounce())) {
        Fence fence = timeline.next();
        fences.add(fence, Usage.WRITE);
        var sink = Channels.newChannel(new ByteArrayOutputStream());
        var using =
            Elsewhere.start(() -> {
              try (var port = attachment.open()) {
                switch (type) {
                  case VIEW -> port.map(buffer).close();
                  case CPU_WINDOW -> port.cpuWindow(buffer).close();
                  case NATIVE_POINTER -> attachment.lease(buffer).close();
                  case CHANNEL_IO -> port.writeTo(sink, buffer, 0, 64);
                }
                return fence.isSignaled();
              }
            });
        using.awaitWaiting();
        assertFalse(using.isDone(), type.toString());
        timeline.signal(fence.point());
        assertTrue(using.result(), type.toString());
      }
    }
  }

  @Test
  void aReaderWaitsForMovesAndWrites() {
    try (var attachment = place.attach(Importers.reading())) {
      for (Usage usage : Usage.values()) {
        Fence fence = timeline.next();
        fences.add(fence, usage);
        var mapping =
            Elsewhere.start(() -> {
              try (var port = attachment.open();
                  View view = port.map(buffer)) {
                return view.isOpen() && fence.isSignaled();
              }
            });
        boolean waits = usage.ordinal() <= Usage.awaitedBy(false).ordinal();
        if (waits) {
          mapping.awaitWaiting();
          assertFalse(mapping.isDone(), usage.toString());
          timeline.signal(fence.point());
        }
        assertEquals(waits, mapping.result(), usage.toString());
        timeline.signal(fence.point());
      }
    }
  }

  // ---------------------------------------------------------------- frames

  @Test
  void aFrameWhoseWriteIsPendingIsNotSeenBeforeItsFence() {
    try (var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var writer = feed.writer()) {
      SharedBuffer written = pool.tryAcquire(64);
      Fence fence = timeline.next();
      written.reservation().add(fence, Usage.WRITE);
      assertTrue(writer.publish(written, null, 0, 1, TimeUnit.SECONDS));
      var reading =
          Elsewhere.start(() -> {
            try (var port = reader.open()) {
              View view = port.next(30, TimeUnit.SECONDS);
              return view != null && fence.isSignaled();
            }
          });
      reading.awaitWaiting();
      assertFalse(reading.isDone());
      timeline.signal(1);
      assertTrue(reading.result());
    }
  }

  @Test
  void aReferenceToAFrameIsTakenWhateverItsFences() {
    try (var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var writer = feed.writer();
        var port = reader.open()) {
      SharedBuffer written = pool.tryAcquire(64);
      written.reservation().add(timeline.next(), Usage.WRITE);
      assertTrue(writer.publish(written, null, 5, 1, TimeUnit.SECONDS));
      try (SharedBuffer frame = port.nextBuffer(30, TimeUnit.SECONDS)) {
        assertFalse(frame.reservation().await(Usage.READ, Duration.ofMillis(1)));
        timeline.signal(1);
        assertTrue(frame.reservation().await(Usage.READ, Duration.ZERO));
      }
    }
  }

  // ---------------------------------------------------------------- fences as objects

  @Test
  void whatAReaderOrWriterWaitsForIsExportedAsOneFence() {
    assertTrue(buffer.exportFence(Access.WRITE).isSignaled());
    Fence write = timeline.next();
    fences.add(write, Usage.WRITE);
    Fence alone = buffer.exportFence(Access.READ);
    assertFalse(alone.isSignaled());
    Fence read = other.next();
    fences.add(read, Usage.READ);
    Fence both = buffer.exportFence(Access.WRITE);
    assertEquals(2, assertInstanceOf(FenceArray.class, both).members().size());
    fences.add(other.next(), Usage.READ);
    timeline.signal(write.point(), FenceError.failed("disk"));
    assertEquals(Optional.of(FenceError.Kind.FAILED), ended(alone));
    assertFalse(both.isSignaled());
    other.signal(read.point());
    assertEquals(Optional.of(FenceError.Kind.FAILED), ended(both));
    assertTrue(seen.exportFence(Usage.WRITE, "all").isSignaled());
    assertFalse(seen.exportFence(Usage.READ, "all").isSignaled(), "what was added later");
  }

  @Test
  void theFencesOfASnapshotEndAsTheirIssuerEnds() {
    fences.add(timeline.next(), Usage.WRITE);
    fences.add(other.next(), Usage.READ);
    FenceSnapshot pending = seen.snapshot(Usage.READ);
    assertEquals(Usage.WRITE, pending.usage(0));
    assertEquals(1, pending.point(0));
    Fence failing = pending.fence(0);
    timeline.signal(1, FenceError.failed("disk"));
    other.close();
    assertTrue(seen.await(Usage.BOOKKEEP, LONG), "an error ends waiting too");
    assertEquals(Optional.of(FenceError.Kind.FAILED), ended(failing));
    assertEquals(Optional.of(FenceError.Kind.ISSUER_CLOSED), ended(pending.fence(1)));
    pool.sync().settle("other");
    other = pool.sync().timeline("other");
  }

  @Test
  void theFencesOfOneBufferArePassedToAnother() {
    fences.add(timeline.next(), Usage.WRITE);
    fences.add(other.next(), Usage.READ);
    try (SharedBuffer second = pool.tryAcquire(64);
        SharedBuffer reached = place.reach(second)) {
      reached.reservation().copyFrom(seen);
      assertEquals(1, reached.reservation().pending(Usage.WRITE));
      assertEquals(2, reached.reservation().pending(Usage.READ));
      reached.importFence(buffer.exportFence(Access.WRITE), Access.WRITE);
      assertEquals(2, reached.reservation().pending(Usage.WRITE));
      timeline.signal(1);
      other.signal(1);
      assertTrue(reached.reservation().await(Usage.BOOKKEEP, LONG));
    }
  }

  @Test
  void anImportersSetOfReservationsWaitsForThoseOfTheOwner() {
    fences.add(timeline.next(), Usage.WRITE);
    Timeline own = place.sync().timeline("own");
    try (ReservationSet set = ReservationSet.on(own)) {
      set.add(seen, Usage.READ);
      long point = set.awaitCommit(LONG);
      assertEquals(1, set.dependencies().size());
      assertFalse(set.dependencies().await(Duration.ofMillis(2)));
      timeline.signal(1);
      assertTrue(set.dependencies().await(LONG));
      assertFalse(seen.isSignaled(Usage.READ), "its own");
      own.signal(point);
      assertTrue(seen.isSignaled(Usage.BOOKKEEP));
    }
    own.close();
  }
}
