package io.entrepot.contract;

import static io.entrepot.contract.EveryUse.READS;
import static io.entrepot.contract.EveryUse.everyAccess;
import static io.entrepot.contract.EveryUse.everyBulk;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.View;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** C3: a view is bounded at every edge, whatever is done with it. */
@InBothForms
class C3BoundedViewTest extends OneView {
  @Test
  void everyAccessIsBoundedAtEveryEdge() {
    everyAccessIsBounded(view, "'importer'");
    everyAccessIsBounded(written, "'exporter'");
  }

  private static void everyAccessIsBounded(View view, String whose) {
    for (int width : READS.keySet()) {
      everyAccess(width, view, 0, EveryUse::succeeds);
      everyAccess(width, view, SIZE - width, EveryUse::succeeds);
      for (long offset :
          new long[] {
            -1,
            -width,
            SIZE - width + 1,
            SIZE,
            SIZE + 1,
            Integer.MAX_VALUE,
            1L << 31,
            (1L << 31) - width,
            (1L << 32) - 1,
            1L << 32,
            (1L << 32) + 8,
            Long.MAX_VALUE - width,
            Long.MAX_VALUE - width + 1,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            Long.MIN_VALUE + SIZE
          }) {
        everyAccess(
            width,
            view,
            offset,
            access -> {
              var thrown =
                  assertThrows(
                      IndexOutOfBoundsException.class, access, width + " bytes at " + offset);
              String text = thrown.getMessage();
              assertTrue(text.contains(width + " bytes at offset " + offset + " "), text);
              assertTrue(text.contains("the view's " + SIZE + " bytes"), text);
              assertTrue(text.contains(whose) && text.contains("'pool'"), text);
            });
      }
    }
  }

  @Test
  void everyBulkOperationIsBoundedAtEveryEdge() {
    everyBulkOperationIsBounded(view);
    everyBulkOperationIsBounded(written);
  }

  private static void everyBulkOperationIsBounded(View view) {
    everyBulk(view, 0, SIZE).values().forEach(EveryUse::succeeds);
    everyBulk(view, SIZE, 0).values().forEach(EveryUse::succeeds);
    everyBulk(view, SIZE - 1, 1).values().forEach(EveryUse::succeeds);
    long[][] ranges = {
      {-1, 1},
      {0, -1},
      {1, -1},
      {0, SIZE + 1},
      {1, SIZE},
      {SIZE, 1},
      {SIZE + 1, 0},
      {1L << 31, 1},
      {0, 1L << 31},
      {1L << 32, 1},
      {0, 1L << 32},
      {(1L << 32) - 1, 2},
      {Long.MAX_VALUE, 1},
      {1, Long.MAX_VALUE},
      {Long.MAX_VALUE, Long.MAX_VALUE},
      {Long.MIN_VALUE, 0},
      {0, Long.MIN_VALUE},
    };
    for (long[] range : ranges) {
      everyBulk(view, range[0], range[1])
          .forEach((name, access) ->
              assertThrows(
                  IndexOutOfBoundsException.class,
                  access,
                  () -> name + " " + Arrays.toString(range)));
    }
    for (long at = 0; at < SIZE; at++) {
      assertTrue(view.getByte(at) == 0 || view.getByte(at) == 1, "a refused call wrote");
    }
  }

  @Test
  void arraysAreBoundedToo() {
    byte[] array = new byte[10];
    assertAll(
        () -> assertThrows(IndexOutOfBoundsException.class, () -> view.copyTo(0, array, 1, 10)),
        () -> assertThrows(IndexOutOfBoundsException.class, () -> view.copyTo(0, array, -1, 1)),
        () -> assertThrows(IndexOutOfBoundsException.class, () -> view.copyTo(0, array, 0, -1)),
        () ->
            assertThrows(
                IndexOutOfBoundsException.class,
                () -> view.copyTo(0, array, Integer.MAX_VALUE, Integer.MAX_VALUE)),
        () ->
            assertThrows(IndexOutOfBoundsException.class, () -> written.copyFrom(0, array, 1, 10)),
        () ->
            assertThrows(IndexOutOfBoundsException.class, () -> written.copyFrom(0, array, 10, 1)));
  }

  @Test
  void orderedAndAtomicAccessNeedsNaturalAlignment() {
    for (long offset : new long[] {1, 2, 3, 5, 9}) {
      assertMisaligned(4, offset, () -> view.getIntAcquire(offset));
      assertMisaligned(4, offset, () -> view.getIntVolatile(offset));
      assertMisaligned(4, offset, () -> written.putIntRelease(offset, 1));
      assertMisaligned(4, offset, () -> written.putIntVolatile(offset, 1));
      assertMisaligned(4, offset, () -> written.getAndAddInt(offset, 1));
      assertMisaligned(4, offset, () -> written.compareAndSetInt(offset, 0, 1));
    }
    for (long offset : new long[] {1, 2, 4, 7, 12}) {
      assertMisaligned(8, offset, () -> view.getLongAcquire(offset));
      assertMisaligned(8, offset, () -> view.getLongVolatile(offset));
      assertMisaligned(8, offset, () -> written.putLongRelease(offset, 1));
      assertMisaligned(8, offset, () -> written.putLongVolatile(offset, 1));
      assertMisaligned(8, offset, () -> written.getAndAddLong(offset, 1));
      assertMisaligned(8, offset, () -> written.compareAndSetLong(offset, 0, 1));
    }
    for (long at = 0; at < SIZE; at++) {
      assertEquals(0, view.getByte(at), "a refused call wrote");
    }
    written.putLong(3, -1);
    assertEquals(-1, view.getLong(3), "plain access needs none");
  }

  private static void assertMisaligned(int width, long offset, Executable access) {
    String text = assertThrows(IllegalArgumentException.class, access).getMessage();
    assertTrue(text.contains(width + " bytes at offset " + offset), text);
    assertTrue(text.contains("alignment"), text);
  }
}
