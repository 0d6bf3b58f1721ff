package io.entrepot.agrona;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.sharing.ReadOnlyViewException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.agrona.AsciiEncoding;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A {@link WritableView} as Agrona's {@link MutableDirectBuffer}, for codecs that write. It does
 * not expand.
 *
 * <p>Every method checks its whole range before it writes a byte.
 */
public final class WritableViewBuffer extends ViewBuffer implements MutableDirectBuffer {
  /** What Agrona writes for a null string in UTF-8. */
  private static final byte[] NULL_UTF8 = "null".getBytes(UTF_8);

  private WritableView writable;

  /** A buffer that shows nothing until it wraps a view. */
  public WritableViewBuffer() {}

  /**
   * A buffer that shows what a view shows.
   *
   * @param view of the calling thread; it may be a flyweight that is mapped again later
   * @throws IllegalArgumentException when the view is larger than an {@code int} can say
   */
  public WritableViewBuffer(WritableView view) {
    super(view);
    writable = view;
  }

  /**
   * {@inheritDoc}
   *
   * @throws ReadOnlyViewException when the view is no {@link WritableView}
   */
  @Override
  public WritableViewBuffer wrap(View view) {
    if (!(view instanceof WritableView both)) {
      throw new ReadOnlyViewException(
          "a WritableViewBuffer wraps writable views; this one was mapped for reading, for which"
              + " there is ViewBuffer");
    }
    super.wrap(both);
    writable = both;
    return this;
  }

  WritableView writableView() {
    view(); // says when there is none
    return writable;
  }

  @Override
  public boolean isExpandable() {
    return false;
  }

  // ---------------------------------------------------------------- single values

  @Override
  public void putLong(int index, long value, ByteOrder byteOrder) {
    writableView().putLong(index, value, byteOrder);
  }

  @Override
  public void putLong(int index, long value) {
    writableView().putLong(index, value);
  }

  @Override
  public void putInt(int index, int value, ByteOrder byteOrder) {
    writableView().putInt(index, value, byteOrder);
  }

  @Override
  public void putInt(int index, int value) {
    writableView().putInt(index, value);
  }

  @Override
  public void putDouble(int index, double value, ByteOrder byteOrder) {
    writableView().putDouble(index, value, byteOrder);
  }

  @Override
  public void putDouble(int index, double value) {
    writableView().putDouble(index, value);
  }

  @Override
  public void putFloat(int index, float value, ByteOrder byteOrder) {
    writableView().putFloat(index, value, byteOrder);
  }

  @Override
  public void putFloat(int index, float value) {
    writableView().putFloat(index, value);
  }

  @Override
  public void putShort(int index, short value, ByteOrder byteOrder) {
    writableView().putShort(index, value, byteOrder);
  }

  @Override
  public void putShort(int index, short value) {
    writableView().putShort(index, value);
  }

  @Override
  public void putChar(int index, char value, ByteOrder byteOrder) {
    writableView().putShort(index, (short) value, byteOrder);
  }

  @Override
  public void putChar(int index, char value) {
    writableView().putShort(index, (short) value);
  }

  @Override
  public void putByte(int index, byte value) {
    writableView().putByte(index, value);
  }

  // ---------------------------------------------------------------- numbers as text

  @Override
  public int putIntAscii(int index, int value) {
    return putLongAscii(index, value);
  }

