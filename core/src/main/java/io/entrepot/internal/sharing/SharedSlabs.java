package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import io.entrepot.sharing.OutOfBudgetException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pool's buffers and words in two memories that are sealed against everybody else's writing.
 *
 * <p>They are sealed after they were mapped here for writing and before anybody has their
 * descriptors. Who looks for pools from outside knows the words' memory by {@value #WORDS_OF}, with
 * which its name begins, and finds the rest in its {@link PoolNotice}.
 */
public final class SharedSlabs implements SharedBacking {
  /** What the name of a memory of words begins with; that of the pool follows. */
  public static final String WORDS_OF = "entrepot words of ";

  private static final AtomicLong MADE = new AtomicLong();

  private final long number = MADE.incrementAndGet();
  private final String name;
  private final SlabLayout layout;
  private final MappedSlabs slabs;
  private final boolean hugePages;
  private final int mostReplaced;
  private SharedMemory control;
  private Words words;

  private SharedSlabs(
      String name, SlabLayout layout, MappedSlabs slabs, boolean hugePages, int mostReplaced) {
    this.name = name;
    this.layout = layout;
    this.slabs = slabs;
    this.hugePages = hugePages;
    this.mostReplaced = mostReplaced;
  }

  /**
   * Memory for the slabs, all of it allocated.
   *
   * @param mostReplaced how many memories that were {@linkplain Replacements replaced} may stand
   */
  public static SharedSlabs allocate(
      String name, SlabLayout layout, boolean hugePages, int mostReplaced) {
    return new SharedSlabs(
        name, layout, allocateSlabs(name, layout, hugePages), hugePages, mostReplaced);
  }

  private static MappedSlabs allocateSlabs(String name, SlabLayout layout, boolean hugePages) {
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
      return slabs;
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
          control =
              SharedMemory.create(
                  SharedMemory.nameOf(WORDS_OF + name),
                  PoolNotice.controlBytes(byteSize, layout.slabs().size()));
          words = Words.over(control.map(true, Arena.ofAuto()));
          seal(control);
          return words;
        });
  }

  @Override
  public void laidOut(PoolDescriptor pool) {
    new PoolNotice(
            name,
            number,
            ProcessHandle.current().pid(),
            System.currentTimeMillis(),
            pool.lanes(),
            pool.timelines(),
            layout.slabs().stream().map(SlabLayout.Slab::sizeClass).toList(),
            layout.byteSize())
        .write(words);
  }

  /** Number of this pool among those that this process has made. */
  public long number() {
    return number;
  }

  /** Where buffers lie in the memories of its kind. */
  public SlabLayout layout() {
    return layout;
  }

  /** The first memory of the buffers, sealed. */
  MappedSlabs slabs() {
    return slabs;
  }

  /**
   * Another memory of the same kind, sealed, which is the caller's.
   *
   * @throws OutOfBudgetException when there is no room for it
   * @throws IllegalStateException when the kernel refuses it for another reason
   */
  MappedSlabs another() {
    return allocateSlabs(name, layout, hugePages);
  }

  /** How many memories that were replaced may stand at a time. */
  int mostReplaced() {
    return mostReplaced;
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
