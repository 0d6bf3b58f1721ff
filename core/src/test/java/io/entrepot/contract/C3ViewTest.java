package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingLimitException;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** C3: a view is bounded, temporal, confined, and read-only when mapped for reading. */
class C3ViewTest {
  private static final long MIB = 1L << 20;
  private static final int SIZE = 200;

  /** Every read of so many bytes at an offset. */
  private static final Map<Integer, List<BiConsumer<View, Long>>> READS =
      Map.of(
          1, List.of(View::getByte),
          2, List.of(View::getShort, (v, o) -> v.getShort(o, ByteOrder.BIG_ENDIAN)),
          4,
              List.of(
                  View::getInt,
                  View::getFloat,
                  View::getIntAcquire,
                  View::getIntVolatile,
                  (v, o) -> v.getInt(o, ByteOrder.BIG_ENDIAN),
                  (v, o) -> v.getFloat(o, ByteOrder.LITTLE_ENDIAN)),
          8,
              List.of(
                  View::getLong,
                  View::getDouble,
                  View::getLongAcquire,
                  View::getLongVolatile,
                  (v, o) -> v.getLong(o, ByteOrder.LITTLE_ENDIAN),
                  (v, o) -> v.getDouble(o, ByteOrder.BIG_ENDIAN)));

  /** Every write of so many bytes at an offset. */
  private static final Map<Integer, List<BiConsumer<WritableView, Long>>> WRITES =
      Map.of(
          1, List.of((v, o) -> v.putByte(o, (byte) 1)),
          2,
              List.of(
                  (v, o) -> v.putShort(o, (short) 1),
                  (v, o) -> v.putShort(o, (short) 1, ByteOrder.BIG_ENDIAN)),
          4,
              List.of(
                  (v, o) -> v.putInt(o, 1),
                  (v, o) -> v.putFloat(o, 1),
                  (v, o) -> v.putIntRelease(o, 1),
                  (v, o) -> v.putIntVolatile(o, 1),
                  (v, o) -> v.getAndAddInt(o, 1),
                  (v, o) -> v.compareAndSetInt(o, 0, 1),
                  (v, o) -> v.putInt(o, 1, ByteOrder.BIG_ENDIAN),
                  (v, o) -> v.putFloat(o, 1, ByteOrder.LITTLE_ENDIAN)),
          8,
              List.of(
                  (v, o) -> v.putLong(o, 1),
                  (v, o) -> v.putDouble(o, 1),
                  (v, o) -> v.putLongRelease(o, 1),
                  (v, o) -> v.putLongVolatile(o, 1),
                  (v, o) -> v.getAndAddLong(o, 1),
                  (v, o) -> v.compareAndSetLong(o, 0, 1),
                  (v, o) -> v.putLong(o, 1, ByteOrder.BIG_ENDIAN),
                  (v, o) -> v.putDouble(o, 1, ByteOrder.LITTLE_ENDIAN)));

  private BufferPool pool;
  private Attachment attachment;
  private Port port;
  private SharedBuffer buffer;
  private WritableView view;

  @BeforeEach
  void map() {
    pool = BufferPool.offHeap("pool", SIZE, 2);
    attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
    port = attachment.open();
    buffer = pool.tryAcquire(SIZE);
    view = port.mapForWriting(buffer);
  }

  @AfterEach
  void closeAll() {
    port.close();
    attachment.close();
    buffer.close();
    pool.close();
  }

  private static void everyAccess(
      int width, WritableView view, long offset, Consumer<Executable> as) {
    READS.get(width).forEach(read -> as.accept(() -> read.accept(view, offset)));
    WRITES.get(width).forEach(write -> as.accept(() -> write.accept(view, offset)));
  }

  private static Map<String, Executable> everyBulk(WritableView view, long offset, long length) {
    byte[] bytes = new byte[(int) Math.min(Math.max(0, length), 1024)];
    Map<String, Executable> all = new LinkedHashMap<>();
    all.put("slice", () -> view.slice(offset, length));
    all.put("fill", () -> view.fill(offset, length, (byte) 0));
    all.put("crc32c", () -> view.crc32c(offset, length));
    all.put("copyTo view", () -> view.copyTo(offset, view, 0, length));
    all.put("copyTo view's target", () -> view.copyTo(0, view, offset, length));
    if (bytes.length == length) {
      all.put("copyTo", () -> view.copyTo(offset, bytes, 0, bytes.length));
      all.put("copyFrom", () -> view.copyFrom(offset, bytes, 0, bytes.length));
    }
    return all;
  }

  // ---------------------------------------------------------------- bounded

