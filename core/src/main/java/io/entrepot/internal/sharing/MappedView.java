package io.entrepot.internal.sharing;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * The one implementation of reading through a view.
 *
 * <p>The slice lies in a plain field that only the owner thread writes and, behind the owner check,
 * reads: both the check and the field are hoisted out of loops. Unmapping puts an empty segment in
 * its place. A forced revocation closes the arena of the slice, which every access checks anyway.
 * There is no check of our own per access beyond the owner: what goes wrong is told apart in the
 * {@code catch}.
 *
 * <p>Over 500 lines for want of generics over primitives; each accessor is three lines.
 */
public sealed class MappedView implements View permits WritableMappedView {
  /** Longest run of bytes that is touched without the JVM being able to close the arena. */
  static final long CHUNK_BYTES = 1L << 20;

  /**
   * What an unmapped view shows; of the same kind as every slice, so call sites stay monomorphic.
   */
  static final MemorySegment EMPTY = Arena.ofShared().allocate(8, 8).asSlice(0, 0);

  static final ValueLayout.OfShort SHORT_LE =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT_BE =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfInt INT_LE = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT_BE = ValueLayout.JAVA_INT_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong LONG_LE =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG_BE = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  static final ValueLayout.OfFloat FLOAT_LE =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT_BE =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final ValueLayout.OfDouble DOUBLE_LE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfDouble DOUBLE_BE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  static final VarHandle ATOMIC_INT = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();
  static final VarHandle ATOMIC_LONG = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();

  private final Thread owner;
  private final MappingSlot slot;
  private MemorySegment segment = EMPTY;
  private List<MappedView> slices;

  /** An unmapped view of the calling thread. */
  MappedView(MappingSlot slot) {
    this.owner = Thread.currentThread();
    this.slot = slot;
  }

  /** Shows a slice. Owner thread only. */
  final void bind(MemorySegment slice) {
    segment = slice;
  }

  /** Shows nothing any more, nor do slices of this view. Owner thread only. */
  final void unbind() {
    segment = EMPTY;
    if (slices != null) {
      slices.forEach(MappedView::unbind);
      slices = null;
    }
  }

