package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WrappingExporter;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** C3: copies within and between views for writing are as if they were made at once. */
class C3BulkWritesTest {
  private static final int MIB = 1 << 20;
  private static final int SIZE = 3 * MIB + 5;

  private static byte[] bytes(View view) {
    byte[] bytes = new byte[(int) view.byteSize()];
    view.copyTo(0, bytes, 0, bytes.length);
    return bytes;
  }

  @Test
  void bulkOperationsAgreeWithArraysAcrossChunks() {
    Random random = new Random(42);
    byte[] model = new byte[SIZE];
    random.nextBytes(model);
    long[] edges = {0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB - 1, 2 * MIB + 1, SIZE - 1, SIZE};
    try (var large = BufferPool.offHeap("large", SIZE, 2);
        var importer = large.attach(Importer.viewing("bulk", Access.WRITE));
        var lane = importer.open();
        var one = large.tryAcquire(SIZE);
        var two = large.tryAcquire(SIZE);
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
      a.copyTo(0, b, 0, SIZE);
      assertEquals(-1, a.mismatch(b));
      for (long edge : edges) {
        if (edge < SIZE) {
          b.putByte(edge, (byte) ~b.getByte(edge));
          assertEquals(edge, a.mismatch(b));
          assertEquals(edge, b.mismatch(a));
          b.putByte(edge, (byte) ~b.getByte(edge));
        }
        if (edge > 0) {
          assertEquals(edge == SIZE ? -1 : edge, a.mismatch(b.slice(0, edge)));
          assertEquals(edge == SIZE ? -1 : edge, b.slice(0, edge).mismatch(a));
        }
      }
      b.fill(MIB - 3, MIB + 6, (byte) 9);
      Arrays.fill(model, MIB - 3, 2 * MIB + 3, (byte) 9);
      assertArrayEquals(model, bytes(b));
      byte[] part = new byte[MIB + 10];
      b.copyTo(MIB - 5, part, 3, MIB + 7);
      assertArrayEquals(
          Arrays.copyOfRange(model, MIB - 5, 2 * MIB + 2),
          Arrays.copyOfRange(part, 3, part.length));
    }
  }

  @Test
  void overlappingCopiesAreAsIfThroughABuffer() {
    byte[] model = new byte[SIZE];
    new Random(1).nextBytes(model);
    long length = 2 * MIB + 3;
    try (var large = BufferPool.offHeap("large", SIZE, 1);
        var importer = large.attach(Importer.viewing("bulk", Access.WRITE));
        var lane = importer.open();
        var one = large.tryAcquire(SIZE);
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

  @Test
  void aByteBufferOverTheSameBytesIsCopiedAsIfThroughAnother() {
    byte[] model = new byte[SIZE];
    new Random(7).nextBytes(model);
    int length = 2 * MIB + 3;
    try (Arena arena = Arena.ofShared()) {
      var memory = arena.allocate(SIZE);
      ByteBuffer alias = memory.asByteBuffer();
      try (var own =
              BufferPool.of(WrappingExporter.of("w", memory, () -> {}), new SizeClass(SIZE, 1));
          var importer = own.attach(Importer.viewing("importer", Access.WRITE));
          var lane = importer.open();
          var one = own.tryAcquire(SIZE);
          var same = lane.mapForWriting(one)) {
        for (int distance : new int[] {0, 1, 7, MIB - 1, MIB}) {
          byte[] up = model.clone();
          System.arraycopy(up, 0, up, distance, length);
          same.copyFrom(0, model, 0, SIZE);
          same.copyTo(0, alias.limit(distance + length).position(distance));
          assertEquals(-1, same.mismatch(0, up, 0, SIZE), "up by " + distance);
          same.copyFrom(0, model, 0, SIZE);
          same.copyFrom(distance, alias.limit(length).position(0));
          assertEquals(-1, same.mismatch(0, up, 0, SIZE), "up by " + distance);
          byte[] down = model.clone();
          System.arraycopy(down, distance, down, 0, length);
          same.copyFrom(0, model, 0, SIZE);
          same.copyTo(distance, alias.limit(length).position(0));
          assertEquals(-1, same.mismatch(0, down, 0, SIZE), "down by " + distance);
        }
      }
    }
  }

  @Test
  void aSegmentOfTheSameBytesIsCopiedAsIfThroughAnother() {
    byte[] model = new byte[SIZE];
    new Random(7).nextBytes(model);
    int length = 2 * MIB + 3;
    try (Arena arena = Arena.ofShared()) {
      var alias = arena.allocate(SIZE);
      try (var own =
              BufferPool.of(WrappingExporter.of("w", alias, () -> {}), new SizeClass(SIZE, 1));
          var importer = own.attach(Importer.viewing("importer", Access.WRITE));
          var lane = importer.open();
          var one = own.tryAcquire(SIZE);
          var same = lane.mapForWriting(one)) {
        for (int distance : new int[] {0, 1, 7, MIB - 1, MIB}) {
          byte[] up = model.clone();
          System.arraycopy(up, 0, up, distance, length);
          same.copyFrom(0, model, 0, SIZE);
          same.copyTo(0, alias, distance, length);
          assertEquals(-1, same.mismatch(0, up, 0, SIZE), "up by " + distance);
          same.copyFrom(0, model, 0, SIZE);
          same.copyFrom(distance, alias, 0, length);
          assertEquals(-1, same.mismatch(0, up, 0, SIZE), "up by " + distance);
          byte[] down = model.clone();
          System.arraycopy(down, distance, down, 0, length);
          same.copyFrom(0, model, 0, SIZE);
          same.copyTo(distance, alias, 0, length);
          assertEquals(-1, same.mismatch(0, down, 0, SIZE), "down by " + distance);
        }
      }
    }
  }
}
