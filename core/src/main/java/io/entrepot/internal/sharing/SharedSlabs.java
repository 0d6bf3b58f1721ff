package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A pool's buffers and words in two memories that are sealed against everybody else's writing.
 *
 * <p>They are sealed after they were mapped here for writing and before anybody has their
 * descriptors.
 */
public final class SharedSlabs implements SharedBacking {
  private final String name;
  private final SlabLayout layout;
  private final MappedSlabs slabs;
  private SharedMemory control;

  private SharedSlabs(String name, SlabLayout layout, MappedSlabs slabs) {
    this.name = name;
    this.layout = layout;
    this.slabs = slabs;
  }

  /** Memory for the slabs, all of it allocated. */
  public static SharedSlabs allocate(String name, SlabLayout layout, boolean hugePages) {
    SharedMemory data =
        MappedSlabs.providing(
            name,
            () ->
                hugePages
                    ? SharedMemory.createHuge(name, layout.byteSize())
                    : SharedMemory.create(name, layout.byteSize()));
    MappedSlabs slabs = MappedSlabs.over(data, name, layout);
    boolean sealed = false;
    try {
      seal(data);
      sealed = true;
      return new SharedSlabs(name, layout, slabs);
    } finally {
      if (!sealed) {
        slabs.close();
      }
    }
  }

  /** Against all but the mapping for writing that is there already. */
  private static void seal(SharedMemory memory) {
    memory.seal(Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE, Seal.SEAL);
  }

  @Override
  public Words words(long byteSize) {
    return MappedSlabs.providing(
        name,
        () -> {
          control = SharedMemory.create(name + " words", byteSize);
          Words words = Words.over(control.map(true, Arena.ofAuto()));
          seal(control);
          return words;
        });
  }

  /** Where buffers lie in the {@link #data()}. */
  public SlabLayout layout() {
    return layout;
  }

  /** The memory of the buffers, sealed. */
  public SharedMemory data() {
    return slabs.data();
  }

  /** The memory of the words, sealed. */
  public SharedMemory control() {
    return control;
  }

  @Override
  public List<MemorySegment> buffers() {
    return slabs.buffers();
  }

  @Override
  public void close() {
    slabs.close();
    if (control != null) {
      control.close();
    }
  }
}
