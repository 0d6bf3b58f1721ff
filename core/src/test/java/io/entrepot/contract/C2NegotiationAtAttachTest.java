package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C2: what an importer may do is negotiated when it attaches, or the attach fails and says why. */
@InBothForms
class C2NegotiationAtAttachTest {
  @Parameter Form form;

  private static final SizeClass ONE = new SizeClass(64, 1);

  private static Importer bounded(Need... needs) {
    return Importer.accepting("importer", Release.BOUNDED, needs);
  }

  private static String refusal(Place place, Importer importer) {
    return assertThrows(AttachRefusedException.class, () -> place.attach(importer)).getMessage();
  }

  private StrictExporter strict(MappingType... types) {
    return new StrictExporter(form.exporter(), types);
  }

  // ---------------------------------------------------------------- who decides

  @Test
  void theExportersOrderOfPreferenceWins() {
    var exporter =
        form.exporter(
            Offer.of(MappingType.CHANNEL_IO, Access.READ, 64),
            Offer.of(MappingType.VIEW, Access.READ, 64));
    try (var place = form.place(exporter, ONE);
        var _ = place.pool();
        var attachment =
            place.attach(
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
        form.exporter(
            Offer.of(MappingType.VIEW, Access.READ, 64),
            Offer.of(MappingType.CHANNEL_IO, Access.READ, 64));
    try (var place = form.place(exporter, ONE);
        var _ = place.pool();
        var attachment =
            place.attach(
                bounded(
                    Need.of(MappingType.VIEW, Access.WRITE),
                    Need.of(MappingType.CHANNEL_IO, Access.READ)))) {
      assertEquals(MappingType.CHANNEL_IO, attachment.granted().type());
    }
  }

  @Test
  void aRefusalShowsBothListsAndWhyEachPairDoesNotFit() {
    var exporter =
        form.exporter(
            Offer.of(MappingType.VIEW, Access.READ, 64),
            new Offer(MappingType.CHANNEL_IO, Access.READ, 64, false, false, false, true));
    try (var place = form.place(exporter, ONE);
        var _ = place.pool()) {
      String text =
          refusal(
              place,
              bounded(
                  Need.of(MappingType.VIEW, Access.WRITE),
                  new Need(MappingType.VIEW, Access.READ, 4096, false),
                  new Need(MappingType.CHANNEL_IO, Access.READ, 1, true)));
      for (String part :
          List.of(
              "importer 'importer' cannot attach to exporter 'pool'",
              "offered [VIEW/READ aligned 64, CHANNEL_IO/READ aligned 64 scattered]",
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
    StrictExporter exporter = strict(MappingType.VIEW, MappingType.CHANNEL_IO);
    exporter.verdict = new Verdict.Abort("the camera is being serviced");
    try (var place = form.place(exporter, ONE);
        var _ = place.pool()) {
      String text =
          refusal(
              place,
              bounded(
                  Need.of(MappingType.VIEW, Access.READ),
                  Need.of(MappingType.CHANNEL_IO, Access.READ)));
      assertTrue(text.contains("the camera is being serviced"), text);
      assertEquals(List.of("match VIEW"), List.copyOf(exporter.told), "nothing else was looked at");
    }
  }

  @Test
  void keepLookingGoesThroughAllPairs() {
    StrictExporter exporter = strict(MappingType.VIEW, MappingType.CHANNEL_IO);
    exporter.verdict = new Verdict.KeepLooking("not to you");
    try (var place = form.place(exporter, ONE);
        var _ = place.pool()) {
      refusal(
          place,
          bounded(
              Need.of(MappingType.VIEW, Access.READ),
              new Need(MappingType.VIEW, Access.READ, 1, true),
              Need.of(MappingType.CHANNEL_IO, Access.READ)));
      assertEquals(
          List.of("match VIEW", "match VIEW", "match CHANNEL_IO"), List.copyOf(exporter.told));
    }
  }

  @Test
  void anExportersOwnRuleMayTakeWhatTheDefaultWouldNot() {
    StrictExporter exporter = strict();
    exporter.verdict = new Verdict.Take();
    try (var place = form.place(exporter, ONE);
        var _ = place.pool();
        var attachment = place.attach(Importer.viewing("trusted", Access.READ))) {
      assertEquals(MappingType.VIEW, attachment.granted().type());
    }
  }

  // ---------------------------------------------------------------- the strict exporter

  @Test
  void aStrictExporterRefusesWindowsAndNativeAccess() {
    try (var place = form.place(strict(), ONE);
        var pool = place.pool()) {
      for (MappingType type : List.of(MappingType.CPU_WINDOW, MappingType.NATIVE_POINTER)) {
        String text = refusal(place, bounded(Need.of(type, Access.READ)).handlingConfidential());
        assertTrue(text.contains("not the same type"), text);
      }
      assertEquals(2, pool.statistics().refusals());
      assertEquals(0, pool.statistics().attaches());
    }
  }

  @Test
  void anImporterThatCannotBeRevokedIsRefusedAtAttach() {
    try (var place = form.place(strict(), ONE);
        var _ = place.pool()) {
      Importer unbounded =
          Importer.accepting("codec", Release.UNBOUNDED, Need.of(MappingType.VIEW, Access.READ));
      String text = refusal(place, unbounded.handlingConfidential());
      assertTrue(text.contains("must be revocable"), text);
    }
  }

  @Test
  void confidentialMemoryGoesToThoseWhoHandleIt() {
    try (var place = form.place(strict(), ONE);
        var _ = place.pool()) {
      Importer importer = bounded(Need.of(MappingType.VIEW, Access.READ));
      assertTrue(refusal(place, importer).contains("confidential"));
      place.attach(importer.handlingConfidential()).close();
    }
  }

  // ---------------------------------------------------------------- nothing halfway

  @Test
  void anExporterThatRefusesAtTheLastWordLeavesNothingBehind() {
    StrictExporter exporter = strict();
    RuntimeException reason = new IllegalStateException("one importer at a time");
    exporter.refusal = reason;
    var place = form.place(exporter, ONE);
    var pool = place.pool();
    Importer importer = bounded(Need.of(MappingType.VIEW, Access.READ)).handlingConfidential();
    var refused = assertThrows(AttachRefusedException.class, () -> place.attach(importer));
    assertTrue(refused.getMessage().contains("one importer at a time"), refused.getMessage());
    place.assertCause(reason, refused);
    assertEquals(0, pool.statistics().attaches());
    assertEquals(1, pool.statistics().refusals());
    assertFalse(pool.dump().contains("attachment"), pool.dump());
    place.close();
    pool.close();
    exporter.told.remove("freed");
    assertEquals(
        List.of("match VIEW"), List.copyOf(exporter.told), "what was not attached is not detached");
  }

  @Test
  void attachAndDetachComeInPairs() {
    StrictExporter exporter = strict();
    Importer importer = bounded(Need.of(MappingType.VIEW, Access.READ)).handlingConfidential();
    try (var place = form.place(exporter, ONE);
        var _ = place.pool()) {
      var closed = place.attach(importer);
      closed.close();
      closed.close();
      var revoked = place.attach(importer);
      place.revoke(revoked, Duration.ZERO);
      revoked.close();
      revoked.close();
      place.attach(importer);
    }
    assertEquals(3, exporter.told.stream().filter("attach importer"::equals).count());
    assertEquals(3, exporter.told.stream().filter("detach importer"::equals).count());
  }

  @Test
  void aReaderThatIsRefusedLeavesNoQueueBehind() {
    try (var place =
            form.place(
                form.exporter(Offer.of(MappingType.VIEW, Access.WRITE, 64)), new SizeClass(64, 2));
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      assertThrows(
          AttachRefusedException.class,
          () ->
              place
                  .reach(feed)
                  .join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 1, Division.EACH));
      try (var writer = feed.writer()) {
        for (int i = 0; i < 5; i++) {
          writer.acquire(1, TimeUnit.SECONDS).putInt(0, i);
          writer.publish();
        }
      }
      assertEquals(List.of(), pool.holders());
    }
  }
}
