package io.entrepot.agrona;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.sharing.View;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;
import org.agrona.AsciiNumberFormatException;
import org.agrona.DirectBuffer;
import org.agrona.LangUtil;
import org.agrona.MutableDirectBuffer;

/**
 * A {@link View} as Agrona's {@link DirectBuffer}, for codecs that read; see the {@linkplain
 * io.entrepot.agrona package} for what works and what throws.
 *
 * <p>One buffer does for a whole loop: it shows what its view shows, and {@link #wrap(View)} points
 * it at another one. Neither allocates.
 *
 * <p><b>Threads.</b> Bound to the thread of its view.
 *
 * <p><b>Failure.</b> As the view fails: {@link IndexOutOfBoundsException} outside its bytes, {@link
 * io.entrepot.sharing.ViewClosedException} after it was closed, {@link
 * io.entrepot.sharing.RevokedException} after the exporter has taken the memory back.
 *
 * <p>Over 500 lines, for that interface has 48 methods.
 */
public sealed class ViewBuffer implements DirectBuffer permits WritableViewBuffer {
  /** Bytes that go through {@link #chunk} at a time: they stay in the first-level cache. */
  private static final int CHUNK_BYTES = 4096;

  private View view;

  /** Between this and a buffer that is no view, made when it is first needed. */
  private byte[] chunk;

  /** A buffer that shows nothing until it wraps a view. */
  public ViewBuffer() {}

  /**
   * A buffer that shows what a view shows.
   *
   * @param view of the calling thread; it may be a flyweight that is mapped again later
   * @throws IllegalArgumentException when the view is larger than an {@code int} can say
   */
  public ViewBuffer(View view) {
    capacityOf(view);
    this.view = view;
  }

  /**
   * Shows another view from now on.
   *
   * @param view of the calling thread
   * @return this buffer
   * @throws IllegalArgumentException when the view is larger than an {@code int} can say
   */
  public ViewBuffer wrap(View view) {
    capacityOf(view);
    this.view = view;
    return this;
  }

  /** The view that is shown. */
  final View view() {
    if (view == null) {
      throw new IllegalStateException("this buffer shows no view yet; call wrap(view) first");
    }
    return view;
  }

  /** The array for copies in parts, of at most {@link #CHUNK_BYTES}. */
  final byte[] chunk() {
    if (chunk == null) {
      chunk = new byte[CHUNK_BYTES];
    }
    return chunk;
  }

