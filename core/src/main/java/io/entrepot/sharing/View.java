package io.entrepot.sharing;

import io.entrepot.internal.sharing.MappedView;
import io.entrepot.sync.Fence;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A mapping through which an importer reads bytes: bounded, temporal, confined. It reveals no
 * address and no segment.
 *
 * <ul>
 *   <li><b>Bounded</b>: every offset is checked against {@link #byteSize()}, without overflow for
 *       any {@code long}: {@link IndexOutOfBoundsException}.
 *   <li><b>Temporal</b>: after {@link #close()}, and for a flyweight between two mappings, every
 *       use throws {@link ViewClosedException}; after a revocation {@link RevokedException}.
 *   <li><b>Confined</b>: only the thread that mapped it may use it; every other one gets {@link
 *       WrongThreadException}.
 * </ul>
 *
 * <p>A <em>flyweight</em> is a view that a port maps again and again, for loops that must not
 * allocate. A reference to it that is kept across a re-map sees the new buffer; start the JVM with
 * {@code -Dentrepot.checked=true} to make flyweights single-use, so that such a reference throws.
 *
 * <p>Offsets count bytes from the start of the mapping. Methods without a byte order use the
 * platform's own. Plain access needs no alignment; ordered and atomic access needs natural
 * alignment and throws {@link IllegalArgumentException} without it.
 *
 * <p><b>Bulk operations</b> check all of their ranges before they touch a byte, and run in parts of
 * at most 1 MiB, so that they hold up no revocation: one in the middle ends them between two parts.
 */
public sealed interface View extends AutoCloseable permits WritableView, MappedView {

  /** {@return size of the mapping in bytes; 0 when it is closed} */
  long byteSize();

  /** {@return whether the view is mapped, and its memory not taken back} */
  boolean isOpen();

  /**
   * {@return the byte at an offset}
   *
   * @param offset in bytes, from 0 to the view's size less 1
   */
  byte getByte(long offset);

  /**
   * {@return the short at an offset, in native byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 2
   */
  short getShort(long offset);

  /**
   * {@return the short at an offset, in the given byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 2
   * @param order in which its bytes lie
   */
  short getShort(long offset, ByteOrder order);

  /**
   * {@return the int at an offset, in native byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 4
   */
  int getInt(long offset);

  /**
   * {@return the int at an offset, in the given byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 4
   * @param order in which its bytes lie
   */
  int getInt(long offset, ByteOrder order);

  /**
   * {@return the long at an offset, in native byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 8
   */
  long getLong(long offset);

  /**
   * {@return the long at an offset, in the given byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 8
   * @param order in which its bytes lie
   */
  long getLong(long offset, ByteOrder order);

  /**
   * {@return the float at an offset, in native byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 4
   */
  float getFloat(long offset);

  /**
   * {@return the float at an offset, in the given byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 4
   * @param order in which its bytes lie
   */
  float getFloat(long offset, ByteOrder order);

  /**
   * {@return the double at an offset, in native byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 8
   */
  double getDouble(long offset);

  /**
   * {@return the double at an offset, in the given byte order}
   *
   * @param offset in bytes, from 0 to the view's size less 8
   * @param order in which its bytes lie
   */
  double getDouble(long offset, ByteOrder order);

  /**
   * {@return the int at an offset, read with acquire order}
   *
   * @param offset in bytes, aligned to 4, from 0 to the view's size less 4
   */
  int getIntAcquire(long offset);

  /**
   * {@return the int at an offset, read with volatile order}
   *
   * @param offset in bytes, aligned to 4, from 0 to the view's size less 4
   */
  int getIntVolatile(long offset);

  /**
   * {@return the long at an offset, read with acquire order}
   *
   * @param offset in bytes, aligned to 8, from 0 to the view's size less 8
   */
  long getLongAcquire(long offset);

  /**
   * {@return the long at an offset, read with volatile order}
   *
   * @param offset in bytes, aligned to 8, from 0 to the view's size less 8
   */
  long getLongVolatile(long offset);

  /**
   * Copies bytes into an array.
   *
   * @param offset of the first byte in this view
   * @param target where to copy to
   * @param targetIndex of the first byte in the array
   * @param length number of bytes, which both sides must have
   * @throws IndexOutOfBoundsException when one of them has not; nothing was copied
   */
  void copyTo(long offset, byte[] target, int targetIndex, int length);

  /**
   * Copies shorts into an array.
   *
   * @param offset of the first short in this view, in bytes; needs no alignment
   * @param target where to copy to
   * @param targetIndex of the first short in the array
   * @param length number of shorts, of 2 bytes each, which both sides must have
   * @param order in which their bytes lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyTo(long offset, short[] target, int targetIndex, int length, ByteOrder order);

  /**
   * Copies ints into an array.
   *
   * @param offset of the first int in this view, in bytes; needs no alignment
   * @param target where to copy to
   * @param targetIndex of the first int in the array
   * @param length number of ints, of 4 bytes each, which both sides must have
   * @param order in which their bytes lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyTo(long offset, int[] target, int targetIndex, int length, ByteOrder order);

  /**
   * Copies longs into an array.
   *
   * @param offset of the first long in this view, in bytes; needs no alignment
   * @param target where to copy to
   * @param targetIndex of the first long in the array
   * @param length number of longs, of 8 bytes each, which both sides must have
   * @param order in which their bytes lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyTo(long offset, long[] target, int targetIndex, int length, ByteOrder order);

  /**
   * Copies floats into an array.
   *
   * @param offset of the first float in this view, in bytes; needs no alignment
   * @param target where to copy to
   * @param targetIndex of the first float in the array
   * @param length number of floats, of 4 bytes each, which both sides must have
   * @param order in which their bytes lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyTo(long offset, float[] target, int targetIndex, int length, ByteOrder order);

  /**
   * Copies doubles into an array.
   *
   * @param offset of the first double in this view, in bytes; needs no alignment
   * @param target where to copy to
   * @param targetIndex of the first double in the array
   * @param length number of doubles, of 8 bytes each, which both sides must have
   * @param order in which their bytes lie in this view
   * @throws IndexOutOfBoundsException when one side has not so many; nothing was copied
   */
  void copyTo(long offset, double[] target, int targetIndex, int length, ByteOrder order);

  /**
   * Copies as many bytes as remain in a byte buffer into it, and moves its position to its limit.
   * Where the two show the same bytes, as if through a buffer.
   *
   * @param offset of the first byte in this view
   * @param target where to copy to, on the heap or not, from its position to its limit; its byte
   *     order plays no part
   * @throws IndexOutOfBoundsException when this view has not so many; nothing was copied, and the
   *     position is where it was
   * @throws java.nio.ReadOnlyBufferException when the target is read-only
   */
  void copyTo(long offset, ByteBuffer target);

  /**
   * Copies bytes into a segment of the caller's. Where the two show the same bytes, as if through a
   * buffer. Allocates nothing, as {@link #copyTo(long, ByteBuffer)} may.
   *
   * @param offset of the first byte in this view
   * @param target where to copy to, on the heap or not, accessible to the calling thread
   * @param targetOffset of the first byte in the segment
   * @param length number of bytes, which both sides must have
   * @throws IndexOutOfBoundsException when one of them has not; nothing was copied
   * @throws IllegalArgumentException when the segment is read-only; nothing was copied
   * @throws IllegalStateException when the segment's memory is gone
   * @throws WrongThreadException when the segment is another thread's
   */
  void copyTo(long offset, MemorySegment target, long targetOffset, long length);

  /**
   * Copies bytes into another view; where the two show the same bytes, as if through a buffer.
   *
   * @param offset of the first byte in this view
   * @param target where to copy to, a view of the same thread
   * @param targetOffset of the first byte in the target
   * @param length number of bytes, which both sides must have
   * @throws IndexOutOfBoundsException when one of them has not; nothing was copied
   */
  void copyTo(long offset, WritableView target, long targetOffset, long length);

  /**
   * Finds the first byte in which this view and another differ.
   *
   * @param other a view of the same thread
   * @return the index, or -1 when the views are equal; the shorter size when one begins the other
   */
  long mismatch(View other);

  /**
   * Finds the first byte in which a range of this view and one of another differ.
   *
   * @param offset of the first byte in this view
   * @param other a view of the same thread
   * @param otherOffset of the first byte in the other view
   * @param length number of bytes, which both sides must have
   * @return its index, counted from the beginning of the ranges; -1 when they are equal
   * @throws IndexOutOfBoundsException when one side has not so many
   */
  long mismatch(long offset, View other, long otherOffset, long length);

  /**
   * Finds the first byte in which a range of this view and one of an array differ.
   *
   * @param offset of the first byte in this view
   * @param other the array
   * @param otherIndex of the first byte in the array
   * @param length number of bytes, which both sides must have
   * @return its index, counted from the beginning of the ranges; -1 when they are equal
   * @throws IndexOutOfBoundsException when one side has not so many
   */
  int mismatch(long offset, byte[] other, int otherIndex, int length);

  /**
   * {@return the CRC-32C (Castagnoli, RFC 3720) of a range, as {@link CRC32C}}
   *
   * <p>Allocates nothing when the view's port has summed up bytes of this buffer before; of buffers
   * of 2 GiB and more, and of a {@link #slice}, it does each time.
   *
   * @param offset of the first byte
   * @param length number of bytes; {@code offset + length} is at most the view's size
   */
  int crc32c(long offset, long length);

  /**
   * Adds a range to a CRC-32C, which so goes over several ranges and views, in the order in which
   * they are added, and over bytes that lie elsewhere.
   *
   * @param sum what to add to; where the memory is taken back in the middle, part of the range was
   *     added
   * @param offset of the first byte
   * @param length number of bytes; {@code offset + length} is at most the view's size
   * @throws IndexOutOfBoundsException when the range is not within the view; nothing was added
   */
  void crc32c(CRC32C sum, long offset, long length);

  /**
   * {@return a view of a part of this one, of the same thread, that closes when this one does or is
   * mapped again; allocated}
   *
   * @param offset of the part's first byte, its offset 0
   * @param length number of bytes; {@code offset + length} is at most the view's size
   */
  View slice(long offset, long length);

  /**
   * {@return the rows of one plane, from the first byte of the first to the last of the last}
   *
   * @param plane of the layout of the frame in this view
   */
  default View plane(Plane plane) {
    return slice(plane.offsetBytes(), plane.byteSize());
  }

  /**
   * {@return the bytes of one row of one plane that carry samples}
   *
   * @param plane of the layout of the frame in this view
   * @param row from 0 to the plane's rows less 1
   */
  default View row(Plane plane, int row) {
    return slice(plane.rowOffset(row), plane.rowBytes());
  }

  /**
   * Ends the mapping, while work on the buffer that began under it goes on until a fence is
   * signaled. The fence is added to the buffer's reservation before the mapping ends: as a read, or
   * for a {@link WritableView} as a write, for which later readers wait too.
   *
   * @param until of any kind; what enters the reservation are the points of timelines of this pool
   *     that it consists of
   * @throws ViewClosedException when the view is closed
   * @throws RevokedException when the memory was taken back
   * @throws IllegalArgumentException when a fence in it is of no timeline, or of another pool; the
   *     view stays open
   * @throws IllegalStateException when the reservation has no room, this is a part of a view, or
   *     its buffer was acquired through a port and not as a reference; the view stays open
   */
  void close(Fence until);

  /** Ends the mapping. Twice is harmless. */
  @Override
  void close();
}
