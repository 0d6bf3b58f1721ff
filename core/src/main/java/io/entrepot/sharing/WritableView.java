package io.entrepot.sharing;

import io.entrepot.internal.sharing.WritableMappedView;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A {@link View} through which an importer may also write. */
public sealed interface WritableView extends View permits WritableMappedView {

  /**
   * Puts a byte at an offset.
   *
   * @param offset in bytes, from 0 to the view's size less 1
   * @param value what to put
   */
  void putByte(long offset, byte value);

  /**
   * Puts a short at an offset, in native byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 2
   * @param value what to put
   */
  void putShort(long offset, short value);

  /**
   * Puts a short at an offset, in the given byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 2
   * @param value what to put
   * @param order in which its bytes shall lie
   */
  void putShort(long offset, short value, ByteOrder order);

  /**
   * Puts an int at an offset, in native byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 4
   * @param value what to put
   */
  void putInt(long offset, int value);

  /**
   * Puts an int at an offset, in the given byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 4
   * @param value what to put
   * @param order in which its bytes shall lie
   */
  void putInt(long offset, int value, ByteOrder order);

  /**
   * Puts a long at an offset, in native byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 8
   * @param value what to put
   */
  void putLong(long offset, long value);

  /**
   * Puts a long at an offset, in the given byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 8
   * @param value what to put
   * @param order in which its bytes shall lie
   */
  void putLong(long offset, long value, ByteOrder order);

  /**
   * Puts a float at an offset, in native byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 4
   * @param value what to put
   */
  void putFloat(long offset, float value);

  /**
   * Puts a float at an offset, in the given byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 4
   * @param value what to put
   * @param order in which its bytes shall lie
   */
  void putFloat(long offset, float value, ByteOrder order);

  /**
   * Puts a double at an offset, in native byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 8
   * @param value what to put
   */
  void putDouble(long offset, double value);

  /**
   * Puts a double at an offset, in the given byte order.
   *
   * @param offset in bytes, from 0 to the view's size less 8
   * @param value what to put
   * @param order in which its bytes shall lie
   */
  void putDouble(long offset, double value, ByteOrder order);

  /**
   * Puts an int at an offset with release order.
   *
   * @param offset in bytes, aligned to 4, from 0 to the view's size less 4
   * @param value what to put
   */
  void putIntRelease(long offset, int value);

  /**
   * Puts an int at an offset with volatile order.
   *
   * @param offset in bytes, aligned to 4, from 0 to the view's size less 4
   * @param value what to put
   */
  void putIntVolatile(long offset, int value);

  /**
   * Adds to the int at an offset, atomically and with volatile order.
   *
   * @param offset in bytes, aligned to 4, from 0 to the view's size less 4
   * @param delta what to add; the sum may wrap around
   * @return the value before
   */
  int getAndAddInt(long offset, int delta);

  /**
   * Sets the int at an offset if it has the expected value, atomically and with volatile order.
   *
   * @param offset in bytes, aligned to 4, from 0 to the view's size less 4
   * @param expected the value that it must have
   * @param value what to put
   * @return whether it had the expected value, and now has the other
   */
  boolean compareAndSetInt(long offset, int expected, int value);

  /**
   * Puts a long at an offset with release order.
   *
   * @param offset in bytes, aligned to 8, from 0 to the view's size less 8
   * @param value what to put
   */
  void putLongRelease(long offset, long value);

  /**
   * Puts a long at an offset with volatile order.
   *
   * @param offset in bytes, aligned to 8, from 0 to the view's size less 8
   * @param value what to put
   */
  void putLongVolatile(long offset, long value);

  /**
   * Adds to the long at an offset, atomically and with volatile order.
   *
   * @param offset in bytes, aligned to 8, from 0 to the view's size less 8
   * @param delta what to add; the sum may wrap around
   * @return the value before
   */
  long getAndAddLong(long offset, long delta);

  /**
   * Sets the long at an offset if it has the expected value, atomically and with volatile order.
   *
   * @param offset in bytes, aligned to 8, from 0 to the view's size less 8
   * @param expected the value that it must have
   * @param value what to put
   * @return whether it had the expected value, and now has the other
   */
  boolean compareAndSetLong(long offset, long expected, long value);

