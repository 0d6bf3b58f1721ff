package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.Verdict;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WrappingExporter;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C2: what an importer may do is negotiated when it attaches, or the attach fails and says why. */
class C2NegotiationAtAttachTest {
  private static final SizeClass ONE = new SizeClass(64, 1);

  private static Importer bounded(Need... needs) {
    return Importer.accepting("importer", Release.BOUNDED, needs);
  }

  private static String refusal(BufferPool pool, Importer importer) {
    return assertThrows(AttachRefusedException.class, () -> pool.attach(importer)).getMessage();
  }

  // ---------------------------------------------------------------- who decides

  @Test
  void theExportersOrderOfPreferenceWins() {
    var exporter =
        ArenaExporter.named("e")
            .offering(
                Offer.of(MappingType.CHANNEL_IO, Access.WRITE, 64),
                Offer.of(MappingType.VIEW, Access.WRITE, 64));
    try (var pool = BufferPool.of(exporter, ONE);
        var attachment =
            pool.attach(
                bounded(
                    Need.of(MappingType.VIEW, Access.READ),
                    Need.of(MappingType.CHANNEL_IO, Access.READ)))) {
      assertEquals(Need.of(MappingType.CHANNEL_IO, Access.READ), attachment.granted());
      assertEquals(exporter.offers().getFirst(), attachment.offer());
      assertEquals("importer", attachment.importer().name());
    }
  }

  @Test
  void aPairThatDoesNotFitIsPassedOverForOneThatDoes() {
    var exporter =
        ArenaExporter.named("e")
            .offering(
                Offer.of(MappingType.VIEW, Access.READ, 64),
                Offer.of(MappingType.CHANNEL_IO, Access.WRITE, 64));
    try (var pool = BufferPool.of(exporter, ONE);
        var attachment =
            pool.attach(
                bounded(
                    Need.of(MappingType.VIEW, Access.WRITE),
                    Need.of(MappingType.CHANNEL_IO, Access.WRITE)))) {
      assertEquals(MappingType.CHANNEL_IO, attachment.granted().type());
    }
  }

  @Test
  void aRefusalShowsBothListsAndWhyEachPairDoesNotFit() {
    var exporter =
        ArenaExporter.named("camera")
            .offering(
                Offer.of(MappingType.VIEW, Access.READ, 64),
                new Offer(MappingType.CHANNEL_IO, Access.WRITE, 64, false, false, false, true));
    try (var pool = BufferPool.of(exporter, ONE)) {
      String text =
          refusal(
              pool,
              bounded(
                  Need.of(MappingType.VIEW, Access.WRITE),
                  new Need(MappingType.VIEW, Access.READ, 4096, false),
                  new Need(MappingType.CHANNEL_IO, Access.READ, 1, true)));
      for (String part :
          List.of(
              "importer 'importer' cannot attach to exporter 'camera'",
              "offered [VIEW/READ aligned 64, CHANNEL_IO/WRITE aligned 64 scattered]",
              "accepted [VIEW/WRITE, VIEW/READ aligned 4096, CHANNEL_IO/READ contiguous]",
              "VIEW/READ aligned 64 against VIEW/WRITE: WRITE asked, READ offered",
              "VIEW/READ aligned 64 against VIEW/READ aligned 4096: alignment 4096 asked, 64",
              "VIEW/READ aligned 64 against CHANNEL_IO/READ contiguous: not the same type",
              "scattered against CHANNEL_IO/READ contiguous: contiguous memory asked, scattered")) {
        assertTrue(text.contains(part), () -> "'" + part + "' is not in " + text);
      }
    }
  }

  @Test
  void anAbortEndsNegotiationThoughAnotherPairWouldFit() {
    StrictExporter exporter = new StrictExporter(MappingType.VIEW, MappingType.CHANNEL_IO);
    exporter.verdict = new Verdict.Abort("the camera is being serviced");
    try (var pool = BufferPool.of(exporter, ONE)) {
      String text =
          refusal(
              pool,
              bounded(
                  Need.of(MappingType.VIEW, Access.READ),
                  Need.of(MappingType.CHANNEL_IO, Access.READ)));
      assertTrue(text.contains("the camera is being serviced"), text);
      assertEquals(List.of("match VIEW"), List.copyOf(exporter.told), "nothing else was looked at");
    }
  }

