package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** C3: bulk operations agree with arrays, also across the parts in which they run. */
@InBothForms
class C3BulkTest extends OneView {
  private static final int MIB = 1 << 20;
  private static final int SIZE = 3 * MIB + 5;
  private static final int[] LENGTHS = {0, 1, 7, MIB - 1, MIB, MIB + 1, 2 * MIB + 3};
  private static final List<ByteOrder> ORDERS =
      List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
  private static final List<IntFunction<ByteBuffer>> BUFFERS =
      List.of(ByteBuffer::allocate, ByteBuffer::allocateDirect);

  private final byte[] model = new byte[SIZE];

  C3BulkTest() {
    super(SIZE);
  }

  @BeforeEach
  void fill() {
    new Random(7).nextBytes(model);
    written.copyFrom(0, model, 0, SIZE);
  }

  private byte[] bytes() {
    byte[] bytes = new byte[SIZE];
    view.copyTo(0, bytes, 0, SIZE);
    return bytes;
  }

  @Test
  void byteBuffersGetWhatRemainsInThem() {
    for (IntFunction<ByteBuffer> kind : BUFFERS) {
      for (int length : LENGTHS) {
        ByteBuffer target = kind.apply(length + 9).position(4).limit(4 + length);
        view.copyTo(3, target);
        assertEquals(4 + length, target.position());
        assertEquals(4 + length, target.limit());
        byte[] expected = new byte[length + 9];
        System.arraycopy(model, 3, expected, 4, length);
        byte[] all = new byte[length + 9];
        target.clear().get(all);
        assertArrayEquals(expected, all, "length " + length);
      }
    }
  }

  @Test
  void whatRemainsInByteBuffersIsCopied() {
    for (IntFunction<ByteBuffer> kind : BUFFERS) {
      for (int length : LENGTHS) {
        byte[] fresh = new byte[length + 9];
        new Random(length).nextBytes(fresh);
        ByteBuffer source = kind.apply(fresh.length).put(fresh).position(4).limit(4 + length);
        written.copyFrom(0, model, 0, SIZE);
        written.copyFrom(3, length % 2 == 0 ? source.asReadOnlyBuffer() : source);
        byte[] expected = model.clone();
        System.arraycopy(fresh, 4, expected, 3, length);
        assertArrayEquals(expected, bytes(), "length " + length);
        assertEquals(length % 2 == 0 ? 4 : 4 + length, source.position());
      }
    }
  }

  @Test
  void aSlicedByteBufferIsTakenFromWhereItBegins() {
    ByteBuffer slice = ByteBuffer.wrap(new byte[20]).slice(5, 10);
    view.copyTo(100, slice.position(2));
    assertEquals(model[100], slice.get(2));
    assertEquals(0, slice.get(1));
    assertEquals(model[107], slice.array()[5 + 9]);
    assertEquals(0, slice.array()[15]);
  }

  @Test
  void theByteOrderOfAByteBufferPlaysNoPart() {
    for (ByteOrder order : ORDERS) {
      ByteBuffer target = ByteBuffer.allocate(16).order(order);
      view.copyTo(0, target);
      assertArrayEquals(Arrays.copyOf(model, 16), target.array());
      assertEquals(order, target.order());
    }
  }

  @Test
  void aRefusedCopyMovesNoPositionAndNoByte() {
    for (IntFunction<ByteBuffer> kind : BUFFERS) {
      ByteBuffer bytes = kind.apply(100).position(1);
      for (long offset : new long[] {SIZE - 98, SIZE, -1, 1L << 31, 1L << 32, Long.MAX_VALUE}) {
        assertThrows(IndexOutOfBoundsException.class, () -> view.copyTo(offset, bytes));
        assertThrows(IndexOutOfBoundsException.class, () -> written.copyFrom(offset, bytes));
      }
      assertEquals(1, bytes.position());
      ByteBuffer readOnly = bytes.asReadOnlyBuffer();
      assertThrows(ReadOnlyBufferException.class, () -> view.copyTo(0, readOnly));
      assertThrows(
          ReadOnlyBufferException.class, () -> view.copyTo(0, readOnly.duplicate().position(100)));
      assertEquals(1, readOnly.position());
      view.close();
      assertThrows(RuntimeException.class, () -> view.copyTo(0, bytes));
      WritableView closed = written.slice(0, 200);
      closed.close();
      assertThrows(RuntimeException.class, () -> closed.copyFrom(0, bytes));
      assertEquals(1, bytes.position());
      view = port.map(buffer);
      assertArrayEquals(model, bytes());
    }
  }