  /**
   * Copies bytes from an array.
   *
   * @param offset of the first byte in this view
   * @param source where to copy from
   * @param sourceIndex of the first byte in the array
   * @param length number of bytes, which both sides must have
   * @throws IndexOutOfBoundsException when one of them has not; nothing was copied
   */
  void copyFrom(long offset, byte[] source, int sourceIndex, int length);

  /**
   * Copies shorts from an array.
   *
   * @param offset of the first short in this view, in bytes; needs no alignment
   * @param source where to copy from
   * @param sourceIndex of the first short in the array
   * @param length number of shorts, of 2 bytes each, which both sides must have
   * @param order in which their bytes shall lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyFrom(long offset, short[] source, int sourceIndex, int length, ByteOrder order);

  /**
   * Copies ints from an array.
   *
   * @param offset of the first int in this view, in bytes; needs no alignment
   * @param source where to copy from
   * @param sourceIndex of the first int in the array
   * @param length number of ints, of 4 bytes each, which both sides must have
   * @param order in which their bytes shall lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyFrom(long offset, int[] source, int sourceIndex, int length, ByteOrder order);

  /**
   * Copies longs from an array.
   *
   * @param offset of the first long in this view, in bytes; needs no alignment
   * @param source where to copy from
   * @param sourceIndex of the first long in the array
   * @param length number of longs, of 8 bytes each, which both sides must have
   * @param order in which their bytes shall lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyFrom(long offset, long[] source, int sourceIndex, int length, ByteOrder order);

  /**
   * Copies floats from an array.
   *
   * @param offset of the first float in this view, in bytes; needs no alignment
   * @param source where to copy from
   * @param sourceIndex of the first float in the array
   * @param length number of floats, of 4 bytes each, which both sides must have
   * @param order in which their bytes shall lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyFrom(long offset, float[] source, int sourceIndex, int length, ByteOrder order);

  /**
   * Copies doubles from an array.
   *
   * @param offset of the first double in this view, in bytes; needs no alignment
   * @param source where to copy from
   * @param sourceIndex of the first double in the array
   * @param length number of doubles, of 8 bytes each, which both sides must have
   * @param order in which their bytes shall lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyFrom(long offset, double[] source, int sourceIndex, int length, ByteOrder order);

  /**
   * Copies the bytes that remain in a byte buffer, and moves its position to its limit. Where the
   * two show the same bytes, as if through a buffer.
   *
   * @param offset of the first byte in this view
   * @param source where to copy from, on the heap or not, from its position to its limit; its byte
   *     order plays no part
   * @throws IndexOutOfBoundsException when this view has not so many; nothing was copied, and the
   *     position is where it was
   */
  void copyFrom(long offset, ByteBuffer source);

  /**
   * Copies bytes from a segment of the caller's. Where the two show the same bytes, as if through a
   * buffer. Allocates nothing, as {@link #copyFrom(long, ByteBuffer)} may.
   *
   * @param offset of the first byte in this view
   * @param source where to copy from, on the heap or not, accessible to the calling thread
   * @param sourceOffset of the first byte in the segment
   * @param length number of bytes, which both sides must have
   * @throws IndexOutOfBoundsException when one of them has not; nothing was copied
   * @throws IllegalStateException when the segment's memory is gone
   * @throws WrongThreadException when the segment is another thread's
   */
  void copyFrom(long offset, MemorySegment source, long sourceOffset, long length);

  /**
   * Copies bytes from another view; where the two show the same bytes, as if through a buffer.
   *
   * @param offset of the first byte in this view
   * @param source where to copy from, a view of the same thread
   * @param sourceOffset of the first byte in the source
   * @param length number of bytes, which both sides must have
   * @throws IndexOutOfBoundsException when one of them has not; nothing was copied
   */
  default void copyFrom(long offset, View source, long sourceOffset, long length) {
    source.copyTo(sourceOffset, this, offset, length);
  }

  /**
   * Fills a range with one value.
   *
   * @param offset of the first byte
   * @param length number of bytes; {@code offset + length} is at most the view's size
   * @param value of each byte
   */
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
