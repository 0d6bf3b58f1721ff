package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.reach.WireFormat.PlacedClass;
import io.entrepot.internal.sharing.SharedBacking;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A pool's memory in an importing process: data that it may read, words of its own.
 *
 * <p>What the exporter sent is checked before it is mapped: a memory that could shrink would kill
 * this process where it reads behind the end.
 */
final class ImportedMemory implements SharedBacking {
  /** Buffers that a pool may have. */
  private static final int MAX_BUFFERS = 1 << 20;

  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> buffers;
  private final Words words;
  private final String exporter;

  /** Maps memory that an exporter sent. The descriptors stay the caller's. */
  ImportedMemory(String exporter, SharedMemory data, SharedMemory lane, List<PlacedClass> classes) {
    this.exporter = exporter;
    require("data", data, Seal.SHRINK, Seal.GROW);
    require("words", lane, Seal.SHRINK, Seal.GROW);
    long dataBytes = data.byteSize();
    long count = 0;
    for (PlacedClass placed : classes) {
      checkPlace(placed, dataBytes);
      count += placed.sizeClass().buffers();
    }
    // Before anything is made for each of them.
    if (count < 1 || count > MAX_BUFFERS) {
      throw new IllegalStateException(
          exporter + " sent " + count + " buffers, which is not within 1 to " + MAX_BUFFERS);
    }
    this.words = Words.over(lane.map(true, Arena.ofAuto()));
    MemorySegment mapped = data.map(false, arena);
    List<MemorySegment> cut = new ArrayList<>();
    for (PlacedClass placed : classes) {
      for (int i = 0; i < placed.sizeClass().buffers(); i++) {
        long at = placed.offsetBytes() + i * placed.strideBytes();
        cut.add(mapped.asSlice(at, placed.sizeClass().bufferBytes()).asReadOnly());
      }
    }
    this.buffers = List.copyOf(cut);
  }

  /** Refuses memory without a seal that this process's safety rests on. */
  static void require(String exporter, String what, SharedMemory memory, Seal... seals) {
    Set<Seal> there = memory.seals();
    for (Seal seal : seals) {
      if (!there.contains(seal)) {
        throw new IllegalStateException(
            exporter + " sent " + what + " memory without the seal " + seal + ", only " + there);
      }
    }
  }

  private void require(String what, SharedMemory memory, Seal... seals) {
    require(exporter, what, memory, seals);
  }

  private void checkPlace(PlacedClass placed, long dataBytes) {
    long bytes = placed.sizeClass().bufferBytes();
    boolean fits;
    try {
      long last = Math.multiplyExact(placed.strideBytes(), placed.sizeClass().buffers() - 1L);
      fits =
          placed.offsetBytes() >= 0
              && placed.offsetBytes() % Words.WORD_BYTES == 0
              && placed.strideBytes() % Words.WORD_BYTES == 0
              && placed.strideBytes() >= bytes
              && Math.addExact(Math.addExact(placed.offsetBytes(), last), bytes) <= dataBytes;
    } catch (ArithmeticException e) {
      fits = false;
    }
    if (!fits) {
      throw new IllegalStateException(
          exporter
              + " sent "
              + placed
              + ", which is not within "
              + dataBytes
              + " bytes of data, in multiples of "
              + Words.WORD_BYTES);
    }
  }

  /** The words of this process; where its reader records begin is behind the pool's words. */
  @Override
  public Words words(long byteSize) {
    if (words.byteSize() < byteSize) {
      throw new IllegalStateException(
          exporter + " sent " + words.byteSize() + " bytes of words, " + byteSize + " are needed");
    }
    return words;
  }

  @Override
  public List<MemorySegment> buffers() {
    return buffers;
  }

  /** Twice is harmless: a pool that could not be made has closed it, or has not. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