  @Test
  void aByteBufferWhoseMemoryIsGoneIsNotTheViewsFault() {
    ByteBuffer gone;
    try (Arena arena = Arena.ofConfined()) {
      gone = arena.allocate(8).asByteBuffer();
    }
    String text =
        assertThrows(IllegalStateException.class, () -> view.copyTo(0, gone)).getMessage();
    assertTrue(text.contains("closed"), text);
    assertThrows(IllegalStateException.class, () -> written.copyFrom(0, gone));
    assertTrue(view.isOpen());
    assertEquals(0, gone.position());
  }

  /** Segments of the caller's, on the heap and not, of so many bytes. */
  private static List<MemorySegment> segments(Arena arena, long byteSize) {
    long longs = (byteSize + 7) / 8;
    return List.of(
        arena.allocate(byteSize),
        MemorySegment.ofArray(new byte[(int) byteSize]),
        MemorySegment.ofArray(new long[(int) longs]).asSlice(0, byteSize));
  }

  @Test
  void segmentsGetWhatIsAsked() {
    try (Arena arena = Arena.ofConfined()) {
      for (int length : LENGTHS) {
        for (MemorySegment target : segments(arena, length + 9)) {
          view.copyTo(3, target, 4, length);
          byte[] expected = new byte[length + 9];
          System.arraycopy(model, 3, expected, 4, length);
          assertArrayEquals(expected, target.toArray(ValueLayout.JAVA_BYTE), "length " + length);
        }
      }
    }
  }

  @Test
  void whatIsAskedOfSegmentsIsCopied() {
    try (Arena arena = Arena.ofConfined()) {
      for (int length : LENGTHS) {
        byte[] fresh = new byte[length + 9];
        new Random(length).nextBytes(fresh);
        byte[] expected = model.clone();
        System.arraycopy(fresh, 4, expected, 3, length);
        for (MemorySegment source : segments(arena, fresh.length)) {
          source.copyFrom(MemorySegment.ofArray(fresh));
          written.copyFrom(0, model, 0, SIZE);
          written.copyFrom(3, source.asReadOnly(), 4, length);
          assertArrayEquals(expected, bytes(), "length " + length);
        }
      }
    }
  }

  @Test
  void aRefusedCopyOfASegmentMovesNoByteAndSaysTheNumbers() {
    MemorySegment segment = MemorySegment.ofArray(new byte[100]);
    for (long offset : new long[] {SIZE - 98, SIZE, -1, 1L << 31, 1L << 32, Long.MAX_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> view.copyTo(offset, segment, 1, 99));
      assertThrows(IndexOutOfBoundsException.class, () -> written.copyFrom(offset, segment, 1, 99));
    }
    for (long[] range :
        new long[][] {{2, 99}, {-1, 1}, {0, -1}, {100, 1}, {101, 0}, {1, Long.MAX_VALUE}}) {
      String text =
          assertThrows(
                  IndexOutOfBoundsException.class,
                  () -> view.copyTo(0, segment, range[0], range[1]))
              .getMessage();
      assertEquals(
          range[1] + " bytes at offset " + range[0] + " are not within the segment's 100 bytes",
          text);
      assertThrows(
          IndexOutOfBoundsException.class, () -> written.copyFrom(0, segment, range[0], range[1]));
    }
    assertThrows(
        IllegalArgumentException.class, () -> view.copyTo(0, segment.asReadOnly(), 0, 100));
    assertThrows(IllegalArgumentException.class, () -> view.copyTo(0, segment.asReadOnly(), 0, 0));
    assertEquals(-1, segment.mismatch(MemorySegment.ofArray(new byte[100])));
    assertArrayEquals(model, bytes());
    view.close();
    assertThrows(ViewClosedException.class, () -> view.copyTo(0, segment, 0, 0));
    WritableView closed = written.slice(0, 200);
    closed.close();
    assertThrows(ViewClosedException.class, () -> closed.copyFrom(0, segment, 0, 1));
  }