  /** The bytes, for the owner thread alone. */
  final MemorySegment open() {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException(
          "a view of thread '"
              + owner.getName()
              + "' was used by thread '"
              + Thread.currentThread().getName()
              + "'");
    }
    return segment;
  }

  final MappingSlot slot() {
    return slot;
  }

  /** Tells why an access failed; always throws or returns what to throw. */
  final RuntimeException refused(RuntimeException cause, long offset, long length) {
    MemorySegment now = segment;
    if (now == EMPTY) {
      throw new ViewClosedException(
          "the view is closed: access to " + length + " bytes at offset " + offset + slot.where());
    }
    if (!now.scope().isAlive()) {
      throw new RevokedException(
          "the exporter has taken the memory back: access to "
              + length
              + " bytes at offset "
              + offset
              + slot.where());
    }
    if (cause instanceof IndexOutOfBoundsException) {
      throw new IndexOutOfBoundsException(
          length
              + " bytes at offset "
              + offset
              + " are not within the view's "
              + now.byteSize()
              + " bytes"
              + slot.where());
    }
    return cause;
  }

  @Override
  public final long byteSize() {
    return open().byteSize();
  }

  @Override
  public final boolean isOpen() {
    return segment != EMPTY && segment.scope().isAlive();
  }

  @Override
  public final void close() {
    if (open() != EMPTY) {
      slot.unmap(this);
    }
  }

  @Override
  public final byte getByte(long offset) {
    try {
      return open().get(ValueLayout.JAVA_BYTE, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 1);
    }
  }

  @Override
  public final short getShort(long offset) {
    try {
      return open().get(SHORT, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 2);
    }
  }

  @Override
  public final short getShort(long offset, ByteOrder order) {
    try {
      return open().get(order == LITTLE_ENDIAN ? SHORT_LE : SHORT_BE, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 2);
    }
  }

  @Override
  public final int getInt(long offset) {
    try {
      return open().get(INT, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public final int getInt(long offset, ByteOrder order) {
    try {
      return open().get(order == LITTLE_ENDIAN ? INT_LE : INT_BE, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public final long getLong(long offset) {
    try {
      return open().get(LONG, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public final long getLong(long offset, ByteOrder order) {
    try {
      return open().get(order == LITTLE_ENDIAN ? LONG_LE : LONG_BE, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public final float getFloat(long offset) {
    try {
      return open().get(FLOAT, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public final float getFloat(long offset, ByteOrder order) {
    try {
      return open().get(order == LITTLE_ENDIAN ? FLOAT_LE : FLOAT_BE, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public final double getDouble(long offset) {
    try {
      return open().get(DOUBLE, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public final double getDouble(long offset, ByteOrder order) {
    try {
      return open().get(order == LITTLE_ENDIAN ? DOUBLE_LE : DOUBLE_BE, offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public final int getIntAcquire(long offset) {
    try {
      return (int) ATOMIC_INT.getAcquire(open(), offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public final int getIntVolatile(long offset) {
    try {
      return (int) ATOMIC_INT.getVolatile(open(), offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public final long getLongAcquire(long offset) {
    try {
      return (long) ATOMIC_LONG.getAcquire(open(), offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public final long getLongVolatile(long offset) {
    try {
      return (long) ATOMIC_LONG.getVolatile(open(), offset);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public final void copyTo(long offset, byte[] target, int targetIndex, int length) {
    Objects.checkFromIndexSize(targetIndex, length, target.length);
    try {
      MemorySegment source = open().asSlice(offset, length);
      for (long at = 0; at < length; at += CHUNK_BYTES) {
        int chunk = (int) Math.min(CHUNK_BYTES, length - at);
        MemorySegment.copy(
            source, ValueLayout.JAVA_BYTE, at, target, targetIndex + (int) at, chunk);
      }
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, length);
    }
  }

  @Override
  public final void copyTo(long offset, WritableView target, long targetOffset, long length) {
    MemorySegment to = ((MappedView) target).range(targetOffset, length);
    MemorySegment from = range(offset, length);
    try {
      // Chunks go in the direction that keeps overlapping ranges right.
      boolean backward = to.address() > from.address();
      for (long done = 0; done < length; done += CHUNK_BYTES) {
        long chunk = Math.min(CHUNK_BYTES, length - done);
        long at = backward ? length - done - chunk : done;
        MemorySegment.copy(from, at, to, at, chunk);
      }
    } catch (IllegalStateException e) {
      throw ((MappedView) target).refused(refused(e, offset, length), targetOffset, length);
    }
  }

  /** A checked range of the bytes. */
  final MemorySegment range(long offset, long length) {
    try {
      return open().asSlice(offset, length);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, length);
    } catch (IllegalArgumentException e) {
      throw refused(new IndexOutOfBoundsException(e.getMessage()), offset, length);
    }
  }

  @Override
  public final long mismatch(View other) {
    MemorySegment mine = open();
    MemorySegment theirs = ((MappedView) other).open();
    try {
      long common = Math.min(mine.byteSize(), theirs.byteSize());
      for (long at = 0; at < common; at += CHUNK_BYTES) {
        long end = Math.min(common, at + CHUNK_BYTES);
        long found = MemorySegment.mismatch(mine, at, end, theirs, at, end);
        if (found >= 0) {
          return at + found;
        }
      }
      return mine.byteSize() == theirs.byteSize() ? -1 : common;
    } catch (IllegalStateException e) {
      throw ((MappedView) other).refused(refused(e, 0, mine.byteSize()), 0, theirs.byteSize());
    }
  }

  @Override
  public final int crc32c(long offset, long length) {
    MemorySegment bytes = range(offset, length);
    try {
      CRC32C crc = new CRC32C();
      for (long at = 0; at < length; at += CHUNK_BYTES) {
        crc.update(bytes.asSlice(at, Math.min(CHUNK_BYTES, length - at)).asByteBuffer());
      }
      return (int) crc.getValue();
    } catch (IllegalStateException e) {
      throw refused(e, offset, length);
    }
  }

  @Override
  public View slice(long offset, long length) {
    return adopt(new MappedView(slot.part()), offset, length);
  }

  /** Makes a view show a part of this one and close with it. */
  final <V extends MappedView> V adopt(V part, long offset, long length) {
    MemorySegment range = range(offset, length);
    if (slices == null) {
      slices = new ArrayList<>();
    }
    slices.add(part);
    part.bind(range);
    return part;
  }
}
