package io.entrepot.internal.sharing;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.entrepot.internal.buffers.Places;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * The one implementation of reading through a view.
 *
 * <p>The slice lies in a plain field that only the owner thread writes and, behind the check of who
 * it is open to, reads: both the check and the field are hoisted out of loops. Mapping stores the
 * owner's thread id, unmapping stores 0, which is nobody's: one comparison tells both a wrong
 * thread and a closed view. A number, because storing a reference costs a collector's write
 * barrier, with a fence in it, on every map and unmap; so the slice is stored only when it is
 * another one. A forced revocation closes the arena of the slice, which every access checks anyway.
 */
public sealed class MappedView implements View permits WritableMappedView {
  private static final long NOBODY = 0;

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
  private final long ownerId;
  private final MappingSlot slot;
  private long openTo = NOBODY;
  private long place = Places.NOWHERE;
  private MemorySegment segment;
  private List<MappedView> slices;

  /** An unmapped view of the calling thread. */
  MappedView(MappingSlot slot) {
    this.owner = Thread.currentThread();
    this.ownerId = owner.threadId();
    this.slot = slot;
  }

  /** Shows the slice at a place. Owner thread only. */
  final void bind(long at, MemorySegment slice) {
    place = at;
    segment = slice;
    openTo = ownerId;
  }

  /**
   * Shows the same buffer as before once more; false when it was another, or lies elsewhere now.
   * Owner thread only.
   */
  final boolean rebind(long at) {
    if (place != at) {
      return false;
    }
    openTo = ownerId;
    return true;
  }

  /** Shows the same buffer as before once more. Owner thread only. */
  final void reopen() {
    openTo = ownerId;
  }

  /** Whether the calling thread can access this. */
  final boolean isOpenToCaller() {
    return Thread.currentThread().threadId() == openTo;
  }

  /** Shows nothing any more, nor do slices of this view. Owner thread only. */
  final void unbind() {
    openTo = NOBODY;
    if (slices != null) {
      slices.forEach(MappedView::unbind);
      slices = null;
    }
  }

  /** The bytes, for the thread to which the view is open. */
  final MemorySegment open() {
    if (Thread.currentThread().threadId() != openTo) {
      throw notOpen();
    }
    return segment;
  }

  private RuntimeException notOpen() {
    checkOwner();
    return new ViewClosedException("the view is closed" + slot.where());
  }

