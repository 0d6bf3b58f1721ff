package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Fences;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** C5: explicit synchronisation beside the implicit one, with fences in and out. */
class C5ExplicitSyncTest {
  private BufferPool pool;
  private Timeline gpu;
  private Timeline dsp;
  private Attachment attachment;
  private Port port;
  private SharedBuffer buffer;
  private Reservation fences;

  @BeforeEach
  void open() {
    pool = BufferPool.offHeap("pool", 64, 2);
    gpu = pool.sync().timeline("gpu");
    dsp = pool.sync().timeline("dsp");
    attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
    port = attachment.open();
    buffer = pool.tryAcquire(64);
    fences = buffer.reservation();
  }

  @AfterEach
  void closeAll() {
    port.close();
    attachment.close();
    buffer.close();
    gpu.signal(gpu.next().point());
    dsp.signal(dsp.next().point());
    pool.close();
  }

  private View mapNow(Fence after) {
    return port.map(buffer, after, 0, TimeUnit.SECONDS);
  }

  private WritableView mapForWritingNow(Fence after) {
    return port.mapForWriting(buffer, after, 0, TimeUnit.SECONDS);
  }

  // ---------------------------------------------------------------- in

  @Test
  void anExplicitMappingWaitsForItsFenceAndNotForTheBuffers() {
    fences.add(gpu.next(), Usage.WRITE);
    fences.add(gpu.next(), Usage.READ);
    Fence own = dsp.next();
    assertNull(port.map(buffer, 0, TimeUnit.SECONDS));
    assertNull(mapNow(own));
    assertNull(mapForWritingNow(own));
    assertNull(port.map(buffer, own, 1, TimeUnit.MILLISECONDS));
    assertEquals(0, pool.statistics().openMappings());
    assertTrue(mapNow(Fence.signaled()).isOpen());
    assertTrue(mapForWritingNow(Fence.signaled()).isOpen());
    dsp.signal(own.point());
    assertTrue(mapNow(own).isOpen());
    assertEquals(3, pool.statistics().openMappings());
    assertEquals(2, fences.pending(Usage.READ), "nobody waited for these");
    assertThrows(NullPointerException.class, () -> mapNow(null));
  }

  @Test
  void anExplicitMappingWaitsWhileItsFenceIsPending() {
    Fence own = dsp.next();
    var waiting =
        Elsewhere.start(() -> {
          try (var other = attachment.open();
              var view = other.map(buffer, own, Long.MAX_VALUE, TimeUnit.DAYS)) {
            return view.isOpen() && own.isSignaled();
          }
        });
    waiting.awaitWaiting();
    assertEquals(0, pool.statistics().openMappings(), "what waits has nothing mapped");
    dsp.signal(own.point());
    assertTrue(waiting.result());
    Thread.currentThread().interrupt();
    assertNull(port.map(buffer, gpu.next(), 10, TimeUnit.MINUTES));
    assertTrue(Thread.interrupted());
  }

  @Test
  void theExportersMovesAreWaitedForAllTheSame() {
    Fence move = gpu.next();
    fences.add(move, Usage.MOVE);
    assertNull(mapNow(Fence.signaled()));
    assertNull(mapForWritingNow(Fence.signaled()));
    gpu.signal(move.point());
    assertNotNull(mapNow(Fence.signaled()));
  }

  @Test
  void aWriterInPlaceKeepsExplicitReadersOutToo() {
    var view = port.mapInPlace(buffer, 0, TimeUnit.SECONDS);
    Elsewhere.run(() -> {
      try (var other = attachment.open()) {
        assertNull(other.map(buffer, Fence.signaled(), 1, TimeUnit.MILLISECONDS));
      }
    });
    view.close();
    assertNotNull(mapNow(Fence.signaled()));
  }

  @Test
  void afterAFenceWithAnErrorTheBufferIsMapped() {
    SignalableFence own = SignalableFence.create("own");
    own.signal(new FenceError(FenceError.Kind.FAILED, "no paper"));
    assertNotNull(mapNow(own.fence()));
  }

  @Test
  void explicitMappingRefusesWhatOthersRefuse() {
    SharedBuffer closed = buffer.share();
    closed.close();
    Fence now = Fence.signaled();
    assertThrows(StaleBufferException.class, () -> port.map(closed, now, 0, TimeUnit.SECONDS));
    try (var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
        var writer = feed.writer()) {
      SharedBuffer published = pool.tryAcquire(64);
      SharedBuffer still = published.share();
      assertTrue(writer.publish(published, null, 0, 0, TimeUnit.SECONDS));
      assertThrows(
          IllegalStateException.class, () -> port.mapForWriting(still, now, 0, TimeUnit.SECONDS));
      port.map(still, now, 0, TimeUnit.SECONDS).close();
      still.close();
      assertEquals(1, reader.unread());
    }
    pool.revoke(attachment, Duration.ZERO);
    assertThrows(RevokedException.class, () -> mapNow(now));
  }

