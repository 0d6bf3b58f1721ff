package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.View;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** C3: what is written through one view is read from another, in the order that is asked. */
@InBothForms
class C3ValuesTest extends OneView {
  @Test
  void valuesAreWrittenInTheOrderThatIsAsked() {
    ByteBuffer expected = ByteBuffer.allocate(SIZE);
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      expected.order(order);
      written.putShort(1, (short) 0x0102, order);
      written.putInt(3, 0x01020304, order);
      written.putLong(7, 0x0102030405060708L, order);
      written.putFloat(15, 1.5f, order);
      written.putDouble(19, -2.25, order);
      expected.putShort(1, (short) 0x0102).putInt(3, 0x01020304);
      expected.putLong(7, 0x0102030405060708L).putFloat(15, 1.5f).putDouble(19, -2.25);
      assertArrayEquals(expected.array(), bytes(view));
      assertEquals(0x0102, view.getShort(1, order));
      assertEquals(0x01020304, view.getInt(3, order));
      assertEquals(0x0102030405060708L, view.getLong(7, order));
      assertEquals(1.5f, view.getFloat(15, order));
      assertEquals(-2.25, view.getDouble(19, order));
    }
    ByteOrder order = ByteOrder.nativeOrder();
    written.putShort(30, (short) -2);
    written.putInt(32, -3);
    written.putLong(40, -4);
    written.putFloat(48, 0.5f);
    written.putDouble(56, 0.25);
    written.putByte(64, (byte) -1);
    assertEquals(-2, view.getShort(30, order));
    assertEquals(-3, view.getInt(32, order));
    assertEquals(-4, view.getLong(40, order));
    assertEquals(0.5f, view.getFloat(48, order));
    assertEquals(0.25, view.getDouble(56, order));
    assertEquals(0.5f, view.getFloat(48));
    assertEquals(0.25, view.getDouble(56));
    assertEquals(-1, view.getByte(64));
  }

  @Test
  void atomicOperationsAnswerTheOldValue() {
    written.putIntVolatile(0, 5);
    assertEquals(5, written.getAndAddInt(0, 3));
    assertFalse(written.compareAndSetInt(0, 5, 9));
    assertTrue(written.compareAndSetInt(0, 8, 9));
    assertEquals(9, view.getIntVolatile(0));
    written.putIntRelease(0, 10);
    assertEquals(10, view.getIntAcquire(0));
    written.putLongVolatile(8, 1L << 40);
    assertEquals(1L << 40, written.getAndAddLong(8, -1));
    assertFalse(written.compareAndSetLong(8, 0, 1));
    assertTrue(written.compareAndSetLong(8, (1L << 40) - 1, 1));
    assertEquals(1, view.getLongVolatile(8));
    written.putLongRelease(8, 2);
    assertEquals(2, view.getLongAcquire(8));
  }

  private static byte[] bytes(View view) {
    byte[] bytes = new byte[(int) view.byteSize()];
    view.copyTo(0, bytes, 0, bytes.length);
    return bytes;
  }
}
