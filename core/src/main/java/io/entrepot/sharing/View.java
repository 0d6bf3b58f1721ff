package io.entrepot.sharing;

import io.entrepot.internal.sharing.MappedView;
import java.nio.ByteOrder;

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
 */
public sealed interface View extends AutoCloseable permits WritableView, MappedView {

  /** Size of the mapping in bytes; 0 when it is closed. */
  long byteSize();

  /** Whether the view is mapped. */
  boolean isOpen();

  /** The byte at an offset. */
  byte getByte(long offset);

  /** The short at an offset, in native byte order. */
  short getShort(long offset);

  /** The short at an offset, in the given byte order. */
  short getShort(long offset, ByteOrder order);

  /** The int at an offset, in native byte order. */
  int getInt(long offset);

  /** The int at an offset, in the given byte order. */
  int getInt(long offset, ByteOrder order);

  /** The long at an offset, in native byte order. */
  long getLong(long offset);

  /** The long at an offset, in the given byte order. */
  long getLong(long offset, ByteOrder order);

  /** The float at an offset, in native byte order. */
  float getFloat(long offset);

  /** The float at an offset, in the given byte order. */
  float getFloat(long offset, ByteOrder order);

  /** The double at an offset, in native byte order. */
  double getDouble(long offset);

  /** The double at an offset, in the given byte order. */
  double getDouble(long offset, ByteOrder order);

  /** The int at an aligned offset, read with acquire order. */
  int getIntAcquire(long offset);

  /** The int at an aligned offset, read with volatile order. */
  int getIntVolatile(long offset);

  /** The long at an aligned offset, read with acquire order. */
  long getLongAcquire(long offset);

  /** The long at an aligned offset, read with volatile order. */
  long getLongVolatile(long offset);

  /**
   * Copies bytes into an array.
   *
   * @param offset of the first byte in this view
   * @param target where to copy to
   * @param targetIndex of the first byte in the array
   * @param length number of bytes
   */
  void copyTo(long offset, byte[] target, int targetIndex, int length);

  /** Copies bytes into another view; where the two show the same bytes, as if through a buffer. */
  void copyTo(long offset, WritableView target, long targetOffset, long length);

  /**
   * Index of the first byte in which this view and another differ.
   *
   * @return the index, or -1 when the views are equal; the shorter size when one begins the other
   */
  long mismatch(View other);

  /** CRC-32C (Castagnoli) of a range. */
  int crc32c(long offset, long length);

  /**
   * A view of a part of this one, of the same thread, that closes when this one does or is mapped
   * again. Allocates.
   */
  View slice(long offset, long length);

  /** The rows of one plane, from the first byte of the first to the last of the last. */
  default View plane(Plane plane) {
    return slice(plane.offsetBytes(), plane.byteSize());
  }

  /** The bytes of one row of one plane. */
  default View row(Plane plane, int row) {
    return slice(plane.rowOffset(row), plane.rowBytes());
  }

  /** Ends the mapping. Twice is harmless. */
  @Override
  void close();
}
