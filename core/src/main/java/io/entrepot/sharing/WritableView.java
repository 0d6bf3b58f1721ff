package io.entrepot.sharing;

import io.entrepot.internal.sharing.WritableMappedView;
import java.nio.ByteOrder;

/** A {@link View} through which an importer may also write. */
public sealed interface WritableView extends View permits WritableMappedView {

  /** Puts a byte at an offset. */
  void putByte(long offset, byte value);

  /** Puts a short at an offset, in native byte order. */
  void putShort(long offset, short value);

  /** Puts a short at an offset, in the given byte order. */
  void putShort(long offset, short value, ByteOrder order);

  /** Puts a int at an offset, in native byte order. */
  void putInt(long offset, int value);

  /** Puts a int at an offset, in the given byte order. */
  void putInt(long offset, int value, ByteOrder order);

  /** Puts a long at an offset, in native byte order. */
  void putLong(long offset, long value);

  /** Puts a long at an offset, in the given byte order. */
  void putLong(long offset, long value, ByteOrder order);

  /** Puts a float at an offset, in native byte order. */
  void putFloat(long offset, float value);

  /** Puts a float at an offset, in the given byte order. */
  void putFloat(long offset, float value, ByteOrder order);

  /** Puts a double at an offset, in native byte order. */
  void putDouble(long offset, double value);

  /** Puts a double at an offset, in the given byte order. */
  void putDouble(long offset, double value, ByteOrder order);

  /** Puts a int at an aligned offset with release order. */
  void putIntRelease(long offset, int value);

  /** Puts a int at an aligned offset with volatile order. */
  void putIntVolatile(long offset, int value);

  /** Adds to the int at an aligned offset, atomically; the old value. */
  int getAndAddInt(long offset, int delta);

  /** Sets the int at an aligned offset if it has the expected value, atomically. */
  boolean compareAndSetInt(long offset, int expected, int value);

  /** Puts a long at an aligned offset with release order. */
  void putLongRelease(long offset, long value);

  /** Puts a long at an aligned offset with volatile order. */
  void putLongVolatile(long offset, long value);

  /** Adds to the long at an aligned offset, atomically; the old value. */
  long getAndAddLong(long offset, long delta);

  /** Sets the long at an aligned offset if it has the expected value, atomically. */
  boolean compareAndSetLong(long offset, long expected, long value);

  /**
   * Copies bytes from an array.
   *
   * @param offset of the first byte in this view
   * @param source where to copy from
   * @param sourceIndex of the first byte in the array
   * @param length number of bytes
   */
  void copyFrom(long offset, byte[] source, int sourceIndex, int length);

  /** Fills a range with one value. */
  void fill(long offset, long length, byte value);

  @Override
  WritableView slice(long offset, long length);

  @Override
  default WritableView plane(Plane plane) {
    return slice(plane.offsetBytes(), plane.byteSize());
  }

  @Override
  default WritableView row(Plane plane, int row) {
    return slice(plane.rowOffset(row), plane.rowBytes());
  }
}
