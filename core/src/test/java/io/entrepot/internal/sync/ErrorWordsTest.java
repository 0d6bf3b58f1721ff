package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The errors of a timeline, as its words tell them. */
class ErrorWordsTest {
  private static final long BITS = 1L << TimelineDescriptor.POINT_BITS;

  private final Words words = new HeapWords(TimelineDescriptor.RECORD_BYTES);
  private final ErrorWords errors = new ErrorWords(words, words.base());

  private FenceError.Kind certain(long point) {
    ErrorWords.Told told = errors.of(point, 0);
    assertTrue(told.isCertain(), () -> told + " of " + point);
    return told.kind();
  }

  @Test
  void eachRangeIsToldFromItsFirstPointToItsLast() {
    errors.tell(5, 7, FenceError.Kind.CANCELLED);
    errors.tell(9, 9, FenceError.Kind.ISSUER_LOST);
    assertNull(certain(4));
    assertEquals(FenceError.Kind.CANCELLED, certain(5));
    assertEquals(FenceError.Kind.CANCELLED, certain(7));
    assertNull(certain(8));
    assertEquals(FenceError.Kind.ISSUER_LOST, certain(9));
    assertNull(certain(10));
  }

  @Test
  void anErrorThatIsNotToldYetIsNotTakenForNone() {
    errors.tell(5, 5, FenceError.Kind.FAILED);
    assertNull(errors.of(8, TimelineDescriptor.tagged(8, 1)));
    errors.tell(8, 8, FenceError.Kind.FAILED);
    assertEquals(FenceError.Kind.FAILED, errors.of(8, TimelineDescriptor.tagged(8, 1)).kind());
  }

  @Test
  void toldAgainAndToldTooLateItStaysAsItWas() {
    for (long point = 10; point <= 50; point += 10) {
      errors.tell(point, point, FenceError.Kind.TIMED_OUT);
    }
    errors.tell(50, 50, FenceError.Kind.TIMED_OUT);
    errors.tell(10, 10, FenceError.Kind.TIMED_OUT);
    for (long point = 20; point <= 50; point += 10) {
      assertEquals(FenceError.Kind.TIMED_OUT, certain(point));
      assertNull(certain(point + 5));
    }
    assertEquals(ErrorWords.Told.PERHAPS, errors.of(10, 0));
    assertNull(certain(11));
  }

  @Test
  void pointsOnACircleAreToldAcrossItsEnd() {
    errors.tell(BITS - 2, BITS + 3, FenceError.Kind.FAILED);
    assertNull(certain(BITS - 3));
    assertEquals(FenceError.Kind.FAILED, certain(BITS - 2));
    assertEquals(FenceError.Kind.FAILED, certain(BITS + 3));
    assertNull(certain(BITS + 4));
    errors.forgetBefore(BITS + 4);
    assertNull(certain(BITS));
  }

  /** Against a map of all points, over timelines that come and go in one record. */
  @Test
  void noErrorIsEverTakenForNone() {
    SplittableRandom random = new SplittableRandom(7);
    TimelineTable table = new TimelineTable(words, words.base(), 1);
    TreeMap<Long, FenceError.Kind> all = new TreeMap<>();
    Timeline timeline = table.timeline("first");
    for (int round = 0; round < 2_000; round++) {
      long before = timeline.signaled();
      for (long n = 1 + random.nextLong(3); n > 0; n--) {
        timeline.issue();
      }
      FenceError.Kind kind = random.nextInt(3) == 0 ? FenceError.Kind.CANCELLED : null;
      if (kind != null) {
        timeline.signal(timeline.issued(), FenceError.cancelled("at random"));
      } else {
        timeline.signal(timeline.issued());
      }
      for (long point = before + 1; point <= timeline.issued(); point++) {
        all.put(point, kind);
      }
      if (random.nextInt(50) == 0) {
        timeline.close();
        timeline = table.timeline("next");
      }
      long signaled = words.getVolatile(words.base() + TimelineDescriptor.SIGNALED);
      for (var point : all.tailMap(timeline.issued() - 12, true).entrySet()) {
        ErrorWords.Told told = errors.of(point.getKey(), signaled);
        assertTrue(
            told.isCertain() ? told.kind() == point.getValue() : told.kind() != null,
            () -> told + " of " + point);
      }
      assertTrue(errors.of(timeline.issued(), signaled).isCertain());
    }
    timeline.close();
  }
}