  // ---------------------------------------------------------------- out

  @Test
  void workThatOutlastsAMappingForReadingKeepsWritersOut() {
    Fence work = gpu.next();
    View view = port.map(buffer);
    view.close(work);
    assertFalse(view.isOpen());
    assertEquals(0, pool.statistics().openMappings());
    assertTrue(fences.isSignaled(Usage.WRITE));
    assertFalse(fences.isSignaled(Usage.READ));
    assertNotNull(port.map(buffer, 0, TimeUnit.SECONDS));
    assertNull(port.mapForWriting(buffer, 0, TimeUnit.SECONDS));
    gpu.signal(work.point());
    assertNotNull(port.mapForWriting(buffer, 0, TimeUnit.SECONDS));
    assertThrows(ViewClosedException.class, () -> view.close(gpu.next()));
    view.close();
  }

  @Test
  void workThatOutlastsAMappingForWritingKeepsReadersOut() {
    Fence work = gpu.next();
    port.mapForWriting(buffer).close(work);
    assertFalse(fences.isSignaled(Usage.WRITE));
    assertNull(port.map(buffer, 0, TimeUnit.SECONDS));
    gpu.signal(work.point());
    Fence inPlace = gpu.next();
    port.mapInPlace(buffer, 0, TimeUnit.SECONDS).close(inPlace);
    assertNull(port.map(buffer, 0, TimeUnit.SECONDS));
    gpu.signal(inPlace.point());
    assertNotNull(port.map(buffer, 0, TimeUnit.SECONDS));
  }

  @Test
  void workThatOutlastsTheLastMappingKeepsTheBufferFromReuse() {
    SharedBuffer other = pool.tryAcquire(64);
    View view = port.map(other);
    other.close();
    Fence work = gpu.next();
    view.close(work);
    assertNull(pool.tryAcquire(64), "its last reference is closed, but the work goes on");
    gpu.signal(work.point());
    try (SharedBuffer again = pool.tryAcquire(64)) {
      assertEquals(other.index(), again.index());
    }
  }

  /** A signal that is made on its issuer's behalf ends waiting: the work may go on. */
  @Test
  void workWhoseTimelineEndedBeforeTheMappingKeepsTheBufferToo() {
    List<BiFunction<Fence, Fence, Fence>> forms =
        List.of(
            (over, work) -> work,
            (over, work) -> FenceArray.of("array", List.of(over, work, over)),
            (over, work) -> Fences.merge("merge", over, work),
            (over, work) -> Fences.merge("again", Fences.merge("merge", work), over),
            (over, work) -> FenceChain.first("chain", 1, over).then(2, work),
            // A link whose fence is signaled is left out at the sight of the next.
            (over, work) -> FenceChain.first("chain", 1, work).then(2, over),
            (over, work) ->
                Fences.merge("merge", FenceChain.first("chain", 1, work).then(2, over)));
    for (BiFunction<Fence, Fence, Fence> form : forms) {
      Timeline lost = pool.sync().timeline("lost");
      Fence over = lost.next();
      Fence work = lost.next();
      lost.signal(over.point());
      lost.close();
      SharedBuffer other = pool.tryAcquire(64);
      assertEquals(0, other.reservation().importFence(over, Usage.READ), "it is over");
      View view = port.map(other);
      other.close();
      Fence until = form.apply(over, work);
      assertTrue(until.isSignaled(), "nobody waits for an issuer that has ended");
      view.close(until);
      assertNull(pool.tryAcquire(64), "its issuer may be at work");
      assertEquals(1, pool.sync().settle("lost"));
      SharedBuffer again = pool.tryAcquire(64);
      assertEquals(other.index(), again.index());
      again.close();
    }
  }

  @Test
  void workOfAnotherPoolWhoseTimelineEndedIsRefusedToo() {
    Timeline elsewhere = SyncDomain.create(1).timeline("elsewhere");
    Fence over = elsewhere.next();
    Fence work = elsewhere.next();
    elsewhere.signal(over.point());
    elsewhere.close();
    assertEquals(0, fences.importFence(over, Usage.READ), "it is over");
    assertThrows(IllegalArgumentException.class, () -> fences.importFence(work, Usage.READ));
    elsewhere.signal(work.point());
    assertEquals(0, fences.importFence(work, Usage.READ), "it is over by now");
  }

