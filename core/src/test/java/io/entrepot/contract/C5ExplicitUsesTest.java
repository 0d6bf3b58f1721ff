package io.entrepot.contract;

import static io.entrepot.contract.ExplicitUses.SIZE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** C5, C11: what holds for every kind of use that is synchronised explicitly, at both its ends. */
@InBothForms
class C5ExplicitUsesTest {
  @Parameter Form form;
  @TempDir private Path directory;
  private FileChannel file;
  private Place place;
  private BufferPool pool;

  /** The exporter's. */
  private Timeline gpu;

  /** The importer's. */
  private Timeline dsp;

  /** The only buffer of the pool: its exporter's reference, and the importer's. */
  private SharedBuffer owned;

  private SharedBuffer buffer;

  /** Its fences, as the exporter has them, and as the importer has. */
  private Reservation fences;

  private Reservation seen;

  @BeforeEach
  void open() throws IOException {
    file =
        FileChannel.open(
            directory.resolve("file"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    file.write(ByteBuffer.allocate(SIZE));
    place = form.place(SIZE, 1);
    pool = place.pool();
    gpu = pool.sync().timeline("gpu");
    dsp = place.sync().timeline("dsp");
    acquire();
  }

  @AfterEach
  void closeAll() throws IOException {
    letGo();
    signalAll(gpu);
    signalAll(dsp);
    place.close();
    pool.close();
    file.close();
  }

  private void acquire() {
    owned = pool.tryAcquire(SIZE);
    assertNotNull(owned);
    fences = owned.reservation();
    importIt();
  }

  private void importIt() {
    buffer = place.reach(owned);
    seen = buffer.reservation();
  }

  private void letGo() {
    buffer.close();
    owned.close();
  }

  private static void signalAll(Timeline timeline) {
    timeline.signal(timeline.next().point());
  }

  private void everyUse(BiConsumer<ExplicitUses.Use, Attachment> check) {
    for (ExplicitUses.Use use : ExplicitUses.of(place, file)) {
      try (Attachment attachment = use.attachTo(place)) {
        check.accept(use, attachment);
      }
      assertEquals(0, place.openMappings("importer"), use.name());
      assertEquals(0, pool.statistics().openMappings(), use.name());
      signalAll(gpu);
      signalAll(dsp);
      assertEquals("", seen.describe(), use.name());
    }
    assertEquals(pool.statistics().leases(), pool.statistics().leasesReturned());
  }

  /** Everything about the buffer that a use could change, without how long ago it was. */
  private String state() {
    return (pool.holders() + seen.describe()).replaceAll("\\d+ ms ago", "");
  }

  // ---------------------------------------------------------------- in

  @Test
  void everyUseWaitsForItsFenceAndNotForTheBuffers() {
    everyUse((use, attachment) -> {
      fences.add(gpu.next(), Usage.WRITE);
      fences.add(gpu.next(), Usage.READ);
      Fence own = dsp.next();
      assertFalse(use.makeNow(attachment, buffer, own), use.name());
      assertTrue(use.makeNow(attachment, buffer, Fence.signaled()), use.name());
      dsp.signal(own.point());
      assertTrue(use.makeNow(attachment, buffer, own), use.name());
      assertEquals(2, seen.pending(Usage.READ), "nobody waited for these");
      assertThrows(
          NullPointerException.class, () -> use.makeNow(attachment, buffer, null), use.name());
    });
  }

  @Test
  void aUseThatWaitedForItsFenceInVainChangesNothing() {
    everyUse((use, attachment) -> {
      String before = state();
      Fence own = dsp.next();
      assertFalse(use.makeNow(attachment, buffer, own), use.name());
      assertFalse(use.make(attachment, buffer, own, -1, TimeUnit.DAYS), use.name());
      assertFalse(use.make(attachment, buffer, own, Long.MIN_VALUE, TimeUnit.DAYS), use.name());
      assertFalse(use.make(attachment, buffer, own, 2, TimeUnit.MILLISECONDS), use.name());
      Thread.currentThread().interrupt();
      assertFalse(use.make(attachment, buffer, own, 10, TimeUnit.MINUTES), use.name());
      assertTrue(Thread.interrupted(), "the interrupt stays set");
      assertEquals(before, state(), use.name());
    });
  }

  @Test
  void theLongestNegativeTimeIsOverToo() {
    everyUse((use, attachment) -> {
      fences.add(gpu.next(), Usage.MOVE);
      Fence now = Fence.signaled();
      assertFalse(use.make(attachment, buffer, now, Long.MIN_VALUE, TimeUnit.NANOSECONDS));
    });
  }

  @Test
  void aUseThatWaitsForItsFenceHasTakenNothingYet() {
    everyUse((use, attachment) -> {
      Fence own = dsp.next();
      String before = state();
      var waiting =
          Elsewhere.start(() -> use.make(attachment, buffer, own, 10, TimeUnit.MINUTES))
              .awaitWaiting();
      assertEquals(before, state(), use.name());
      assertEquals(0, place.openMappings("importer"), use.name());
      try (var other = pool.attach(Importer.viewing("other", Access.WRITE));
          var port = other.open()) {
        if (place.isFar()) {
          port.map(owned, 0, TimeUnit.SECONDS).close();
        } else {
          assertNotNull(port.mapInPlace(owned, 0, TimeUnit.SECONDS), use.name());
        }
      }
      assertFalse(waiting.isDone(), use.name());
      dsp.signal(own.point());
      assertTrue(waiting.result(), use.name());
    });
  }

  @Test
  void movesAreWaitedForInTheTimeThatTheFenceLeft() {
    everyUse((use, attachment) -> {
      Fence own = dsp.next();
      Fence move = gpu.next();
      fences.add(move, Usage.MOVE);
      String before = state();
      assertFalse(use.makeNow(attachment, buffer, Fence.signaled()), use.name());
      assertFalse(
          use.make(attachment, buffer, Fence.signaled(), 2, TimeUnit.MILLISECONDS), use.name());
      assertEquals(before, state(), use.name());
      var waiting =
          Elsewhere.start(() -> use.make(attachment, buffer, own, 10, TimeUnit.MINUTES))
              .awaitWaiting();
      dsp.signal(own.point());
      waiting.awaitWaiting();
      assertFalse(waiting.isDone(), use.name());
      gpu.signal(move.point());
      assertTrue(waiting.result(), use.name());
    });
  }

  @Test
  void aWriterInPlaceKeepsEveryUseOut() {
    try (var writing = pool.attach(Importers.viewing());
        var port = writing.open()) {
      everyUse((use, attachment) -> {
        // The reference of one elsewhere is a use.
        buffer.close();
        var view = port.mapInPlace(owned, Fence.signaled(), 0, TimeUnit.SECONDS);
        importIt();
        assertFalse(use.makeNow(attachment, buffer, Fence.signaled()), use.name());
        assertFalse(
            use.make(attachment, buffer, Fence.signaled(), 2, TimeUnit.MILLISECONDS), use.name());
        view.close();
        assertTrue(use.makeNow(attachment, buffer, Fence.signaled()), use.name());
      });
    }
  }

  @Test
  void aWriterInPlaceWaitsForMappingsWhateverItsFence() {
    try (var attachment = place.attach(Importers.reading());
        var port = attachment.open();
        var writing = pool.attach(Importer.viewing("writing", Access.WRITE));
        var other = writing.open()) {
      var reading = port.map(buffer);
      buffer.close();
      assertNull(other.mapInPlace(owned, Fence.signaled(), 1, TimeUnit.MILLISECONDS));
      assertTrue(reading.isOpen());
      reading.close();
      other.mapInPlace(owned, Fence.signaled(), 0, TimeUnit.SECONDS).close();
    }
  }

  @Test
  void afterAFenceWithAnErrorTheUseIsMade() {
    everyUse((use, attachment) -> {
      SignalableFence own = SignalableFence.create("own");
      own.signal(new FenceError(FenceError.Kind.FAILED, "no paper"));
      assertTrue(use.makeNow(attachment, buffer, own.fence()), use.name());
    });
  }

  @Test
  void aFenceOfAnotherDomainOrOfNoneCanBeWaitedFor() {
    Timeline elsewhere = SyncDomain.create(1).timeline("elsewhere");
    everyUse((use, attachment) -> {
      Fence foreign = elsewhere.next();
      SignalableFence own = SignalableFence.create("own");
      assertFalse(use.makeNow(attachment, buffer, foreign), use.name());
      assertFalse(use.makeNow(attachment, buffer, own.fence()), use.name());
      elsewhere.signal(foreign.point());
      own.signal();
      assertTrue(use.makeNow(attachment, buffer, foreign), use.name());
      assertTrue(use.makeNow(attachment, buffer, own.fence()), use.name());
    });
    elsewhere.close();
  }

  @Test
  void aReferenceThatIsClosedMeanwhileIsStale() {
    everyUse((use, attachment) -> {
      SharedBuffer shared = buffer.share();
      Fence own = dsp.next();
      var waiting =
          Elsewhere.start(() -> use.make(attachment, shared, own, 10, TimeUnit.MINUTES))
              .awaitWaiting();
      shared.close();
      dsp.signal(own.point());
      assertThrows(StaleBufferException.class, waiting::result, use.name());
    });
  }

  @Test
  void aBufferThatIsReusedMeanwhileIsStale() {
    everyUse((use, attachment) -> {
      SharedBuffer first = buffer;
      Fence own = dsp.next();
      var waiting =
          Elsewhere.start(() -> use.make(attachment, first, own, 10, TimeUnit.MINUTES))
              .awaitWaiting();
      letGo();
      acquire();
      assertEquals(first.index(), buffer.index());
      String before = state();
      dsp.signal(own.point());
      assertThrows(StaleBufferException.class, waiting::result, use.name());
      assertEquals(before, state(), use.name());
    });
  }

  @Test
  void aRevocationDoesNotWaitForWhoWaitsForItsFence() {
    for (ExplicitUses.Use use : ExplicitUses.of(place, file)) {
      Attachment attachment = use.attachTo(place);
      Fence own = dsp.next();
      var waiting =
          Elsewhere.start(() -> use.make(attachment, buffer, own, 10, TimeUnit.MINUTES))
              .awaitWaiting();
      var revocation = place.revoke(attachment, Duration.ZERO);
      place.assumeAnswered(revocation);
      assertTrue(revocation.isComplete(), use.name());
      String before = state();
      dsp.signal(own.point());
      assertThrows(RevokedException.class, waiting::result, use.name());
      assertEquals(before, state(), use.name());
      assertThrows(RevokedException.class, () -> use.makeNow(attachment, buffer, Fence.signaled()));
      attachment.close();
    }
  }

  @Test
  void aPublishedBufferIsNotWrittenAfterAnyFence() {
    try (var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
        var writer = feed.writer()) {
      SharedBuffer published = owned.share();
      assertTrue(writer.publish(published, null, 0, 0, TimeUnit.SECONDS));
      everyUse((use, attachment) -> {
        if (use.needsOwned()) {
          assertThrows(
              IllegalStateException.class,
              () -> use.makeNow(attachment, buffer, Fence.signaled()),
              use.name());
        } else {
          assertTrue(use.makeNow(attachment, buffer, Fence.signaled()), use.name());
        }
      });
      assertEquals(1, reader.unread());
    }
  }

  // ---------------------------------------------------------------- out

  @Test
  void workThatOutlastsAUseKeepsThoseOutWhomItsAccessConcerns() {
    everyUse((use, attachment) -> {
      Fence work = dsp.next();
      assertTrue(use.make(attachment, buffer, Fence.signaled(), work, 0, TimeUnit.SECONDS));
      assertEquals(use.access() + " dsp:" + work.point(), seen.describe(), use.name());
      buffer.close();
      try (var other = pool.attach(Importers.viewing());
          var port = other.open()) {
        assertNull(port.mapInPlace(owned, 0, TimeUnit.SECONDS), use.name());
        assertEquals(
            use.access() == Access.READ, port.map(owned, 0, TimeUnit.SECONDS) != null, use.name());
      }
      dsp.signal(work.point());
      try (var other = pool.attach(Importers.viewing());
          var port = other.open()) {
        assertNotNull(port.mapInPlace(owned, 0, TimeUnit.SECONDS), use.name());
      }
      importIt();
    });
  }

  @Test
  void workThatOutlastsTheLastUseKeepsTheBufferFromReuse() {
    everyUse((use, attachment) -> {
      Fence work = dsp.next();
      assertTrue(use.make(attachment, buffer, Fence.signaled(), work, 0, TimeUnit.SECONDS));
      letGo();
      assertNull(pool.tryAcquire(SIZE), use.name());
      dsp.signal(work.point());
      acquire();
    });
  }

  @Test
  void aUseThatTimesOutAddsNoFence() {
    everyUse((use, attachment) -> {
      Fence work = dsp.next();
      assertFalse(use.make(attachment, buffer, dsp.next(), work, 0, TimeUnit.SECONDS), use.name());
      fences.add(gpu.next(), Usage.MOVE);
      String before = seen.describe();
      assertFalse(
          use.make(attachment, buffer, Fence.signaled(), work, 0, TimeUnit.SECONDS), use.name());
      assertEquals(before, seen.describe(), use.name());
    });
  }

  @Test
  void aFenceThatCannotEnterIsRefused() {
    Fence now = Fence.signaled();
    everyUse((use, attachment) -> {
      for (Fence foreign :
          List.of(
              SignalableFence.create("own").fence(),
              SyncDomain.create(1).timeline("elsewhere").next())) {
        assertThrows(
            IllegalArgumentException.class,
            () -> use.make(attachment, buffer, now, foreign, 0, TimeUnit.SECONDS),
            use.name());
      }
      assertThrows(
          NullPointerException.class,
          () -> use.make(attachment, buffer, now, null, 0, TimeUnit.SECONDS),
          use.name());
      assertEquals("", seen.describe(), use.name());
    });
  }

  @Test
  void aFullReservationRefusesAFenceMore() {
    everyUse((use, attachment) -> {
      for (int i = 0; i < Reservation.CAPACITY; i++) {
        seen.reserve();
      }
      String before = seen.describe();
      assertThrows(
          IllegalStateException.class,
          () -> use.make(attachment, buffer, Fence.signaled(), dsp.next(), 0, TimeUnit.SECONDS),
          use.name());
      assertEquals(before, seen.describe(), use.name());
      for (int slot = 0; slot < Reservation.CAPACITY; slot++) {
        seen.cancel(slot);
      }
    });
  }
}
