package io.entrepot.internal.sharing;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;

/**
 * What is done with many bytes of a view at a time, in runs of at most {@value #CHUNK_BYTES} bytes:
 * the JVM closes no arena while a thread is inside one.
 *
 * <p>Every range is checked before a byte is touched. A revocation in the middle ends the operation
 * between two runs.
 */
final class Bulk {
  /** Longest run of bytes that is touched without the JVM being able to close the arena. */
  static final long CHUNK_BYTES = 1L << 20;

  private static final long SHORT_FILL_BYTES = 4096;

  private Bulk() {}

  static ValueLayout shorts(ByteOrder order) {
    return order == LITTLE_ENDIAN ? MappedView.SHORT_LE : MappedView.SHORT_BE;
  }

  static ValueLayout ints(ByteOrder order) {
    return order == LITTLE_ENDIAN ? MappedView.INT_LE : MappedView.INT_BE;
  }

  static ValueLayout longs(ByteOrder order) {
    return order == LITTLE_ENDIAN ? MappedView.LONG_LE : MappedView.LONG_BE;
  }

  static ValueLayout floats(ByteOrder order) {
    return order == LITTLE_ENDIAN ? MappedView.FLOAT_LE : MappedView.FLOAT_BE;
  }

  static ValueLayout doubles(ByteOrder order) {
    return order == LITTLE_ENDIAN ? MappedView.DOUBLE_LE : MappedView.DOUBLE_BE;
  }

  // ---------------------------------------------------------------- arrays

  /**
   * Copies bytes into an array. Not {@link #toArray} with their layout: that is compiled into a
   * method too big to be inlined, where layout and type of the array are asked for at each call.
   */
  static void toBytes(MappedView view, long offset, byte[] target, int index, int length) {
    Objects.checkFromIndexSize(index, length, target.length);
    MemorySegment source = view.checkedRange(offset, length);
    try {
      for (long at = 0; at < length; at += CHUNK_BYTES) {
        int chunk = (int) Math.min(CHUNK_BYTES, length - at);
        MemorySegment.copy(
            source, ValueLayout.JAVA_BYTE, offset + at, target, index + (int) at, chunk);
      }
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
  }

  /** As {@link #toBytes}, the other way. */
  static void fromBytes(
      WritableMappedView view, long offset, byte[] source, int index, int length) {
    Objects.checkFromIndexSize(index, length, source.length);
    MemorySegment target = view.checkedRange(offset, length);
    try {
      for (long at = 0; at < length; at += CHUNK_BYTES) {
        int chunk = (int) Math.min(CHUNK_BYTES, length - at);
        MemorySegment.copy(
            source, index + (int) at, target, ValueLayout.JAVA_BYTE, offset + at, chunk);
      }
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
  }

  /** Copies elements of a layout into an array of their type, which has {@code arrayLength}. */
  static void toArray(
      MappedView view,
      long offset,
      Object array,
      int arrayLength,
      int index,
      int length,
      ValueLayout layout) {
    Objects.checkFromIndexSize(index, length, arrayLength);
    long byteSize = length * layout.byteSize();
    MemorySegment source = view.checkedRange(offset, byteSize);
    long chunk = CHUNK_BYTES / layout.byteSize();
    try {
      for (long done = 0; done < length; done += chunk) {
        MemorySegment.copy(
            source,
            layout,
            offset + done * layout.byteSize(),
            array,
            index + (int) done,
            (int) Math.min(chunk, length - done));
      }
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, byteSize);
    }
  }

  /** As {@link #toArray}, the other way. */
  static void fromArray(
      WritableMappedView view,
      long offset,
      Object array,
      int arrayLength,
      int index,
      int length,
      ValueLayout layout) {
    Objects.checkFromIndexSize(index, length, arrayLength);
    long byteSize = length * layout.byteSize();
    MemorySegment target = view.checkedRange(offset, byteSize);
    long chunk = CHUNK_BYTES / layout.byteSize();
    try {
      for (long done = 0; done < length; done += chunk) {
        MemorySegment.copy(
            array,
            index + (int) done,
            target,
            layout,
            offset + done * layout.byteSize(),
            (int) Math.min(chunk, length - done));
      }
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, byteSize);
    }
  }

  // ---------------------------------------------------------------- views and byte buffers

  /**
   * See {@link io.entrepot.sharing.View#copyTo(long, io.entrepot.sharing.WritableView, long,
   * long)}.
   */
  static void copy(MappedView from, long fromOffset, MappedView to, long toOffset, long length) {
    MemorySegment target = to.checkedRange(toOffset, length);
    MemorySegment source = from.checkedRange(fromOffset, length);
    try {
      copy(source, fromOffset, target, toOffset, length);
    } catch (IllegalStateException e) {
      throw to.refused(from.refused(e, fromOffset, length), toOffset, length);
    }
  }

