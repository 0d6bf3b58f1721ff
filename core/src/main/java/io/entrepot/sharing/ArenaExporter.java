package io.entrepot.sharing;

import io.entrepot.internal.memory.MemoryRoom;
import io.entrepot.internal.memory.NativeCalls;
import io.entrepot.internal.memory.NoRoomException;
import io.entrepot.internal.sharing.SlabLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Exports off-heap memory of its own: one slab for each size class, cut into aligned buffers.
 *
 * <p>Slabs are allocated once, when a pool is made, and freed when it is closed. The JVM's {@code
 * MaxDirectMemorySize} does not see them, so an exporter has a byte budget of its own, shared by
 * all pools over it. More than the machine, or a control group of this process, has left at that
 * moment is refused too, on Linux. Slabs of 2 MiB and more ask the kernel for huge pages on Linux.
 *
 * <p>Immutable but for the budget's account: the {@code with} methods make exporters with accounts
 * of their own.
 */
public final class ArenaExporter implements Exporter {
  /** Alignment of buffers unless another one is asked for: a cache line. */
  public static final long DEFAULT_ALIGNMENT_BYTES = 64;

  /** The most that buffers can be aligned to: a huge page. */
  static final long MAX_ALIGNMENT_BYTES = 2L << 20;

  private static final long HUGE_PAGE_BYTES = MAX_ALIGNMENT_BYTES;

  private final String name;
  private final long alignmentBytes;
  private final long budgetBytes;
  private final boolean zeroesOnReuse;
  private final boolean hugePages;
  private final List<Offer> offers;
  private final AtomicLong usedBytes = new AtomicLong();

  private ArenaExporter(
      String name,
      long alignmentBytes,
      long budgetBytes,
      boolean zeroesOnReuse,
      boolean hugePages,
      List<Offer> offers) {
    this.name = Objects.requireNonNull(name, "name");
    this.alignmentBytes = alignmentBytes;
    this.budgetBytes = budgetBytes;
    this.zeroesOnReuse = zeroesOnReuse;
    this.hugePages = hugePages;
    this.offers = offers;
  }

  /**
   * {@return an exporter of cache-line aligned buffers, with no budget, that offers every mapping
   * type for reading and writing}
   *
   * @param name for people
   * @throws IllegalStateException when native access is denied, naming the flag that allows it
   */
  public static ArenaExporter named(String name) {
    NativeCalls.requireNativeAccess();
    return new ArenaExporter(
        name,
        DEFAULT_ALIGNMENT_BYTES,
        Long.MAX_VALUE,
        false,
        true,
        everyType(DEFAULT_ALIGNMENT_BYTES));
  }

  /** Every mapping type for reading and writing. */
  static List<Offer> everyType(long alignmentBytes) {
    List<Offer> offers = new ArrayList<>();
    for (MappingType type : MappingType.values()) {
      offers.add(Offer.of(type, Access.WRITE, alignmentBytes));
    }
    return List.copyOf(offers);
  }

  /** Throws unless buffers can be aligned to so many bytes. */
  static void checkAlignment(long bytes) {
    if (bytes < DEFAULT_ALIGNMENT_BYTES
        || bytes > MAX_ALIGNMENT_BYTES
        || Long.bitCount(bytes) != 1) {
      throw new IllegalArgumentException(
          "alignment "
              + bytes
              + " is not a power of two from "
              + DEFAULT_ALIGNMENT_BYTES
              + " to "
              + MAX_ALIGNMENT_BYTES);
    }
  }

  /**
   * {@return the same with another alignment of each buffer; offers are reset to every type}
   *
   * @param bytes a power of two, {@value #DEFAULT_ALIGNMENT_BYTES} to 2 MiB
   */
  public ArenaExporter withAlignment(long bytes) {
    checkAlignment(bytes);
    return new ArenaExporter(name, bytes, budgetBytes, zeroesOnReuse, hugePages, everyType(bytes));
  }

