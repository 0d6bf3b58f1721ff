package io.entrepot.sharing;

import io.entrepot.internal.memory.NativeCalls;
import io.entrepot.internal.sharing.SharedSlabs;
import io.entrepot.internal.sharing.SlabLayout;
import java.util.List;
import java.util.Objects;

/**
 * Exports memory that other processes of this machine can be given to read: a Linux {@code memfd}
 * for each pool.
 *
 * <p>The kernel enforces what an importer in another process may do. Once the exporter has its own
 * writable mapping the memory is sealed against everybody else's writing, growing and shrinking
 * ({@code F_SEAL_FUTURE_WRITE}, {@code F_SEAL_GROW}, {@code F_SEAL_SHRINK}, {@code F_SEAL_SEAL});
 * the pool's control words lie in a second memory, sealed in the same way, in which the command
 * {@code entrepot} shows this user from outside what is in use. Within this process it is memory
 * like any other.
 *
 * <p>All of it is allocated when the pool is made, so that a machine without so much shared memory
 * says so then and not by a crash in the middle of a frame. Immutable.
 */
public final class SharedMemoryExporter implements Exporter {
  /** Memories that a pool may have beside its own, unless said otherwise. */
  public static final int DEFAULT_REPLACEMENTS = 2;

  private final String name;
  private final long alignmentBytes;
  private final boolean zeroesOnReuse;
  private final boolean hugePages;
  private final int replacements;
  private final List<Offer> offers;

  private SharedMemoryExporter(
      String name,
      long alignmentBytes,
      boolean zeroesOnReuse,
      boolean hugePages,
      int replacements,
      List<Offer> offers) {
    this.name = Objects.requireNonNull(name, "name");
    this.alignmentBytes = alignmentBytes;
    this.zeroesOnReuse = zeroesOnReuse;
    this.hugePages = hugePages;
    this.replacements = replacements;
    this.offers = offers;
  }

  /**
   * {@return an exporter of cache-line aligned buffers that offers every mapping type; importers in
   * other processes are offered reading alone}
   *
   * @param name for people; also what the memory is called in {@code /proc/PID/maps}
   * @throws IllegalStateException when native access is denied, naming the flag that allows it
   */
  public static SharedMemoryExporter named(String name) {
    NativeCalls.requireNativeAccess();
    return new SharedMemoryExporter(
        name,
        ArenaExporter.DEFAULT_ALIGNMENT_BYTES,
        false,
        false,
        DEFAULT_REPLACEMENTS,
        ArenaExporter.everyType(ArenaExporter.DEFAULT_ALIGNMENT_BYTES));
  }

  /**
   * {@return the same with another alignment of each buffer; offers are reset to every type}
   *
   * @param bytes a power of two, {@value ArenaExporter#DEFAULT_ALIGNMENT_BYTES} to 2 MiB; the page
   *     size for buffers that are to be exported one by one
   */
  public SharedMemoryExporter withAlignment(long bytes) {
    ArenaExporter.checkAlignment(bytes);
    return new SharedMemoryExporter(
        name, bytes, zeroesOnReuse, hugePages, replacements, ArenaExporter.everyType(bytes));
  }

  /** {@return the same, filling buffers with zeros before they are handed out again} */
  public SharedMemoryExporter zeroingOnReuse() {
    return new SharedMemoryExporter(name, alignmentBytes, true, hugePages, replacements, offers);
  }

  /**
   * {@return the same over huge pages, which the machine must have reserved} Only the data lies in
   * them.
   */
  public SharedMemoryExporter withHugePages() {
    return new SharedMemoryExporter(
        name, alignmentBytes, zeroesOnReuse, true, replacements, offers);
  }

  /**
   * {@return the same with another bound of what is replaced}
   *
   * <p>A process that is cut off without having let go may still see the memory of a pool for as
   * long as it lives. Then the pool gets other memory of the same size, as soon as there is room,
   * and the old one stands beside it until that process has ended. So a pool takes at most so many
   * times its size more. Beyond that, and where there is no room, it hands out no buffer until one
   * of those processes has ended: see {@link io.entrepot.reach.PoolServer}.
   *
   * @param most memories that stand beside the pool's own at a time, 0 or more; {@value
   *     #DEFAULT_REPLACEMENTS} unless said otherwise
   */
  public SharedMemoryExporter withReplacements(int most) {
    if (most < 0) {
      throw new IllegalArgumentException(
          "0 or more replaced memories may stand beside a pool's own, not " + most);
    }
    return new SharedMemoryExporter(name, alignmentBytes, zeroesOnReuse, hugePages, most, offers);
  }

  /**
   * {@return the same with other offers}
   *
   * @param only all that it offers, the preferred one first
   */
  public SharedMemoryExporter offering(Offer... only) {
    return new SharedMemoryExporter(
        name, alignmentBytes, zeroesOnReuse, hugePages, replacements, List.of(only));
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

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException on a system other than Linux
   * @throws OutOfBudgetException when the machine, the memory limit of this process's group or, for
   *     huge pages, what was reserved of them has not so much, with both numbers
   * @throws IllegalStateException when the kernel refuses for another reason: because this process
   *     has as many descriptors as it may have, for instance
   */
  @Override
  public Backing allocate(List<SizeClass> classes) {
    return SharedSlabs.allocate(
        name, SlabLayout.of(name, classes, alignmentBytes), hugePages, replacements);
  }
}
