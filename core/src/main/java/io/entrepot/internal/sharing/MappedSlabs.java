package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.NoRoomException;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.OutOfBudgetException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;

/** A pool's buffers in one memory of the kernel's making, mapped here for writing. */
public final class MappedSlabs implements Exporter.Backing {
  private final SharedMemory data;
  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> buffers;

  private MappedSlabs(SharedMemory data, SlabLayout layout) {
    this.data = data;
    this.buffers = layout.cut(data.map(true, arena));
  }

  /**
   * Slabs in secret memory. There is no descriptor of it by which another process could be given
   * it: it is closed as soon as the memory is mapped.
   *
   * @param name of the exporter
   */
  public static MappedSlabs secret(String name, SlabLayout layout) {
    MappedSlabs slabs =
        over(
            providing(name, () -> SharedMemory.createSecret(name, layout.byteSize())),
            name,
            layout);
    slabs.data.close();
    return slabs;
  }

  /**
   * Slabs in a memory, which belongs to them from now on; it is closed when it cannot be mapped.
   */
  static MappedSlabs over(SharedMemory data, String name, SlabLayout layout) {
    boolean mapped = false;
    try {
      MappedSlabs slabs = providing(name, () -> new MappedSlabs(data, layout));
      mapped = true;
      return slabs;
    } finally {
      if (!mapped) {
        data.close();
      }
    }
  }

  /**
   * Calls the kernel for an exporter, whose user knows nothing of its calls.
   *
   * @throws OutOfBudgetException when there is too little memory
   * @throws UnsupportedOperationException when this kernel has no memory of that kind
   * @throws IllegalStateException when the kernel refuses for another reason
   */
  static <T> T providing(String name, Supplier<T> call) {
    try {
      return call.get();
    } catch (NoRoomException tooLittle) {
      throw new OutOfBudgetException(tooLittle.getMessage(), tooLittle);
    } catch (SystemCallException refused) {
      String message = "exporter '" + name + "' cannot provide its memory: " + refused.getMessage();
      throw refused.errno() == Errno.ENOSYS
          ? new UnsupportedOperationException(message, refused)
          : new IllegalStateException(message, refused);
    }
  }

  /** The memory of the buffers. */
  SharedMemory data() {
    return data;
  }

  @Override
  public List<MemorySegment> buffers() {
    return buffers;
  }

  /** Twice is harmless. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
    data.close();
  }
}