  /** Fills what remains of a byte buffer, and moves its position behind that. */
  static void toByteBuffer(MappedView view, long offset, ByteBuffer target) {
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    long length = target.remaining();
    MemorySegment source = view.checkedRange(offset, length);
    try {
      copy(source, offset, MemorySegment.ofBuffer(target), 0, length);
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
    target.position(target.limit());
  }

  /** Copies what remains of a byte buffer, and moves its position behind that. */
  static void fromByteBuffer(WritableMappedView view, long offset, ByteBuffer source) {
    long length = source.remaining();
    MemorySegment target = view.checkedRange(offset, length);
    try {
      copy(MemorySegment.ofBuffer(source), 0, target, offset, length);
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
    source.position(source.limit());
  }

  /** Copies into a segment of the caller's. */
  static void toSegment(
      MappedView view, long offset, MemorySegment target, long targetOffset, long length) {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("the segment to copy to is read-only");
    }
    checkWithin(target, targetOffset, length);
    MemorySegment source = view.checkedRange(offset, length);
    try {
      copy(source, offset, target, targetOffset, length);
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
  }

  /** Copies from a segment of the caller's. */
  static void fromSegment(
      WritableMappedView view, long offset, MemorySegment source, long sourceOffset, long length) {
    checkWithin(source, sourceOffset, length);
    MemorySegment target = view.checkedRange(offset, length);
    try {
      copy(source, sourceOffset, target, offset, length);
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
  }

  private static void checkWithin(MemorySegment segment, long offset, long length) {
    if (offset < 0 || length < 0 || offset > segment.byteSize() - length) {
      throw new IndexOutOfBoundsException(
          length
              + " bytes at offset "
              + offset
              + " are not within the segment's "
              + segment.byteSize()
              + " bytes");
    }
  }

  /** Copies in the direction that keeps overlapping ranges right. */
  private static void copy(
      MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long length) {
    boolean backward = to.address() + toOffset > from.address() + fromOffset;
    for (long done = 0; done < length; done += CHUNK_BYTES) {
      long chunk = Math.min(CHUNK_BYTES, length - done);
      long at = backward ? length - done - chunk : done;
      MemorySegment.copy(from, fromOffset + at, to, toOffset + at, chunk);
    }
  }

  static void fill(WritableMappedView view, long offset, long length, byte value) {
    MemorySegment target = view.checkedRange(offset, length);
    try {
      if (length <= SHORT_FILL_BYTES) {
        fillShort(target, offset, length, value);
        return;
      }
      for (long at = 0; at < length; at += CHUNK_BYTES) {
        target.asSlice(offset + at, Math.min(CHUNK_BYTES, length - at)).fill(value);
      }
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
  }

  /** A slice is an object where the compiler does not see through it: none for a few bytes. */
  private static void fillShort(MemorySegment target, long offset, long length, byte value) {
    long pattern = (value & 0xFFL) * 0x0101010101010101L;
    long longs = length & -Long.BYTES;
    for (long at = 0; at < longs; at += Long.BYTES) {
      target.set(MappedView.LONG, offset + at, pattern);
    }
    for (long at = longs; at < length; at++) {
      target.set(ValueLayout.JAVA_BYTE, offset + at, value);
    }
  }

  // ---------------------------------------------------------------- comparing

  /** See {@link io.entrepot.sharing.View#mismatch(io.entrepot.sharing.View)}. */
  static long mismatch(MappedView view, MappedView other) {
    long mine = view.checkedRange(0, 0).byteSize();
    long theirs = other.checkedRange(0, 0).byteSize();
    long common = Math.min(mine, theirs);
    long found = mismatch(view, 0, other, 0, common);
    return found >= 0 || mine == theirs ? found : common;
  }

  /** Index of the first of so many bytes that differs, or -1. */
  static long mismatch(
      MappedView view, long offset, MappedView other, long otherOffset, long length) {
    MemorySegment mine = view.checkedRange(offset, length);
    MemorySegment theirs = other.checkedRange(otherOffset, length);
    try {
      return mismatch(mine, offset, theirs, otherOffset, length);
    } catch (IllegalStateException e) {
      throw other.refused(view.refused(e, offset, length), otherOffset, length);
    }
  }

  /** As {@link #mismatch(MappedView, long, MappedView, long, long)}, with bytes of an array. */
  static int mismatch(MappedView view, long offset, byte[] other, int otherIndex, int length) {
    Objects.checkFromIndexSize(otherIndex, length, other.length);
    MemorySegment mine = view.checkedRange(offset, length);
    try {
      return (int) mismatch(mine, offset, MemorySegment.ofArray(other), otherIndex, length);
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
  }

  private static long mismatch(
      MemorySegment mine, long offset, MemorySegment theirs, long otherOffset, long length) {
    for (long at = 0; at < length; at += CHUNK_BYTES) {
      long end = Math.min(length, at + CHUNK_BYTES);
      long found =
          MemorySegment.mismatch(
              mine, offset + at, offset + end, theirs, otherOffset + at, otherOffset + end);
      if (found >= 0) {
        return at + found;
      }
    }
    return -1;
  }
}