  private static int capacityOf(View view) {
    long byteSize = view.byteSize();
    if (byteSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the view has "
              + byteSize
              + " bytes, a buffer of Agrona at most "
              + Integer.MAX_VALUE
              + ": wrap view.slice(offset, length)");
    }
    return (int) byteSize;
  }

  // ---------------------------------------------------------------- bounds

  /** {@inheritDoc} It is 0 while the view is closed. */
  @Override
  public final int capacity() {
    return capacityOf(view());
  }

  @Override
  public final void checkLimit(int limit) {
    int capacity = capacity();
    if (limit > capacity) {
      throw new IndexOutOfBoundsException("limit=" + limit + " is beyond capacity=" + capacity);
    }
  }

  @Override
  public final void boundsCheck(int index, int length) {
    int capacity = capacity();
    if ((index | length) < 0 || length > capacity - index) {
      if (!view.isOpen()) {
        view.getByte(index); // says that the view is closed
      }
      throw new IndexOutOfBoundsException(
          length
              + " bytes at index "
              + index
              + " are not within the view's "
              + capacity
              + " bytes");
    }
  }

  // ---------------------------------------------------------------- single values

  @Override
  public final long getLong(int index, ByteOrder byteOrder) {
    return view().getLong(index, byteOrder);
  }

  @Override
  public final long getLong(int index) {
    return view().getLong(index);
  }

  @Override
  public final int getInt(int index, ByteOrder byteOrder) {
    return view().getInt(index, byteOrder);
  }

  @Override
  public final int getInt(int index) {
    return view().getInt(index);
  }

  @Override
  public final double getDouble(int index, ByteOrder byteOrder) {
    return view().getDouble(index, byteOrder);
  }

  @Override
  public final double getDouble(int index) {
    return view().getDouble(index);
  }

  @Override
  public final float getFloat(int index, ByteOrder byteOrder) {
    return view().getFloat(index, byteOrder);
  }

  @Override
  public final float getFloat(int index) {
    return view().getFloat(index);
  }

  @Override
  public final short getShort(int index, ByteOrder byteOrder) {
    return view().getShort(index, byteOrder);
  }

  @Override
  public final short getShort(int index) {
    return view().getShort(index);
  }

  @Override
  public final char getChar(int index, ByteOrder byteOrder) {
    return (char) view().getShort(index, byteOrder);
  }

  @Override
  public final char getChar(int index) {
    return (char) view().getShort(index);
  }

  @Override
  public final byte getByte(int index) {
    return view().getByte(index);
  }

  // ---------------------------------------------------------------- numbers as text

  @Override
  public final int parseNaturalIntAscii(int index, int length) {
    checkNumber(index, length);
    return AsciiNumbers.parseInt(this, index, length, false);
  }

  @Override
  public final long parseNaturalLongAscii(int index, int length) {
    checkNumber(index, length);
    return AsciiNumbers.parseLong(this, index, length, false);
  }

  @Override
  public final int parseIntAscii(int index, int length) {
    checkNumber(index, length);
    return AsciiNumbers.parseInt(this, index, length, true);
  }

  @Override
  public final long parseLongAscii(int index, int length) {
    checkNumber(index, length);
    return AsciiNumbers.parseLong(this, index, length, true);
  }

  private void checkNumber(int index, int length) {
    boundsCheck(index, length);
    if (length == 0) {
      throw new AsciiNumberFormatException("empty string: index=" + index + " length=0");
    }
  }

  // ---------------------------------------------------------------- runs of bytes

  @Override
  public final void getBytes(int index, byte[] dst) {
    getBytes(index, dst, 0, dst.length);
  }

  @Override
  public final void getBytes(int index, byte[] dst, int offset, int length) {
    boundsCheck(index, length);
    view().copyTo(index, dst, offset, length);
  }

  @Override
  public final void getBytes(int index, MutableDirectBuffer dstBuffer, int dstIndex, int length) {
    boundsCheck(index, length);
    if (dstBuffer instanceof WritableViewBuffer other) {
      other.boundsCheck(dstIndex, length);
      view().copyTo(index, other.writableView(), dstIndex, length);
      return;
    }
    if (!dstBuffer.isExpandable()) {
      dstBuffer.boundsCheck(dstIndex, length);
    }
    int done = 0;
    // Once even for nothing, so that a target that can expand checks its index too.
    do {
      int part = Math.min(length - done, CHUNK_BYTES);
      view().copyTo(index + done, chunk(), 0, part);
      dstBuffer.putBytes(dstIndex + done, chunk, 0, part);
      done += part;
    } while (done < length);
  }

  @Override
  public final void getBytes(int index, ByteBuffer dstBuffer, int length) {
    int dstOffset = dstBuffer.position();
    getBytes(index, dstBuffer, dstOffset, length);
    dstBuffer.position(dstOffset + length);
  }

  /**
   * {@inheritDoc} The limit of the target plays no part.
   *
   * @throws ReadOnlyBufferException when the target is read-only
   */
  @Override
  public final void getBytes(int index, ByteBuffer dstBuffer, int dstOffset, int length) {
    boundsCheck(index, length);
    Objects.checkFromIndexSize(dstOffset, length, dstBuffer.capacity());
    if (dstBuffer.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    if (dstBuffer.hasArray()) {
      view().copyTo(index, dstBuffer.array(), dstBuffer.arrayOffset() + dstOffset, length);
      return;
    }
    int limit = dstBuffer.limit();
    // Moved and put back, for a duplicate without a limit would be an object per call.
    dstBuffer.limit(Math.max(limit, dstOffset + length));
    try {
      for (int done = 0; done < length; done += CHUNK_BYTES) {
        int part = Math.min(length - done, CHUNK_BYTES);
        view().copyTo(index + done, chunk(), 0, part);
        dstBuffer.put(dstOffset + done, chunk, 0, part);
      }
    } finally {
      dstBuffer.limit(limit);
    }
  }

  // ---------------------------------------------------------------- text

  @Override
  public final String getStringAscii(int index) {
    return stringAscii(index, getInt(index));
  }

  @Override
  public final String getStringAscii(int index, ByteOrder byteOrder) {
    return stringAscii(index, getInt(index, byteOrder));
  }

  private String stringAscii(int index, int length) {
    return length == 0 ? "" : getStringWithoutLengthAscii(index + STR_HEADER_LEN, length);
  }

  @Override
  public final int getStringAscii(int index, Appendable appendable) {
    return stringAscii(index, getInt(index), appendable);
  }

  @Override
  public final int getStringAscii(int index, Appendable appendable, ByteOrder byteOrder) {
    return stringAscii(index, getInt(index, byteOrder), appendable);
  }

  private int stringAscii(int index, int length, Appendable appendable) {
    return length == 0
        ? 0
        : getStringWithoutLengthAscii(index + STR_HEADER_LEN, length, appendable);
  }

  @Override
  public final String getStringAscii(int index, int length) {
    return getStringWithoutLengthAscii(index + STR_HEADER_LEN, length);
  }

  @Override
  public final int getStringAscii(int index, int length, Appendable appendable) {
    boundsCheck(index, length + STR_HEADER_LEN);
    return append(index + STR_HEADER_LEN, length, appendable);
  }

  @Override
  public final String getStringWithoutLengthAscii(int index, int length) {
    boundsCheck(index, length);
    return length == 0 ? "" : new String(bytes(index, length), US_ASCII);
  }

  @Override
  public final int getStringWithoutLengthAscii(int index, int length, Appendable appendable) {
    boundsCheck(index, length);
    return append(index, length, appendable);
  }

  private int append(int index, int length, Appendable appendable) {
    View bytes = view();
    try {
      for (int i = 0; i < length; i++) {
        byte ascii = bytes.getByte(index + i);
        appendable.append(ascii < 0 ? '?' : (char) ascii);
      }
    } catch (IOException e) {
      LangUtil.rethrowUnchecked(e);
    }
    return length;
  }

  @Override
  public final String getStringUtf8(int index) {
    return stringUtf8(index, getInt(index));
  }

  @Override
  public final String getStringUtf8(int index, ByteOrder byteOrder) {
    return stringUtf8(index, getInt(index, byteOrder));
  }

  private String stringUtf8(int index, int length) {
    return length == 0 ? "" : getStringWithoutLengthUtf8(index + STR_HEADER_LEN, length);
  }

  @Override
  public final String getStringUtf8(int index, int length) {
    return getStringWithoutLengthUtf8(index + STR_HEADER_LEN, length);
  }

  @Override
  public final String getStringWithoutLengthUtf8(int index, int length) {
    boundsCheck(index, length);
    return length == 0 ? "" : new String(bytes(index, length), UTF_8);
  }

  private byte[] bytes(int index, int length) {
    byte[] copy = new byte[length];
    view().copyTo(index, copy, 0, length);
    return copy;
  }

  // ---------------------------------------------------------------- as a value

  /**
   * Whether the other one is a buffer over a view too, with the same bytes. To compare with another
   * kind of buffer, which would not say the same of this one, use {@link #compareTo}.
   */
  @Override
  public final boolean equals(Object other) {
    return this == other
        || other instanceof ViewBuffer that
            && capacity() == that.capacity()
            && view().mismatch(that.view()) < 0;
  }

  /** Of the bytes, as Agrona computes it. */
  @Override
  public final int hashCode() {
    int length = capacity();
    int hash = 19;
    int i = 0;
    for (; i < (length & ~7); i += Long.BYTES) {
      hash = 31 * hash + Long.hashCode(getLong(i));
    }
    for (; i < length; i++) {
      hash = 31 * hash + getByte(i);
    }
    return hash;
  }

  /**
   * Compares as Agrona does: eight bytes at a time as signed longs of native byte order, then the
   * bytes that remain, then the lengths.
   */
  @Override
  public final int compareTo(DirectBuffer that) {
    if (this == that) {
      return 0;
    }
    int capacity = capacity();
    int thatCapacity = that.capacity();
    int length = Math.min(capacity, thatCapacity);
    int order = 0;
    int i = 0;
    for (; order == 0 && i < (length & ~7); i += Long.BYTES) {
      order = Long.compare(getLong(i), that.getLong(i));
    }
    for (; order == 0 && i < length; i++) {
      order = Byte.compare(getByte(i), that.getByte(i));
    }
    return order != 0 ? order : Integer.compare(capacity, thatCapacity);
  }

  /** Without the bytes, so that a debugger on another thread may ask too. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + '@' + Integer.toHexString(System.identityHashCode(this));
  }

  // ---------------------------------------------------------------- what would reveal the address

  /**
   * Throws: whoever had the address could read and write when the view is closed.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final long addressOffset() {
    throw hidden("addressOffset()", "copy with getBytes or putBytes of this buffer");
  }

  /**
   * Throws: there is no array, and {@code null} would send callers on to the address.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final byte[] byteArray() {
    throw hidden("byteArray()", "copy with getBytes or putBytes of this buffer");
  }

  /**
   * Throws: a direct {@code ByteBuffer} would reveal the address.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final ByteBuffer byteBuffer() {
    throw hidden("byteBuffer()", "copy with getBytes or putBytes of this buffer");
  }

  /**
   * Throws: it is of use only beside the array or the {@code ByteBuffer} that is hidden.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final int wrapAdjustment() {
    throw hidden("wrapAdjustment()", "indexes start at 0, the first byte of the view");
  }

  /**
   * Throws: this buffer shows views only.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final void wrap(byte[] buffer) {
    throw viewsOnly("wrap(byte[])");
  }

  /**
   * Throws: this buffer shows views only.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final void wrap(byte[] buffer, int offset, int length) {
    throw viewsOnly("wrap(byte[], int, int)");
  }

  /**
   * Throws: this buffer shows views only.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final void wrap(ByteBuffer buffer) {
    throw viewsOnly("wrap(ByteBuffer)");
  }

  /**
   * Throws: this buffer shows views only.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final void wrap(ByteBuffer buffer, int offset, int length) {
    throw viewsOnly("wrap(ByteBuffer, int, int)");
  }

  /**
   * Throws: this buffer shows views only.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final void wrap(DirectBuffer buffer) {
    throw viewsOnly("wrap(DirectBuffer)");
  }

  /**
   * Throws: this buffer shows views only.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final void wrap(DirectBuffer buffer, int offset, int length) {
    throw viewsOnly("wrap(DirectBuffer, int, int)");
  }

  /**
   * Throws: this buffer shows views only.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public final void wrap(long address, int length) {
    throw viewsOnly("wrap(long, int)");
  }

  private static UnsupportedOperationException hidden(String method, String instead) {
    return new UnsupportedOperationException(
        method
            + " would reveal memory that its exporter may take back; "
            + instead
            + " (table of one-way methods: package io.entrepot.agrona)");
  }

  private static UnsupportedOperationException viewsOnly(String method) {
    return new UnsupportedOperationException(
        method
            + ": this buffer shows views only; call wrap(View), or copy with getBytes or putBytes"
            + " (table of one-way methods: package io.entrepot.agrona)");
  }
}