  @Test
  void aSegmentThatTheCallerCannotUseIsNotTheViewsFault() {
    MemorySegment gone;
    try (Arena arena = Arena.ofConfined()) {
      gone = arena.allocate(8);
    }
    assertThrows(IllegalStateException.class, () -> view.copyTo(0, gone, 0, 8));
    assertThrows(IllegalStateException.class, () -> written.copyFrom(0, gone, 0, 8));
    try (Arena shared = Arena.ofShared()) {
      MemorySegment others = Elsewhere.call(() -> Arena.ofConfined().allocate(8));
      assertThrows(WrongThreadException.class, () -> view.copyTo(0, others, 0, 8));
      assertThrows(WrongThreadException.class, () -> written.copyFrom(0, others, 0, 8));
      MemorySegment ours = shared.allocate(8);
      Elsewhere.run(
          () -> assertThrows(WrongThreadException.class, () -> view.copyTo(0, ours, 0, 8)));
    }
    assertTrue(view.isOpen());
    assertArrayEquals(model, bytes());
  }

  @Test
  void elementsAreCopiedInTheOrderThatIsAsked() {
    for (ByteOrder order : ORDERS) {
      ByteBuffer expected = ByteBuffer.wrap(model).order(order);
      for (int bytes : new int[] {0, 8, MIB - 8, MIB, MIB + 8, 2 * MIB + 16}) {
        int offset = 5;
        short[] shorts = new short[bytes / 2 + 2];
        view.copyTo(offset, shorts, 1, bytes / 2, order);
        short[] modelShorts = new short[shorts.length];
        expected.position(offset).asShortBuffer().get(modelShorts, 1, bytes / 2);
        assertArrayEquals(modelShorts, shorts);
        int[] ints = new int[bytes / 4 + 2];
        view.copyTo(offset, ints, 1, bytes / 4, order);
        int[] modelInts = new int[ints.length];
        expected.position(offset).asIntBuffer().get(modelInts, 1, bytes / 4);
        assertArrayEquals(modelInts, ints);
        long[] longs = new long[bytes / 8 + 2];
        view.copyTo(offset, longs, 1, bytes / 8, order);
        long[] modelLongs = new long[longs.length];
        expected.position(offset).asLongBuffer().get(modelLongs, 1, bytes / 8);
        assertArrayEquals(modelLongs, longs);
        float[] floats = new float[bytes / 4 + 2];
        view.copyTo(offset, floats, 1, bytes / 4, order);
        float[] modelFloats = new float[floats.length];
        expected.position(offset).asFloatBuffer().get(modelFloats, 1, bytes / 4);
        assertArrayEquals(modelFloats, floats);
        double[] doubles = new double[bytes / 8 + 2];
        view.copyTo(offset, doubles, 1, bytes / 8, order);
        double[] modelDoubles = new double[doubles.length];
        expected.position(offset).asDoubleBuffer().get(modelDoubles, 1, bytes / 8);
        assertArrayEquals(modelDoubles, doubles);

        // Written elsewhere, each reads back as the bytes that it was made of.
        Runnable check =
            () -> {
              assertEquals(-1, view.mismatch(offset + 6, model, offset, bytes), "order " + order);
              assertEquals(0, view.getByte(offset + 5));
              assertEquals(0, view.getByte(offset + 6 + bytes));
              written.fill(0, SIZE, (byte) 0);
            };
        written.fill(0, SIZE, (byte) 0);
        written.copyFrom(offset + 6, shorts, 1, bytes / 2, order);
        check.run();
        written.copyFrom(offset + 6, ints, 1, bytes / 4, order);
        check.run();
        written.copyFrom(offset + 6, longs, 1, bytes / 8, order);
        check.run();
        written.copyFrom(offset + 6, model, offset, bytes);
        check.run();
        written.copyFrom(0, model, 0, SIZE);
      }
    }
  }

  @Test
  void floatsAndDoublesAreWrittenInTheOrderThatIsAsked() {
    float[] floats = {1.5f, -0f, Float.NaN, Float.MIN_VALUE};
    double[] doubles = {-2.25, Double.NEGATIVE_INFINITY, 1e300};
    for (ByteOrder order : ORDERS) {
      written.copyFrom(3, floats, 1, 3, order);
      written.copyFrom(101, doubles, 0, 3, order);
      for (int i = 0; i < 3; i++) {
        assertEquals(floats[i + 1], view.getFloat(3 + 4 * i, order));
        assertEquals(doubles[i], view.getDouble(101 + 8 * i, order));
      }
    }
  }