  /**
   * {@return the same with a budget for all pools over it together}
   *
   * @param bytes most bytes that they may have, padding for alignment included; 1 or more
   */
  public ArenaExporter withBudget(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("budget " + bytes + " bytes is less than 1");
    }
    return new ArenaExporter(name, alignmentBytes, bytes, zeroesOnReuse, hugePages, offers);
  }

  /**
   * {@return the same, filling buffers with zeros before they are handed out again; confidential
   * offers do so in any case}
   */
  public ArenaExporter zeroingOnReuse() {
    return new ArenaExporter(name, alignmentBytes, budgetBytes, true, hugePages, offers);
  }

  /** {@return the same without asking for huge pages} */
  public ArenaExporter withoutHugePages() {
    return new ArenaExporter(name, alignmentBytes, budgetBytes, zeroesOnReuse, false, offers);
  }

  /**
   * {@return the same with other offers}
   *
   * @param only all that it offers, the preferred one first
   */
  public ArenaExporter offering(Offer... only) {
    return new ArenaExporter(
        name, alignmentBytes, budgetBytes, zeroesOnReuse, hugePages, List.of(only));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Offer> offers() {
    return offers;
  }

  @Override
  public boolean zeroesOnReuse() {
    return zeroesOnReuse || offers.stream().anyMatch(Offer::confidential);
  }

  /** {@return bytes allocated now, by all pools over this exporter} */
  public long usedBytes() {
    return usedBytes.get();
  }

  @Override
  public Backing allocate(List<SizeClass> classes) {
    NativeCalls.requireNativeAccess();
    SlabLayout layout = SlabLayout.of(name, classes, alignmentBytes);
    long bytes = layout.byteSize();
    reserve(bytes);
    Arena arena = Arena.ofShared();
    try {
      requireRoom(bytes);
      List<MemorySegment> buffers = new ArrayList<>();
      for (SlabLayout.Slab slab : layout.slabs()) {
        slab.cut(allocate(slab.byteSize(), arena), 0, buffers);
      }
      return new Slabs(List.copyOf(buffers), arena, bytes);
    } catch (RuntimeException | Error e) {
      arena.close();
      usedBytes.addAndGet(-bytes);
      throw e;
    }
  }

  private void reserve(long bytes) {
    long used = usedBytes.addAndGet(bytes);
    if (used > budgetBytes || used < 0) {
      usedBytes.addAndGet(-bytes);
      throw new OutOfBudgetException(
          "exporter '"
              + name
              + "' cannot allocate "
              + bytes
              + " bytes: "
              + (used - bytes)
              + " of its budget of "
              + budgetBytes
              + " are in use");
    }
  }

  /** The kernel gives more than there is, and kills a process when its pages are touched. */
  private void requireRoom(long bytes) {
    if (bytes < HUGE_PAGE_BYTES) {
      return; // not worth the look
    }
    try {
      MemoryRoom.here().require(name, bytes);
    } catch (NoRoomException tooLittle) {
      throw new OutOfBudgetException(tooLittle.getMessage(), tooLittle);
    }
  }

  private MemorySegment allocate(long bytes, Arena arena) {
    if (hugePages && bytes >= HUGE_PAGE_BYTES && bytes <= Long.MAX_VALUE - alignmentBytes) {
      MemorySegment mapped = NativeCalls.mapHuge(bytes + alignmentBytes, arena).orElse(null);
      if (mapped != null) {
        long skip = -mapped.address() & (alignmentBytes - 1);
        // Touched now, so that no importer pays for the first fault of a page.
        return mapped.asSlice(skip, bytes).fill((byte) 0);
      }
    }
    try {
      return arena.allocate(bytes, alignmentBytes);
    } catch (OutOfMemoryError e) {
      throw new OutOfBudgetException(
          "exporter '" + name + "' cannot allocate " + bytes + " bytes: " + e.getMessage());
    }
  }

  /** The slabs of one pool. */
  private final class Slabs implements Backing {
    private final List<MemorySegment> buffers;
    private final Arena arena;
    private final long bytes;

    Slabs(List<MemorySegment> buffers, Arena arena, long bytes) {
      this.buffers = buffers;
      this.arena = arena;
      this.bytes = bytes;
    }

    @Override
    public List<MemorySegment> buffers() {
      return buffers;
    }

    @Override
    public void close() {
      arena.close();
      usedBytes.addAndGet(-bytes);
    }
  }
}