  @Test
  void everyAccessIsBoundedAtEveryEdge() {
    for (int width : READS.keySet()) {
      everyAccess(width, view, 0, C3ViewTest::succeeds);
      everyAccess(width, view, SIZE - width, C3ViewTest::succeeds);
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
              assertTrue(text.contains("'importer'") && text.contains("'pool'"), text);
            });
      }
    }
  }

  private static void succeeds(Executable access) {
    try {
      access.execute();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyBulkOperationIsBoundedAtEveryEdge() {
    everyBulk(view, 0, SIZE).values().forEach(C3ViewTest::succeeds);
    everyBulk(view, SIZE, 0).values().forEach(C3ViewTest::succeeds);
    everyBulk(view, SIZE - 1, 1).values().forEach(C3ViewTest::succeeds);
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
        () -> assertThrows(IndexOutOfBoundsException.class, () -> view.copyFrom(0, array, 1, 10)),
        () -> assertThrows(IndexOutOfBoundsException.class, () -> view.copyFrom(0, array, 10, 1)));
  }

  @Test
  void orderedAndAtomicAccessNeedsNaturalAlignment() {
    for (long offset : new long[] {1, 2, 3, 5, 9}) {
      assertMisaligned(4, offset, () -> view.getIntAcquire(offset));
      assertMisaligned(4, offset, () -> view.getIntVolatile(offset));
      assertMisaligned(4, offset, () -> view.putIntRelease(offset, 1));
      assertMisaligned(4, offset, () -> view.putIntVolatile(offset, 1));
      assertMisaligned(4, offset, () -> view.getAndAddInt(offset, 1));
      assertMisaligned(4, offset, () -> view.compareAndSetInt(offset, 0, 1));
    }
    for (long offset : new long[] {1, 2, 4, 7, 12}) {
      assertMisaligned(8, offset, () -> view.getLongAcquire(offset));
      assertMisaligned(8, offset, () -> view.getLongVolatile(offset));
      assertMisaligned(8, offset, () -> view.putLongRelease(offset, 1));
      assertMisaligned(8, offset, () -> view.putLongVolatile(offset, 1));
      assertMisaligned(8, offset, () -> view.getAndAddLong(offset, 1));
      assertMisaligned(8, offset, () -> view.compareAndSetLong(offset, 0, 1));
    }
    for (long at = 0; at < SIZE; at++) {
      assertEquals(0, view.getByte(at), "a refused call wrote");
    }
    view.putLong(3, -1);
    assertEquals(-1, view.getLong(3), "plain access needs none");
  }

  private static void assertMisaligned(int width, long offset, Executable access) {
    String text = assertThrows(IllegalArgumentException.class, access).getMessage();
    assertTrue(text.contains(width + " bytes at offset " + offset), text);
    assertTrue(text.contains("alignment"), text);
  }

  // ---------------------------------------------------------------- temporal

  @Test
  void everyUseOfAClosedViewThrows() {
    view.close();
    view.close();
    assertFalse(view.isOpen());
    assertEquals(0, view.byteSize());
    assertDead(ViewClosedException.class, view);
    try (View other = port.mapForWriting(buffer)) {
      assertThrows(ViewClosedException.class, () -> view.mismatch(other));
      assertThrows(ViewClosedException.class, () -> other.mismatch(view));
      assertThrows(ViewClosedException.class, () -> other.copyTo(0, view, 0, 0));
    }
  }

  @Test
  void everyUseOfARevokedViewThrows() {
    assertFalse(pool.revoke(attachment, Duration.ZERO).cooperative());
    assertFalse(view.isOpen());
    assertDead(RevokedException.class, view);
    view.close();
    assertDead(ViewClosedException.class, view);
    assertThrows(RevokedException.class, () -> port.map(buffer));
    assertThrows(RevokedException.class, () -> port.mapForWriting(buffer));
    assertThrows(RevokedException.class, attachment::open);
  }

  private static void assertDead(Class<? extends Exception> how, WritableView dead) {
    for (int width : READS.keySet()) {
      for (long offset : new long[] {0, 8, SIZE - width, SIZE, -1, 1L << 31, Long.MAX_VALUE}) {
        everyAccess(width, dead, offset, access -> assertThrows(how, access));
      }
    }
    for (long[] range : new long[][] {{0, 0}, {0, 1}, {0, SIZE}, {5, 10}}) {
      everyBulk(dead, range[0], range[1])
          .forEach(
              (name, access) -> assertThrows(how, access, name + " " + Arrays.toString(range)));
    }
    assertThrows(how, () -> dead.mismatch(dead));
  }

  @Test
  void aMappingNeverComesAliveAgain() {
    view.close();
    try (WritableView again = port.mapForWriting(buffer)) {
      again.putLong(0, 1);
      assertFalse(view.isOpen());
      assertThrows(ViewClosedException.class, () -> view.getLong(0));
      view.close();
      assertTrue(again.isOpen(), "closing the old view does not end the new one");
      assertEquals(1, again.getLong(0));
    }
  }

  @Test
  void viewsClosedOutOfOrderDoNotEndEachOther() {
    try (SharedBuffer second = pool.tryAcquire(SIZE)) {
      WritableView other = port.mapForWriting(second);
      view.close();
      WritableView third = port.mapForWriting(buffer);
      view.close();
      other.putLong(0, 2);
      third.putLong(0, 3);
      assertEquals(2, pool.statistics().openMappings());
      other.close();
      assertEquals(3, third.getLong(0));
      third.close();
      assertEquals(0, pool.statistics().openMappings());
    }
  }

  @Test
  void aClosedReferenceCannotBeMapped() {
    SharedBuffer closed = pool.tryAcquire(SIZE);
    closed.close();
    closed.close();
    assertThrows(StaleBufferException.class, () -> port.map(closed));
    assertThrows(StaleBufferException.class, () -> port.mapForWriting(closed));
    assertThrows(StaleBufferException.class, () -> port.mapInPlace(closed, 0));
    try (SharedBuffer reused = pool.tryAcquire(SIZE)) {
      assertEquals(closed.index(), reused.index());
      assertEquals(closed.generation() + 1, reused.generation());
      String text = assertThrows(StaleBufferException.class, () -> port.map(closed)).getMessage();
      assertTrue(text.contains("generation " + closed.generation()), text);
      assertTrue(text.contains("generation=" + reused.generation()), text);
    }
    assertEquals(1, pool.statistics().openMappings());
  }

  @Test
  void aPortSaysWhenItHasNoMappingLeft() {
    List<View> views = new ArrayList<>();
    for (int i = 1; i < Port.MAPPINGS; i++) {
      views.add(port.map(buffer));
    }
    String text = assertThrows(MappingLimitException.class, () -> port.map(buffer)).getMessage();
    assertTrue(text.contains("all " + Port.MAPPINGS + " mappings"), text);
    views.removeLast().close();
    views.add(port.map(buffer));
    views.forEach(View::close);
    assertEquals(1, pool.statistics().openMappings());
  }

  @Test
  void closingThePortEndsItsViews() {
    port.close();
    assertDead(ViewClosedException.class, view);
    assertEquals(0, pool.statistics().openMappings());
    assertThrows(IllegalStateException.class, () -> port.map(buffer));
  }

  // ---------------------------------------------------------------- confined

  @Test
  void everyUseFromAnotherThreadThrows() {
    Elsewhere.run(() -> {
      for (int width : READS.keySet()) {
        everyAccess(
            width,
            view,
            0,
            access -> {
              String text = assertThrows(WrongThreadException.class, access).getMessage();
              assertTrue(text.contains("'elsewhere'"), text);
            });
      }
      everyBulk(view, 0, 8)
          .forEach((name, use) -> assertThrows(WrongThreadException.class, use, name));
      assertThrows(WrongThreadException.class, () -> view.mismatch(view));
      assertThrows(WrongThreadException.class, view::byteSize);
      assertThrows(WrongThreadException.class, view::isOpen);
      assertThrows(WrongThreadException.class, view::close);
    });
    assertTrue(view.isOpen());
  }

  @Test
  void aSliceIsConfinedToo() {
    View slice = view.slice(8, 16);
    assertThrows(WrongThreadException.class, () -> Elsewhere.call(() -> slice.getByte(0)));
  }

  // ---------------------------------------------------------------- slices

  @Test
  void aSliceIsBoundedByItself() {
    WritableView slice = view.slice(8, 16);
    slice.putLong(8, 42);
    assertEquals(42, view.getLong(16));
    assertEquals(16, slice.byteSize());
    assertThrows(IndexOutOfBoundsException.class, () -> slice.getLong(9));
    assertThrows(IndexOutOfBoundsException.class, () -> slice.getByte(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(8, 9));
  }

  @Test
  void slicesDieWithTheirParentAndAlone() {
    WritableView child = view.slice(0, 64);
    WritableView grandchild = child.slice(8, 8);
    WritableView sibling = view.slice(64, 64);
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
        view.putByte(plane.rowOffset(row) + x, (byte) (row * 16 + x));
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

  // ---------------------------------------------------------------- values

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

  // ---------------------------------------------------------------- bulk

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

  // ---------------------------------------------------------------- flyweights

  @Test
  void aFlyweightThrowsBetweenTwoMappings() {
    try (var owner = pool.open("owner")) {
      assertThrows(IllegalStateException.class, owner::release);
      WritableView flyweight = owner.acquire(1, TimeUnit.SECONDS);
      assertThrows(IllegalStateException.class, owner::tryAcquire);
      flyweight.putLong(0, 1);
      owner.release();
      assertFalse(flyweight.isOpen());
      assertDead(ViewClosedException.class, flyweight);
      assertThrows(IllegalStateException.class, owner::release);
    }
  }
}
