package io.entrepot.internal.sharing;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.entrepot.sharing.WritableView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writing through a view; see {@link MappedView} for how access is checked. */
public final class WritableMappedView extends MappedView implements WritableView {
  /** An unmapped view of the calling thread. */
  WritableMappedView(MappingSlot slot) {
    super(slot);
  }

  @Override
  public void putByte(long offset, byte value) {
    try {
      open().set(ValueLayout.JAVA_BYTE, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 1);
    }
  }

  @Override
  public void putShort(long offset, short value) {
    try {
      open().set(SHORT, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 2);
    }
  }

  @Override
  public void putShort(long offset, short value, ByteOrder order) {
    try {
      open().set(order == LITTLE_ENDIAN ? SHORT_LE : SHORT_BE, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 2);
    }
  }

  @Override
  public void putInt(long offset, int value) {
    try {
      open().set(INT, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public void putInt(long offset, int value, ByteOrder order) {
    try {
      open().set(order == LITTLE_ENDIAN ? INT_LE : INT_BE, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public void putLong(long offset, long value) {
    try {
      open().set(LONG, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public void putLong(long offset, long value, ByteOrder order) {
    try {
      open().set(order == LITTLE_ENDIAN ? LONG_LE : LONG_BE, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public void putFloat(long offset, float value) {
    try {
      open().set(FLOAT, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public void putFloat(long offset, float value, ByteOrder order) {
    try {
      open().set(order == LITTLE_ENDIAN ? FLOAT_LE : FLOAT_BE, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public void putDouble(long offset, double value) {
    try {
      open().set(DOUBLE, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public void putDouble(long offset, double value, ByteOrder order) {
    try {
      open().set(order == LITTLE_ENDIAN ? DOUBLE_LE : DOUBLE_BE, offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public void putIntRelease(long offset, int value) {
    try {
      ATOMIC_INT.setRelease(open(), offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public void putIntVolatile(long offset, int value) {
    try {
      ATOMIC_INT.setVolatile(open(), offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public int getAndAddInt(long offset, int delta) {
    try {
      return (int) ATOMIC_INT.getAndAdd(open(), offset, delta);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public boolean compareAndSetInt(long offset, int expected, int value) {
    try {
      return (boolean) ATOMIC_INT.compareAndSet(open(), offset, expected, value);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public void putLongRelease(long offset, long value) {
    try {
      ATOMIC_LONG.setRelease(open(), offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public void putLongVolatile(long offset, long value) {
    try {
      ATOMIC_LONG.setVolatile(open(), offset, value);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    try {
      return (long) ATOMIC_LONG.getAndAdd(open(), offset, delta);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    try {
      return (boolean) ATOMIC_LONG.compareAndSet(open(), offset, expected, value);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public void copyFrom(long offset, byte[] source, int sourceIndex, int length) {
    Bulk.fromBytes(this, offset, source, sourceIndex, length);
  }

  @Override
  public void copyFrom(long offset, short[] source, int sourceIndex, int length, ByteOrder order) {
    Bulk.fromArray(this, offset, source, source.length, sourceIndex, length, Bulk.shorts(order));
  }

  @Override
  public void copyFrom(long offset, int[] source, int sourceIndex, int length, ByteOrder order) {
    Bulk.fromArray(this, offset, source, source.length, sourceIndex, length, Bulk.ints(order));
  }

  @Override
  public void copyFrom(long offset, long[] source, int sourceIndex, int length, ByteOrder order) {
    Bulk.fromArray(this, offset, source, source.length, sourceIndex, length, Bulk.longs(order));
  }

  @Override
  public void copyFrom(long offset, float[] source, int sourceIndex, int length, ByteOrder order) {
    Bulk.fromArray(this, offset, source, source.length, sourceIndex, length, Bulk.floats(order));
  }

  @Override
  public void copyFrom(long offset, double[] source, int sourceIndex, int length, ByteOrder order) {
    Bulk.fromArray(this, offset, source, source.length, sourceIndex, length, Bulk.doubles(order));
  }

  @Override
  public void copyFrom(long offset, ByteBuffer source) {
    Bulk.fromByteBuffer(this, offset, source);
  }

  @Override
  public void copyFrom(long offset, MemorySegment source, long sourceOffset, long length) {
    Bulk.fromSegment(this, offset, source, sourceOffset, length);
  }

  @Override
  public void fill(long offset, long length, byte value) {
    Bulk.fill(this, offset, length, value);
  }

  @Override
  public WritableView slice(long offset, long length) {
    return adopt(new WritableMappedView(slot().part()), offset, length);
  }
}
