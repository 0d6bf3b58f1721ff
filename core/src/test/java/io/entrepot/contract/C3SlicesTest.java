package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.Plane;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import org.junit.jupiter.api.Test;

/** C3: a slice is a view of its own within another one. */
@InBothForms
class C3SlicesTest extends OneView {
  @Test
  void aSliceIsBoundedByItself() {
    written.slice(8, 16).putLong(8, 42);
    assertEquals(42, view.getLong(16));
    View slice = view.slice(8, 16);
    assertEquals(42, slice.getLong(8));
    assertEquals(16, slice.byteSize());
    assertThrows(IndexOutOfBoundsException.class, () -> slice.getLong(9));
    assertThrows(IndexOutOfBoundsException.class, () -> slice.getByte(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(8, 9));
  }

  @Test
  void slicesDieWithTheirParentAndAlone() {
    View child = view.slice(0, 64);
    View grandchild = child.slice(8, 8);
    View sibling = view.slice(64, 64);
    child.close();
    assertThrows(ViewClosedException.class, () -> child.getByte(0));
    assertThrows(ViewClosedException.class, () -> grandchild.getByte(0));
    assertEquals(0, sibling.getByte(0));
    assertEquals(0, view.getByte(0), "a slice's close does not end its parent");
    view.close();
    assertThrows(ViewClosedException.class, () -> sibling.getByte(0));
    assertThrows(ViewClosedException.class, () -> sibling.slice(0, 1));
  }

  @Test
  void slicesOfAFlyweightDieWhenItIsMappedAgain() {
    try (var owner = pool.open("owner")) {
      WritableView flyweight = owner.tryAcquire();
      View slice = flyweight.slice(0, 8);
      owner.release();
      assertThrows(ViewClosedException.class, () -> slice.getByte(0));
      assertThrows(ViewClosedException.class, () -> flyweight.getByte(0));
      WritableView again = owner.tryAcquire();
      assertSame(flyweight, again, "one flyweight, mapped again");
      assertTrue(flyweight.isOpen());
      assertThrows(ViewClosedException.class, () -> slice.getByte(0));
      owner.release();
    }
  }

  @Test
  void planesAndRowsAreSlices() {
    Plane plane = new Plane(10, 20, 16, 3);
    for (int row = 0; row < 3; row++) {
      for (int x = 0; x < 16; x++) {
        written.putByte(plane.rowOffset(row) + x, (byte) (row * 16 + x));
      }
    }
    assertEquals(56, view.plane(plane).byteSize());
    for (int row = 0; row < 3; row++) {
      View bytes = view.row(plane, row);
      assertEquals(16, bytes.byteSize());
      assertEquals(row * 16 + 15, bytes.getByte(15));
    }
    assertThrows(IndexOutOfBoundsException.class, () -> view.row(plane, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> view.row(plane, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> view.plane(new Plane(0, 100, 100, 3)));
  }
}