  @Test
  void keepLookingGoesThroughAllPairs() {
    StrictExporter exporter = new StrictExporter(MappingType.VIEW, MappingType.CHANNEL_IO);
    exporter.verdict = new Verdict.KeepLooking("not to you");
    try (var pool = BufferPool.of(exporter, ONE)) {
      refusal(
          pool,
          bounded(
              Need.of(MappingType.VIEW, Access.READ),
              Need.of(MappingType.VIEW, Access.WRITE),
              Need.of(MappingType.CHANNEL_IO, Access.READ)));
      assertEquals(
          List.of("match VIEW", "match VIEW", "match CHANNEL_IO"), List.copyOf(exporter.told));
    }
  }

  @Test
  void anExportersOwnRuleMayTakeWhatTheDefaultWouldNot() {
    StrictExporter exporter = new StrictExporter();
    exporter.verdict = new Verdict.Take();
    try (var pool = BufferPool.of(exporter, ONE);
        var attachment = pool.attach(Importer.viewing("trusted", Access.READ))) {
      assertEquals(MappingType.VIEW, attachment.granted().type());
    }
  }

  // ---------------------------------------------------------------- the strict exporter

  @Test
  void aStrictExporterRefusesWindowsAndNativeAccess() {
    try (var pool = BufferPool.of(new StrictExporter(), ONE)) {
      for (MappingType type : List.of(MappingType.CPU_WINDOW, MappingType.NATIVE_POINTER)) {
        String text = refusal(pool, bounded(Need.of(type, Access.READ)).handlingConfidential());
        assertTrue(text.contains("not the same type"), text);
      }
      assertEquals(2, pool.statistics().refusals());
      assertEquals(0, pool.statistics().attaches());
    }
  }

  @Test
  void anImporterThatCannotBeRevokedIsRefusedAtAttach() {
    try (var pool = BufferPool.of(new StrictExporter(), ONE)) {
      Importer unbounded =
          Importer.accepting("codec", Release.UNBOUNDED, Need.of(MappingType.VIEW, Access.READ));
      String text = refusal(pool, unbounded.handlingConfidential());
      assertTrue(text.contains("must be revocable"), text);
    }
  }

  @Test
  void confidentialMemoryGoesToThoseWhoHandleIt() {
    try (var pool = BufferPool.of(new StrictExporter(), ONE)) {
      Importer importer = bounded(Need.of(MappingType.VIEW, Access.READ));
      assertTrue(refusal(pool, importer).contains("confidential"));
      pool.attach(importer.handlingConfidential()).close();
    }
  }

  @Test
  void aZeroingExportersBuffersComeBackZeroed() {
    try (var pool = BufferPool.of(new StrictExporter(), new SizeClass(100, 1))) {
      Importer importer = bounded(Need.of(MappingType.VIEW, Access.WRITE)).handlingConfidential();
      try (var attachment = pool.attach(importer);
          var port = attachment.open()) {
        for (int round = 0; round < 3; round++) {
          try (var buffer = pool.tryAcquire(100)) {
            try (WritableView view = port.mapForWriting(buffer)) {
              for (long at = 0; at < 100; at++) {
                assertEquals(0, view.getByte(at), "round " + round + " byte " + at);
              }
              view.fill(0, 100, (byte) 0x5A);
            }
          }
        }
      }
    }
  }

  @Test
  void aZeroingExportersBuffersComeBackZeroedThroughAnOwnersPortToo() {
    try (var pool =
            BufferPool.of(ArenaExporter.named("zero").zeroingOnReuse(), new SizeClass(64, 1));
        var port = pool.open("owner")) {
      for (int round = 0; round < 3; round++) {
        WritableView view = port.acquire(1, TimeUnit.SECONDS);
        assertEquals(0, view.getLong(56), "round " + round);
        view.fill(0, 64, (byte) 1);
        port.release();
      }
    }
  }

  // ---------------------------------------------------------------- nothing halfway

  @Test
  void anExporterThatRefusesAtTheLastWordLeavesNothingBehind() {
    StrictExporter exporter = new StrictExporter();
    RuntimeException reason = new IllegalStateException("one importer at a time");
    exporter.refusal = reason;
    var pool = BufferPool.of(exporter, ONE);
    Importer importer = bounded(Need.of(MappingType.VIEW, Access.READ)).handlingConfidential();
    var refused = assertThrows(AttachRefusedException.class, () -> pool.attach(importer));
    assertTrue(refused.getMessage().contains("one importer at a time"), refused.getMessage());
    assertSame(reason, refused.getCause());
    assertEquals(0, pool.statistics().attaches());
    assertEquals(1, pool.statistics().refusals());
    assertFalse(pool.dump().contains("attachment"), pool.dump());
    pool.close();
    assertEquals(
        List.of("match VIEW", "freed"),
        List.copyOf(exporter.told),
        "what was not attached is not detached");
  }