  @Test
  void timesFarBelowZeroOnlyTest() {
    Fence write = gpu.next();
    fences.add(write, Usage.WRITE);
    Duration before = Duration.ofSeconds(Long.MIN_VALUE);
    assertFalse(fences.await(Usage.WRITE, before));
    assertFalse(fences.snapshot(Usage.WRITE).await(before));
    assertFalse(Fences.awaitAll(before, write));
    assertNull(port.mapInPlace(buffer, Long.MIN_VALUE, TimeUnit.DAYS));
    assertNull(port.map(buffer, Long.MIN_VALUE, TimeUnit.DAYS));
    fences.promote(write, Usage.MOVE);
    assertNull(port.map(buffer, Fence.signaled(), Long.MIN_VALUE, TimeUnit.DAYS));
    gpu.signal(write.point());
    assertTrue(fences.await(Usage.WRITE, before));
    assertNotNull(port.map(buffer, Fence.signaled(), Long.MIN_VALUE, TimeUnit.DAYS));
  }

  @Test
  void aFrameOfAFeedIsKeptByTheWorkThatOutlastsIt() {
    try (var feed = pool.broadcast("feed");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
        var frames = reader.open();
        var writer = feed.writer()) {
      writer.acquire(0, TimeUnit.SECONDS);
      writer.publish();
      Fence work = gpu.next();
      frames.next(0, TimeUnit.SECONDS).close(work);
      assertNull(frames.next(0, TimeUnit.SECONDS));
      assertNull(writer.acquire(0, TimeUnit.SECONDS));
      gpu.signal(work.point());
      assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
    }
  }

  @Test
  void aRefusedFenceLeavesTheViewOpen() {
    WritableView view = port.mapForWriting(buffer);
    assertThrows(
        IllegalArgumentException.class, () -> view.close(SignalableFence.create("own").fence()));
    assertThrows(
        IllegalArgumentException.class,
        () -> view.close(SyncDomain.create(1).timeline("elsewhere").next()));
    assertThrows(NullPointerException.class, () -> view.close(null));
    assertThrows(IllegalStateException.class, () -> view.slice(0, 8).close(gpu.next()));
    assertThrows(
        WrongThreadException.class, () -> Elsewhere.run(() -> view.close(Fence.signaled())));
    assertTrue(view.isOpen());
    assertEquals("", fences.describe());
    pool.revoke(attachment, Duration.ZERO);
    assertThrows(RevokedException.class, () -> view.close(gpu.next()));
    assertEquals("", fences.describe());
  }

  @Test
  void aBufferAcquiredThroughAPortIsNotForWorkThatOutlastsItsMapping() {
    try (var owner = pool.open("owner")) {
      WritableView view = owner.tryAcquire();
      String text =
          assertThrows(IllegalStateException.class, () -> view.close(gpu.next())).getMessage();
      assertTrue(text.contains("acquire a reference"), text);
      view.putLong(0, 1);
      owner.release();
    }
  }

  // ---------------------------------------------------------------- export and import

  @Test
  void whatAReaderOrWriterWaitsForIsExportedAsOneFence() {
    assertTrue(buffer.exportFence(Access.WRITE).isSignaled());
    Fence write = gpu.next();
    fences.add(write, Usage.WRITE);
    assertEquals(write, buffer.exportFence(Access.READ));
    assertEquals(write, buffer.exportFence(Access.WRITE));
    Fence read = dsp.next();
    fences.add(read, Usage.READ);
    fences.add(gpu.next(), Usage.BOOKKEEP);
    assertEquals(write, buffer.exportFence(Access.READ));
    FenceArray both = assertInstanceOf(FenceArray.class, buffer.exportFence(Access.WRITE));
    assertEquals(List.of(write, read), both.members());
    assertTrue(both.timelineName().contains("buffer " + buffer.index()), both.toString());
    Fence later = dsp.next();
    fences.add(later, Usage.READ);
    gpu.signal(write.point());
    assertFalse(both.isSignaled());
    dsp.signal(read.point());
    assertTrue(both.isSignaled(), "what was added later is not in it");
    assertTrue(fences.exportFence(Usage.WRITE, "all").isSignaled());
    assertEquals(later, fences.exportFence(Usage.READ, "all"));
  }

  @Test
  void anImportedFenceIsWaitedForByThoseWhoHaveTo() {
    Fence read = gpu.next();
    buffer.importFence(read, Access.READ);
    assertTrue(fences.isSignaled(Usage.WRITE));
    assertFalse(fences.isSignaled(Usage.READ));
    Fence write = dsp.next();
    buffer.importFence(write, Access.WRITE);
    assertFalse(fences.isSignaled(Usage.WRITE));
    assertEquals(1, fences.pending(Usage.WRITE));
    assertEquals(2, fences.pending(Usage.READ));
  }