  private void checkOwner() {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException(
          "a view of thread '"
              + owner.getName()
              + "' was used by thread '"
              + Thread.currentThread().getName()
              + "'");
    }
  }

  final MappingSlot slot() {
    return slot;
  }

  /** Tells why an access failed. */
  final RuntimeException refused(RuntimeException cause, long offset, long length) {
    if (cause instanceof ViewClosedException || cause instanceof RevokedException) {
      return cause;
    }
    MemorySegment now = open();
    if (!now.scope().isAlive()) {
      return new RevokedException(
          "the exporter has taken the memory back: access to "
              + length
              + " bytes at offset "
              + offset
              + slot.where());
    }
    if (cause instanceof IndexOutOfBoundsException) {
      return new IndexOutOfBoundsException(
          length
              + " bytes at offset "
              + offset
              + " are not within the view's "
              + now.byteSize()
              + " bytes"
              + slot.where());
    }
    if (cause instanceof IllegalArgumentException) {
      // The JVM's own text tells the address.
      return new IllegalArgumentException(
          "ordered and atomic access needs natural alignment: "
              + length
              + " bytes at offset "
              + offset
              + slot.where());
    }
    return cause;
  }

  @Override
  public final long byteSize() {
    checkOwner();
    return openTo == NOBODY ? 0 : segment.byteSize();
  }

  @Override
  public final boolean isOpen() {
    checkOwner();
    return openTo != NOBODY && segment.scope().isAlive();
  }

  @Override
  public final void close() {
    checkOwner();
    if (openTo != NOBODY) {
      slot.unmap(this);
    }
  }

  @Override
  public final void close(Fence until) {
    checkedOpen(0);
    slot.unmap(this, until, this instanceof WritableView ? Usage.WRITE : Usage.READ);
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
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public final int getIntVolatile(long offset) {
    try {
      return (int) ATOMIC_INT.getVolatile(open(), offset);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 4);
    }
  }

  @Override
  public final long getLongAcquire(long offset) {
    try {
      return (long) ATOMIC_LONG.getAcquire(open(), offset);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public final long getLongVolatile(long offset) {
    try {
      return (long) ATOMIC_LONG.getVolatile(open(), offset);
    } catch (IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
      throw refused(e, offset, 8);
    }
  }

  @Override
  public final void copyTo(long offset, byte[] target, int targetIndex, int length) {
    Bulk.toBytes(this, offset, target, targetIndex, length);
  }

  @Override
  public final void copyTo(
      long offset, short[] target, int targetIndex, int length, ByteOrder order) {
    Bulk.toArray(this, offset, target, target.length, targetIndex, length, Bulk.shorts(order));
  }

  @Override
  public final void copyTo(
      long offset, int[] target, int targetIndex, int length, ByteOrder order) {
    Bulk.toArray(this, offset, target, target.length, targetIndex, length, Bulk.ints(order));
  }

  @Override
  public final void copyTo(
      long offset, long[] target, int targetIndex, int length, ByteOrder order) {
    Bulk.toArray(this, offset, target, target.length, targetIndex, length, Bulk.longs(order));
  }

  @Override
  public final void copyTo(
      long offset, float[] target, int targetIndex, int length, ByteOrder order) {
    Bulk.toArray(this, offset, target, target.length, targetIndex, length, Bulk.floats(order));
  }

  @Override
  public final void copyTo(
      long offset, double[] target, int targetIndex, int length, ByteOrder order) {
    Bulk.toArray(this, offset, target, target.length, targetIndex, length, Bulk.doubles(order));
  }

  @Override
  public final void copyTo(long offset, ByteBuffer target) {
    Bulk.toByteBuffer(this, offset, target);
  }

  @Override
  public final void copyTo(long offset, MemorySegment target, long targetOffset, long length) {
    Bulk.toSegment(this, offset, target, targetOffset, length);
  }

  @Override
  public final void copyTo(long offset, WritableView target, long targetOffset, long length) {
    Bulk.copy(this, offset, (MappedView) target, targetOffset, length);
  }

  /** The bytes of a view that is mapped and not revoked: what accesses of no bytes must ask. */
  private MemorySegment checkedOpen(long length) {
    MemorySegment now = open();
    if (!now.scope().isAlive()) {
      throw refused(new IllegalStateException(), 0, length);
    }
    return now;
  }

  /**
   * All the bytes, of which the range is there. Not a slice: that would be garbage wherever the
   * caller is not compiled.
   */
  final MemorySegment checkedRange(long offset, long length) {
    MemorySegment now = checkedOpen(length);
    try {
      Objects.checkFromIndexSize(offset, length, now.byteSize());
    } catch (IndexOutOfBoundsException e) {
      throw refused(e, offset, length);
    }
    return now;
  }

  /** A checked range of the bytes. */
  final MemorySegment range(long offset, long length) {
    try {
      return checkedOpen(length).asSlice(offset, length);
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw refused(e, offset, length);
    } catch (IllegalArgumentException e) {
      throw refused(new IndexOutOfBoundsException(e.getMessage()), offset, length);
    }
  }

  @Override
  public final long mismatch(View other) {
    return Bulk.mismatch(this, (MappedView) other);
  }

  @Override
  public final long mismatch(long offset, View other, long otherOffset, long length) {
    return Bulk.mismatch(this, offset, (MappedView) other, otherOffset, length);
  }

  @Override
  public final int mismatch(long offset, byte[] other, int otherIndex, int length) {
    return Bulk.mismatch(this, offset, other, otherIndex, length);
  }

  @Override
  public final int crc32c(long offset, long length) {
    MemorySegment bytes = checkedRange(offset, length);
    return slot.checksums().of(this, bytes, offset, length);
  }

  @Override
  public final void crc32c(CRC32C sum, long offset, long length) {
    MemorySegment bytes = checkedRange(offset, length);
    slot.checksums().addTo(sum, this, bytes, offset, length);
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
    part.bind(place, range);
    return part;
  }
}