  @Test
  void attachAndDetachComeInPairs() {
    StrictExporter exporter = new StrictExporter();
    Importer importer = bounded(Need.of(MappingType.VIEW, Access.READ)).handlingConfidential();
    try (var pool = BufferPool.of(exporter, ONE)) {
      var closed = pool.attach(importer);
      closed.close();
      closed.close();
      var revoked = pool.attach(importer);
      pool.revoke(revoked, java.time.Duration.ZERO);
      revoked.close();
      revoked.close();
      pool.attach(importer);
    }
    assertEquals(3, exporter.told.stream().filter("attach importer"::equals).count());
    assertEquals(3, exporter.told.stream().filter("detach importer"::equals).count());
    assertEquals("freed", List.copyOf(exporter.told).getLast(), "detached before it was freed");
  }

  @Test
  void aReaderThatIsRefusedLeavesNoQueueBehind() {
    try (var pool =
            BufferPool.of(
                ArenaExporter.named("views").offering(Offer.of(MappingType.VIEW, Access.WRITE, 64)),
                new SizeClass(64, 2));
        var feed = pool.broadcast("feed")) {
      assertThrows(
          AttachRefusedException.class,
          () ->
              feed.join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 1, Division.EACH));
      try (var writer = feed.writer()) {
        for (int i = 0; i < 5; i++) {
          writer.acquire(1, TimeUnit.SECONDS).putInt(0, i);
          writer.publish();
        }
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aPortThatCannotBeOpenedLeavesNoAttachmentBehind() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed")) {
      Deque<PoolPort> ports = new ArrayDeque<>();
      IllegalStateException full = null;
      while (full == null) {
        try {
          ports.push(pool.open("port"));
        } catch (IllegalStateException e) {
          full = e;
        }
      }
      assertTrue(full.getMessage().contains("ports of pool 'pool' are in use"), full.getMessage());
      String before = pool.dump();
      assertThrows(IllegalStateException.class, () -> pool.open("one too many"));
      assertThrows(IllegalStateException.class, feed::writer);
      assertFalse(pool.dump().contains("one too many"), pool.dump());
      assertEquals(attachments(before), attachments(pool.dump()), pool::dump);
      ports.pop().close();
      feed.writer().close();
      ports.forEach(PoolPort::close);
    }
  }

  private static long attachments(String dump) {
    return dump.lines().filter(line -> line.strip().startsWith("attachment")).count();
  }

  // ---------------------------------------------------------------- alignment

  @Test
  void everyBufferHasTheAlignmentThatWasGranted() {
    for (long alignment : new long[] {64, 128, 4096, 1 << 16}) {
      for (long size : new long[] {1, 63, 64, 65, 4097}) {
        var exporter = ArenaExporter.named("aligned").withAlignment(alignment);
        try (var pool = BufferPool.of(exporter, new SizeClass(size, 3), new SizeClass(7, 2));
            var attachment =
                pool.attach(
                    bounded(new Need(MappingType.NATIVE_POINTER, Access.READ, alignment, true)))) {
          for (int i = 0; i < 5; i++) {
            try (var buffer = pool.tryAcquire(1);
                var lease = attachment.lease(buffer)) {
              assertEquals(0, lease.address() % alignment, alignment + " size " + size);
            }
          }
        }
      }
    }
  }

  @Test
  void wrappedMemoryPromisesNoMoreAlignmentThanItsBuffersHave() {
    try (Arena arena = Arena.ofShared();
        var pool =
            BufferPool.of(
                WrappingExporter.of("wrapped", arena.allocate(400, 4096), () -> {}),
                new SizeClass(100, 4))) {
      Importer fussy = bounded(new Need(MappingType.NATIVE_POINTER, Access.READ, 64, false));
      assertThrows(
          AttachRefusedException.class,
          () -> pool.attach(fussy),
          "the second buffer lies at offset 100");
      pool.attach(bounded(new Need(MappingType.NATIVE_POINTER, Access.READ, 4, false))).close();
    }
  }

  @Test
  void readOnlyMemoryIsOfferedForReading() {
    try (Arena arena = Arena.ofShared();
        var pool =
            BufferPool.of(
                WrappingExporter.of("rom", arena.allocate(64, 64).asReadOnly(), () -> {}), ONE)) {
      assertTrue(
          refusal(pool, Importer.viewing("importer", Access.WRITE))
              .contains("WRITE asked, READ offered"));
      try (var attachment = pool.attach(Importer.viewing("importer", Access.READ));
          var port = attachment.open();
          var buffer = pool.tryAcquire(64);
          View view = port.map(buffer)) {
        assertEquals(0, view.getLong(0));
      }
    }
  }
}