  @Test
  void arraysOfElementsAreBounded() {
    int[] ints = new int[10];
    double[] doubles = new double[10];
    ByteOrder order = ByteOrder.nativeOrder();
    for (int[] range : new int[][] {{1, 10}, {-1, 1}, {0, -1}, {10, 1}, {11, 0}, {5, 1 << 30}}) {
      assertThrows(
          IndexOutOfBoundsException.class, () -> view.copyTo(0, ints, range[0], range[1], order));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> written.copyFrom(0, doubles, range[0], range[1], order));
    }
    for (long offset : new long[] {SIZE - 39, SIZE, -1, 1L << 31, 1L << 32, Long.MAX_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> view.copyTo(offset, ints, 0, 10, order));
      assertThrows(
          IndexOutOfBoundsException.class, () -> written.copyFrom(offset, ints, 0, 10, order));
    }
    assertArrayEquals(new int[10], ints);
    assertArrayEquals(model, bytes());
  }

  @Test
  void rangesOfTwoViewsAreCompared() {
    try (var mine = pool.tryAcquire(SIZE);
        var own = place.own(mine);
        var second = place.reach(mine);
        var other = port.map(second)) {
      WritableView changed = own.view();
      changed.copyFrom(11, view, 4, SIZE - 11);
      for (int length : LENGTHS) {
        assertEquals(-1, view.mismatch(4, other, 11, length));
        assertEquals(-1, other.mismatch(11, view, 4, length));
        for (int at : new int[] {0, length / 2, length - 1}) {
          if (at >= 0 && at < length) {
            changed.putByte(11 + at, (byte) ~model[4 + at]);
            assertEquals(at, view.mismatch(4, other, 11, length));
            assertEquals(at, other.mismatch(11, view, 4, length));
            changed.putByte(11 + at, model[4 + at]);
          }
        }
        changed.putByte(11 + length, (byte) ~model[4 + length]);
        assertEquals(-1, view.mismatch(4, other, 11, length), "the byte behind is not compared");
        changed.putByte(11 + length, model[4 + length]);
      }
    }
  }

  @Test
  void aRangeIsComparedWithAnArray() {
    for (int length : LENGTHS) {
      byte[] array = Arrays.copyOfRange(model, 4, 4 + length + 1);
      byte[] shifted = new byte[array.length + 2];
      System.arraycopy(array, 0, shifted, 2, array.length);
      shifted[2 + length]++;
      assertEquals(-1, view.mismatch(4, shifted, 2, length));
      if (length > 0) {
        shifted[2 + length - 1]++;
        assertEquals(length - 1, view.mismatch(4, shifted, 2, length));
      }
    }
    byte[] array = new byte[10];
    for (int[] range : new int[][] {{1, 10}, {-1, 1}, {0, -1}, {10, 1}, {11, 0}}) {
      assertThrows(
          IndexOutOfBoundsException.class, () -> view.mismatch(0, array, range[0], range[1]));
    }
  }

  @Test
  void aSumGoesOverSeveralRangesViewsAndArrays() {
    CRC32C expected = new CRC32C();
    CRC32C sum = new CRC32C();
    for (int length : LENGTHS) {
      expected.update(model, 3, length);
      view.crc32c(sum, 3, length);
      assertEquals(expected.getValue(), sum.getValue());
      expected.update(length);
      sum.update(length);
    }
    long before = sum.getValue();
    assertThrows(IndexOutOfBoundsException.class, () -> view.crc32c(sum, 1, SIZE));
    assertEquals(before, sum.getValue(), "a refused range adds nothing");
    view.slice(5, MIB + 1).crc32c(sum, 1, MIB);
    expected.update(model, 6, MIB);
    assertEquals(expected.getValue(), sum.getValue());
    assertFalse(sum.getValue() == before);
  }

  @Test
  void sumsOfDifferentBuffersRangesAndThreadsDoNotMix() {
    try (var another = pool.tryAcquire(SIZE);
        var own = place.own(another);
        var reached = place.reach(another);
        var second = port.map(reached)) {
      own.view().fill(0, SIZE, (byte) 5);
      byte[] fives = new byte[SIZE];
      Arrays.fill(fives, (byte) 5);
      for (int length : LENGTHS) {
        for (int offset : new int[] {SIZE - length, 0, 1}) {
          assertEquals(sum(model, offset, length), view.crc32c(offset, length));
          assertEquals(sum(fives, offset, length), second.crc32c(offset, length));
          assertEquals(sum(model, offset, length), view.slice(offset, length).crc32c(0, length));
        }
      }
      Elsewhere.run(() -> assertThrows(WrongThreadException.class, () -> view.crc32c(0, 1)));
    }
  }

  private static int sum(byte[] bytes, int offset, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, offset, length);
    return (int) sum.getValue();
  }
}
