package io.entrepot.internal.sharing;

import io.entrepot.sharing.OutOfBudgetException;
import io.entrepot.sharing.SizeClass;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * How the buffers of size classes lie in memory: each class in a slab, one slab after the other.
 *
 * @param slabs one for each class
 * @param byteSize of all together
 */
public record SlabLayout(List<Slab> slabs, long byteSize) {

  /**
   * The buffers of one class.
   *
   * @param sizeClass what they are
   * @param offsetBytes of the first from the beginning of the first slab
   * @param strideBytes from the beginning of a buffer to that of the next
   */
  public record Slab(SizeClass sizeClass, long offsetBytes, long strideBytes) {
    /** Bytes of all buffers with the padding between them. */
    public long byteSize() {
      return strideBytes * sizeClass.buffers();
    }

    /** Adds the segments of its buffers, of the memory in which this slab begins at an offset. */
    public void cut(MemorySegment memory, long atBytes, List<MemorySegment> buffers) {
      for (int i = 0; i < sizeClass.buffers(); i++) {
        buffers.add(memory.asSlice(atBytes + i * strideBytes, sizeClass.bufferBytes()));
      }
    }
  }

  /**
   * Lays classes out.
   *
   * @param exporter whose memory it is, for errors
   * @param alignmentBytes of each buffer, a power of two
   * @throws OutOfBudgetException when they have more bytes than a {@code long} counts
   */
  public static SlabLayout of(String exporter, List<SizeClass> classes, long alignmentBytes) {
    List<Slab> slabs = new ArrayList<>();
    long end = 0;
    for (SizeClass sizeClass : classes) {
      try {
        long stride = Math.addExact(sizeClass.bufferBytes(), alignmentBytes - 1) & -alignmentBytes;
        slabs.add(new Slab(sizeClass, end, stride));
        end = Math.addExact(end, Math.multiplyExact(stride, (long) sizeClass.buffers()));
      } catch (ArithmeticException e) {
        throw new OutOfBudgetException(
            "exporter '"
                + exporter
                + "' cannot allocate "
                + sizeClass
                + " behind "
                + end
                + " bytes of smaller ones: more than 2^63 - 1 bytes");
      }
    }
    return new SlabLayout(List.copyOf(slabs), end);
  }

  /** Segments of all buffers, of one memory that holds all slabs. */
  public List<MemorySegment> cut(MemorySegment memory) {
    List<MemorySegment> buffers = new ArrayList<>();
    slabs.forEach(slab -> slab.cut(memory, slab.offsetBytes(), buffers));
    return List.copyOf(buffers);
  }
}
