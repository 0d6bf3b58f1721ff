package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import io.entrepot.sharing.OutOfBudgetException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A pool's buffers and words in two memories that are sealed against everybody else's writing, but
 * for buffers that one importer may be granted to write.
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
  private final Supplier<MappedSlabs> making;
  private final int mostReplaced;
  private final WritingGrant grant;
  private SharedMemory control;
  private Words words;

  private SharedSlabs(
      String name,
      SlabLayout layout,
      Supplier<MappedSlabs> making,
      int mostReplaced,
      WritingGrant grant) {
    this.name = name;
    this.layout = layout;
    this.slabs = making.get();
    this.making = making;
    this.mostReplaced = mostReplaced;
    this.grant = grant;
  }

  /**
   * Memory for the slabs, all of it allocated, which other processes may be given to read.
   *
   * @param mostReplaced how many memories that were {@linkplain Replacements replaced} may stand
   */
  public static SharedSlabs allocate(
      String name, SlabLayout layout, boolean hugePages, int mostReplaced) {
    Supplier<SharedMemory> memory =
        () ->
            hugePages
                ? SharedMemory.createHuge(name, layout.byteSize())
                : SharedMemory.create(name, layout.byteSize());
    return new SharedSlabs(
        name, layout, () -> make(name, layout, memory, SharedSlabs::seal), mostReplaced, null);
  }

  /**
   * As {@link #allocate}, which one importer of another process may be given to write, and which is
   * never replaced. Not of huge pages: a hole that it punched into those could not be filled again.
   */
  public static SharedSlabs writable(String name, SlabLayout layout, String writer) {
    return granting(
        name,
        layout,
        writer,
        () -> SharedMemory.create(name, layout.byteSize()),
        data -> data.seal(Seal.SHRINK, Seal.GROW, Seal.SEAL));
  }

  /** As {@link #writable}, of secret memory: it cannot be sealed, and its size never changes. */
  public static SharedSlabs secret(String name, SlabLayout layout, String writer) {
    return granting(
        name, layout, writer, () -> SharedMemory.createSecret(name, layout.byteSize()), _ -> {});
  }

  private static SharedSlabs granting(
      String name,
      SlabLayout layout,
      String writer,
      Supplier<SharedMemory> memory,
      Consumer<SharedMemory> sealing) {
    return new SharedSlabs(
        name, layout, () -> make(name, layout, memory, sealing), 0, new WritingGrant(writer));
  }

  private static MappedSlabs make(
      String name,
      SlabLayout layout,
      Supplier<SharedMemory> memory,
      Consumer<SharedMemory> sealing) {
    SharedMemory data = MappedSlabs.providing(name, memory);
    MappedSlabs slabs = MappedSlabs.over(data, name, layout);
    boolean sealed = false;
    try {
      sealing.accept(data);
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

  /** The first memory of the buffers, as it was sealed. */
  MappedSlabs slabs() {
    return slabs;
  }

  /** The memory that one importer may be given to write: there is no other then. */
  public SharedMemory data() {
    return slabs.data();
  }

  /** Who may be given it; {@code null} where nobody may. */
  public WritingGrant grant() {
    return grant;
  }

  /**
   * Another memory of the same kind, sealed, which is the caller's.
   *
   * @throws OutOfBudgetException when there is no room for it
   * @throws IllegalStateException when the kernel refuses it for another reason
   */
  MappedSlabs another() {
    return making.get();
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
    if (grant != null) {
      grant.close();
    }
  }
}