  @Test
  void containersAreImportedAsThePointsOfWhichTheyConsist() {
    Fence one = gpu.next();
    Fence two = gpu.next();
    Fence three = dsp.next();
    Fence array = FenceArray.of("array", List.of(two, one, three, Fence.signaled()));
    assertEquals(2, fences.importFence(array, Usage.WRITE));
    assertEquals("WRITE gpu:" + two.point() + ", WRITE dsp:" + three.point(), fences.describe());
    assertEquals(0, fences.importFence(Fence.signaled(), Usage.WRITE));
    assertEquals(2, fences.pending(Usage.WRITE));
    gpu.signal(two.point());
    assertEquals(1, fences.importFence(array, Usage.READ), "what is signaled needs no slot");
    SignalableFence own = SignalableFence.create("own");
    own.signal();
    assertEquals(0, fences.importFence(own.fence(), Usage.READ));
  }

  @Test
  void whatIsExportedCanBeImportedElsewhere() {
    fences.add(gpu.next(), Usage.WRITE);
    fences.add(dsp.next(), Usage.READ);
    try (SharedBuffer other = pool.tryAcquire(64)) {
      other.importFence(buffer.exportFence(Access.WRITE), Access.WRITE);
      assertEquals(2, other.reservation().pending(Usage.WRITE));
      gpu.signal(1);
      dsp.signal(1);
      assertTrue(other.reservation().isSignaled(Usage.BOOKKEEP));
    }
  }

  @Test
  void aFenceThatCannotEnterIsRefusedWithAllThatItCameWith() {
    SignalableFence own = SignalableFence.create("own");
    Fence elsewhere = SyncDomain.create(1).timeline("elsewhere").next();
    for (Fence foreign : List.of(own.fence(), elsewhere)) {
      Fence mixed = Fences.merge("mixed", gpu.next(), foreign, dsp.next());
      String text =
          assertThrows(
                  IllegalArgumentException.class, () -> buffer.importFence(mixed, Access.WRITE))
              .getMessage();
      assertTrue(text.contains(foreign.timelineName()), text);
      assertEquals("", fences.describe());
    }
    SharedBuffer closed = buffer.share();
    closed.close();
    assertThrows(StaleBufferException.class, () -> closed.importFence(gpu.next(), Access.READ));
    assertThrows(StaleBufferException.class, () -> closed.exportFence(Access.READ));
    assertEquals("", fences.describe());
  }

  @Test
  void importsOfGrowingPointsNeedOneSlotForEachTimeline() {
    int timelines = Reservation.CAPACITY;
    Timeline[] many = new Timeline[timelines];
    for (int i = 0; i < timelines; i++) {
      many[i] = pool.sync().timeline("t" + i);
    }
    for (int round = 1; round <= 20; round++) {
      Fence[] next = new Fence[timelines];
      for (int i = 0; i < timelines; i++) {
        next[i] = many[i].next();
      }
      assertEquals(timelines, fences.importFence(Fences.merge("round", next), Usage.WRITE));
      assertEquals(timelines, fences.pending(Usage.WRITE));
      assertEquals(timelines, fences.importFence(Fences.merge("again", next), Usage.READ));
      assertEquals(timelines, fences.pending(Usage.READ), "covered by what is there");
    }
    String before = fences.describe();
    Fence tooMany = Fences.merge("more", gpu.next(), many[0].next());
    assertThrows(IllegalStateException.class, () -> fences.importFence(tooMany, Usage.WRITE));
    assertEquals(before, fences.describe(), "all or none");
    for (Timeline timeline : many) {
      timeline.signal(timeline.issued());
      timeline.close();
    }
  }

  @Test
  void aRefusedImportGivesBackTheSlotsThatItClaimed() {
    for (int i = 1; i < Reservation.CAPACITY; i++) {
      fences.reserve();
    }
    Fence two = Fences.merge("two", gpu.next(), dsp.next());
    assertThrows(IllegalStateException.class, () -> fences.importFence(two, Usage.READ));
    int last = fences.reserve();
    assertThrows(IllegalStateException.class, fences::reserve);
    for (int slot = 0; slot < Reservation.CAPACITY; slot++) {
      fences.cancel(slot);
    }
    assertEquals(Reservation.CAPACITY - 1, last);
    assertEquals(2, fences.importFence(two, Usage.READ));
    assertSame(Usage.READ, fences.snapshot(Usage.READ).usage(0));
  }
}
