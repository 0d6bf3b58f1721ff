package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** C3: what is written through a view is read from it, one by one or in bulk. */
class C3ValuesTest extends OneView {
  private static final long MIB = 1L << 20;

  @Test
  void valuesAreWrittenInTheOrderThatIsAsked() {
    ByteBuffer expected = ByteBuffer.allocate(SIZE);
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      expected.order(order);
      view.putShort(1, (short) 0x0102, order);
      view.putInt(3, 0x01020304, order);
      view.putLong(7, 0x0102030405060708L, order);
      view.putFloat(15, 1.5f, order);
      view.putDouble(19, -2.25, order);
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
    view.putShort(30, (short) -2);
    view.putInt(32, -3);
    view.putLong(40, -4);
    view.putFloat(48, 0.5f);
    view.putDouble(56, 0.25);
    view.putByte(64, (byte) -1);
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
    view.putIntVolatile(0, 5);
    assertEquals(5, view.getAndAddInt(0, 3));
    assertFalse(view.compareAndSetInt(0, 5, 9));
    assertTrue(view.compareAndSetInt(0, 8, 9));
    assertEquals(9, view.getIntVolatile(0));
    view.putIntRelease(0, 10);
    assertEquals(10, view.getIntAcquire(0));
    view.putLongVolatile(8, 1L << 40);
    assertEquals(1L << 40, view.getAndAddLong(8, -1));
    assertFalse(view.compareAndSetLong(8, 0, 1));
    assertTrue(view.compareAndSetLong(8, (1L << 40) - 1, 1));
    assertEquals(1, view.getLongVolatile(8));
    view.putLongRelease(8, 2);
    assertEquals(2, view.getLongAcquire(8));
  }

  private static byte[] bytes(View view) {
    byte[] bytes = new byte[(int) view.byteSize()];
    view.copyTo(0, bytes, 0, bytes.length);
    return bytes;
  }

  @Test
  void bulkOperationsAgreeWithArraysAcrossChunks() {
    long size = 3 * MIB + 5;
    Random random = new Random(42);
    byte[] model = new byte[(int) size];
    random.nextBytes(model);
    long[] edges = {0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB - 1, 2 * MIB + 1, size - 1, size};
    try (var large = BufferPool.offHeap("large", size, 2);
        var importer = large.attach(Importer.viewing("bulk", Access.WRITE));
        var lane = importer.open();
        var one = large.tryAcquire(size);
        var two = large.tryAcquire(size);
        var a = lane.mapForWriting(one);
        var b = lane.mapForWriting(two)) {
      a.copyFrom(0, model, 0, model.length);
      for (long from : edges) {
        for (long to : edges) {
          if (from <= to) {
            CRC32C crc = new CRC32C();
            crc.update(model, (int) from, (int) (to - from));
            assertEquals((int) crc.getValue(), a.crc32c(from, to - from), from + " to " + to);
          }
        }
      }
      a.copyTo(0, b, 0, size);
      assertEquals(-1, a.mismatch(b));
      for (long edge : edges) {
        if (edge < size) {
          b.putByte(edge, (byte) ~b.getByte(edge));
          assertEquals(edge, a.mismatch(b));
          assertEquals(edge, b.mismatch(a));
          b.putByte(edge, (byte) ~b.getByte(edge));
        }
        if (edge > 0) {
          assertEquals(edge == size ? -1 : edge, a.mismatch(b.slice(0, edge)));
          assertEquals(edge == size ? -1 : edge, b.slice(0, edge).mismatch(a));
        }
      }
      b.fill(MIB - 3, MIB + 6, (byte) 9);
      Arrays.fill(model, (int) (MIB - 3), (int) (2 * MIB + 3), (byte) 9);
      assertArrayEquals(model, bytes(b));
      byte[] part = new byte[(int) MIB + 10];
      b.copyTo(MIB - 5, part, 3, (int) MIB + 7);
      assertArrayEquals(
          Arrays.copyOfRange(model, (int) MIB - 5, (int) (2 * MIB) + 2),
          Arrays.copyOfRange(part, 3, part.length));
    }
  }

  @Test
  void overlappingCopiesAreAsIfThroughABuffer() {
    long size = 3 * MIB + 5;
    byte[] model = new byte[(int) size];
    new Random(1).nextBytes(model);
    long length = 2 * MIB + 3;
    try (var large = BufferPool.offHeap("large", size, 1);
        var importer = large.attach(Importer.viewing("bulk", Access.WRITE));
        var lane = importer.open();
        var one = large.tryAcquire(size);
        var a = lane.mapForWriting(one);
        var alias = lane.mapForWriting(one)) {
      for (long distance : new long[] {0, 1, 7, MIB - 1, MIB}) {
        a.copyFrom(0, model, 0, model.length);
        byte[] up = model.clone();
        System.arraycopy(up, 0, up, (int) distance, (int) length);
        a.copyTo(0, alias, distance, length);
        assertArrayEquals(up, bytes(a), "up by " + distance);
        a.copyFrom(0, model, 0, model.length);
        byte[] down = model.clone();
        System.arraycopy(down, (int) distance, down, 0, (int) length);
        a.copyTo(distance, alias, 0, length);
        assertArrayEquals(down, bytes(a), "down by " + distance);
      }
    }
  }
}