  @Override
  public int putLongAscii(int index, long value) {
    if (value == Long.MIN_VALUE) {
      // Its magnitude is no long.
      putBytes(index, AsciiEncoding.MIN_LONG_VALUE);
      return AsciiEncoding.MIN_LONG_VALUE.length;
    }
    int sign = value < 0 ? 1 : 0;
    long magnitude = Math.abs(value);
    int digits = AsciiEncoding.digitCount(magnitude);
    boundsCheck(index, sign + digits);
    if (sign != 0) {
      writable.putByte(index, AsciiEncoding.MINUS_SIGN);
    }
    AsciiNumbers.put(writable, index + sign, digits, magnitude);
    return sign + digits;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException when the value is negative
   */
  @Override
  public int putNaturalIntAscii(int index, int value) {
    return putNaturalLongAscii(index, value);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException when the value is negative
   */
  @Override
  public int putNaturalLongAscii(int index, long value) {
    checkNatural(value);
    int digits = AsciiEncoding.digitCount(value);
    boundsCheck(index, digits);
    AsciiNumbers.put(writable, index, digits, value);
    return digits;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException when the value is negative
   */
  @Override
  public void putNaturalPaddedIntAscii(int index, int length, int value) {
    checkNatural(value);
    boundsCheck(index, length);
    if (AsciiNumbers.put(writable, index, length, value) != 0) {
      throw new NumberFormatException("Cannot write " + value + " in " + length + " bytes");
    }
  }

  /**
   * {@inheritDoc} As in Agrona, 0 is written as nothing.
   *
   * @throws IllegalArgumentException when the value is negative
   */
  @Override
  public int putNaturalIntAsciiFromEnd(int value, int endExclusive) {
    checkNatural(value);
    int digits = AsciiEncoding.digitCount(value);
    int start = endExclusive - digits;
    boundsCheck(start, digits);
    if (value == 0) {
      return endExclusive;
    }
    AsciiNumbers.put(writable, start, digits, value);
    return start;
  }

  private static void checkNatural(long value) {
    if (value < 0) {
      throw new IllegalArgumentException(value + " is no natural number");
    }
  }

  // ---------------------------------------------------------------- runs of bytes

  @Override
  public void setMemory(int index, int length, byte value) {
    boundsCheck(index, length);
    writable.fill(index, length, value);
  }

  @Override
  public void putBytes(int index, byte[] src) {
    putBytes(index, src, 0, src.length);
  }

  @Override
  public void putBytes(int index, byte[] src, int offset, int length) {
    boundsCheck(index, length);
    writable.copyFrom(index, src, offset, length);
  }

  @Override
  public void putBytes(int index, ByteBuffer srcBuffer, int length) {
    int srcIndex = srcBuffer.position();
    putBytes(index, srcBuffer, srcIndex, length);
    srcBuffer.position(srcIndex + length);
  }

  /** {@inheritDoc} The limit of the source plays no part. */
  @Override
  public void putBytes(int index, ByteBuffer srcBuffer, int srcIndex, int length) {
    boundsCheck(index, length);
    Objects.checkFromIndexSize(srcIndex, length, srcBuffer.capacity());
    if (srcBuffer.hasArray()) {
      writable.copyFrom(index, srcBuffer.array(), srcBuffer.arrayOffset() + srcIndex, length);
      return;
    }
    byte[] chunk = chunk();
    int limit = srcBuffer.limit();
    // Moved and put back, for a duplicate without a limit would be an object per call.
    srcBuffer.limit(Math.max(limit, srcIndex + length));
    try {
      for (int done = 0; done < length; done += chunk.length) {
        int part = Math.min(length - done, chunk.length);
        srcBuffer.get(srcIndex + done, chunk, 0, part);
        writable.copyFrom(index + done, chunk, 0, part);
      }
    } finally {
      srcBuffer.limit(limit);
    }
  }

  @Override
  public void putBytes(int index, DirectBuffer srcBuffer, int srcIndex, int length) {
    boundsCheck(index, length);
    srcBuffer.boundsCheck(srcIndex, length);
    if (srcBuffer instanceof ViewBuffer other) {
      other.view().copyTo(srcIndex, writable, index, length);
      return;
    }
    byte[] chunk = chunk();
    for (int done = 0; done < length; done += chunk.length) {
      int part = Math.min(length - done, chunk.length);
      srcBuffer.getBytes(srcIndex + done, chunk, 0, part);
      writable.copyFrom(index + done, chunk, 0, part);
    }
  }

  // ---------------------------------------------------------------- text

  @Override
  public int putStringAscii(int index, String value) {
    return putStringAscii(index, (CharSequence) value, ByteOrder.nativeOrder());
  }

  @Override
  public int putStringAscii(int index, CharSequence value) {
    return putStringAscii(index, value, ByteOrder.nativeOrder());
  }

  @Override
  public int putStringAscii(int index, String value, ByteOrder byteOrder) {
    return putStringAscii(index, (CharSequence) value, byteOrder);
  }

  @Override
  public int putStringAscii(int index, CharSequence value, ByteOrder byteOrder) {
    int length = value == null ? 0 : value.length();
    boundsCheck(index, STR_HEADER_LEN + length);
    writable.putInt(index, length, byteOrder);
    putAscii(index + STR_HEADER_LEN, value, 0, length);
    return STR_HEADER_LEN + length;
  }

  @Override
  public int putStringWithoutLengthAscii(int index, String value) {
    return putStringWithoutLengthAscii(index, (CharSequence) value);
  }

  @Override
  public int putStringWithoutLengthAscii(int index, CharSequence value) {
    return value == null ? 0 : putStringWithoutLengthAscii(index, value, 0, value.length());
  }

  @Override
  public int putStringWithoutLengthAscii(int index, String value, int valueOffset, int length) {
    return putStringWithoutLengthAscii(index, (CharSequence) value, valueOffset, length);
  }

  @Override
  public int putStringWithoutLengthAscii(
      int index, CharSequence value, int valueOffset, int length) {
    if (value == null) {
      return 0;
    }
    int count = Math.min(value.length() - valueOffset, length);
    boundsCheck(index, count);
    putAscii(index, value, valueOffset, count);
    return count;
  }

  private void putAscii(int index, CharSequence value, int valueOffset, int length) {
    for (int i = 0; i < length; i++) {
      char c = value.charAt(valueOffset + i);
      writable.putByte(index + i, (byte) (c > 127 ? '?' : c));
    }
  }

  @Override
  public int putStringUtf8(int index, String value) {
    return putStringUtf8(index, value, ByteOrder.nativeOrder(), Integer.MAX_VALUE);
  }

  @Override
  public int putStringUtf8(int index, String value, ByteOrder byteOrder) {
    return putStringUtf8(index, value, byteOrder, Integer.MAX_VALUE);
  }

  @Override
  public int putStringUtf8(int index, String value, int maxEncodedLength) {
    return putStringUtf8(index, value, ByteOrder.nativeOrder(), maxEncodedLength);
  }

  @Override
  public int putStringUtf8(int index, String value, ByteOrder byteOrder, int maxEncodedLength) {
    byte[] bytes = utf8(value);
    if (bytes.length > maxEncodedLength) {
      throw new IllegalArgumentException(
          "Encoded string larger than maximum size: " + maxEncodedLength);
    }
    boundsCheck(index, STR_HEADER_LEN + bytes.length);
    writable.putInt(index, bytes.length, byteOrder);
    writable.copyFrom(index + STR_HEADER_LEN, bytes, 0, bytes.length);
    return STR_HEADER_LEN + bytes.length;
  }

  @Override
  public int putStringWithoutLengthUtf8(int index, String value) {
    byte[] bytes = utf8(value);
    putBytes(index, bytes);
    return bytes.length;
  }

  private static byte[] utf8(String value) {
    return value == null ? NULL_UTF8 : value.getBytes(UTF_8);
  }
}
