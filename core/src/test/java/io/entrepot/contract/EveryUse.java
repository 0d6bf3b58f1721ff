package io.entrepot.contract;

import static io.entrepot.contract.OneView.SIZE;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.function.Executable;

/** Every way to use a view, for rules that hold for each of them; to write to it if it has one. */
final class EveryUse {
  /** Every read of so many bytes at an offset. */
  static final Map<Integer, List<BiConsumer<View, Long>>> READS =
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
  static final Map<Integer, List<BiConsumer<WritableView, Long>>> WRITES =
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

  private EveryUse() {}

  static void everyAccess(int width, View view, long offset, Consumer<Executable> as) {
    READS.get(width).forEach(read -> as.accept(() -> read.accept(view, offset)));
    if (view instanceof WritableView writable) {
      WRITES.get(width).forEach(write -> as.accept(() -> write.accept(writable, offset)));
    }
  }

  static Map<String, Executable> everyBulk(View view, long offset, long length) {
    Map<String, Executable> all = new LinkedHashMap<>();
    everyBulkRead(view, offset, length, all);
    if (view instanceof WritableView writable) {
      everyBulkWrite(writable, offset, length, all);
    }
    return all;
  }

  private static byte[] bytes(long length) {
    return new byte[(int) Math.min(Math.max(0, length), 1024)];
  }

  private static void everyBulkRead(
      View view, long offset, long length, Map<String, Executable> all) {
    all.put("slice", () -> view.slice(offset, length));
    all.put("crc32c", () -> view.crc32c(offset, length));
    all.put("mismatch", () -> view.mismatch(offset, view, 0, length));
    all.put("mismatch with", () -> view.mismatch(0, view, offset, length));
    all.put("crc32c of several", () -> view.crc32c(new CRC32C(), offset, length));
    byte[] bytes = bytes(length);
    if (bytes.length == length) {
      all.put("copyTo", () -> view.copyTo(offset, bytes, 0, bytes.length));
      all.put("mismatch with array", () -> view.mismatch(offset, bytes, 0, bytes.length));
      all.put("copyTo heap buffer", () -> view.copyTo(offset, ByteBuffer.wrap(bytes)));
      ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
      all.put("copyTo direct buffer", () -> view.copyTo(offset, direct.clear()));
      if (bytes.length % 8 == 0) {
        everyArrayRead(view, offset, bytes.length, ByteOrder.LITTLE_ENDIAN, all);
        everyArrayRead(view, offset, bytes.length, ByteOrder.BIG_ENDIAN, all);
      }
    }
  }

  private static void everyBulkWrite(
      WritableView view, long offset, long length, Map<String, Executable> all) {
    all.put("fill", () -> view.fill(offset, length, (byte) 0));
    all.put("copyTo view", () -> view.copyTo(offset, view, 0, length));
    all.put("copyTo view's target", () -> view.copyTo(0, view, offset, length));
    all.put("copyFrom view", () -> view.copyFrom(offset, view, 0, length));
    all.put("copyFrom view's source", () -> view.copyFrom(0, view, offset, length));
    byte[] bytes = bytes(length);
    if (bytes.length == length) {
      all.put("copyFrom", () -> view.copyFrom(offset, bytes, 0, bytes.length));
      all.put("copyFrom heap buffer", () -> view.copyFrom(offset, ByteBuffer.wrap(bytes)));
      ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
      all.put("copyFrom direct buffer", () -> view.copyFrom(offset, direct.clear()));
      if (bytes.length % 8 == 0) {
        everyArrayWrite(view, offset, bytes.length, ByteOrder.LITTLE_ENDIAN, all);
        everyArrayWrite(view, offset, bytes.length, ByteOrder.BIG_ENDIAN, all);
      }
    }
  }

  private static void everyArrayRead(
      View view, long offset, int length, ByteOrder order, Map<String, Executable> all) {
    short[] shorts = new short[length / 2];
    int[] ints = new int[length / 4];
    float[] floats = new float[length / 4];
    long[] longs = new long[length / 8];
    double[] doubles = new double[length / 8];
    all.put("to shorts " + order, () -> view.copyTo(offset, shorts, 0, shorts.length, order));
    all.put("to ints " + order, () -> view.copyTo(offset, ints, 0, ints.length, order));
    all.put("to floats " + order, () -> view.copyTo(offset, floats, 0, floats.length, order));
    all.put("to longs " + order, () -> view.copyTo(offset, longs, 0, longs.length, order));
    all.put("to doubles " + order, () -> view.copyTo(offset, doubles, 0, doubles.length, order));
  }

  private static void everyArrayWrite(
      WritableView view, long offset, int length, ByteOrder order, Map<String, Executable> all) {
    short[] shorts = new short[length / 2];
    int[] ints = new int[length / 4];
    float[] floats = new float[length / 4];
    long[] longs = new long[length / 8];
    double[] doubles = new double[length / 8];
    all.put("from shorts " + order, () -> view.copyFrom(offset, shorts, 0, shorts.length, order));
    all.put("from ints " + order, () -> view.copyFrom(offset, ints, 0, ints.length, order));
    all.put("from floats " + order, () -> view.copyFrom(offset, floats, 0, floats.length, order));
    all.put("from longs " + order, () -> view.copyFrom(offset, longs, 0, longs.length, order));
    all.put(
        "from doubles " + order, () -> view.copyFrom(offset, doubles, 0, doubles.length, order));
  }

  static void succeeds(Executable access) {
    try {
      access.execute();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static void assertDead(Class<? extends Exception> how, View dead) {
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
}
