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
 * <p><b>A writing importer.</b> With {@link #writableBy} the memory is made for one importer, by
 * its name: it may be attached for writing in another process, one at a time, and nobody else in
 * another process is given the memory at all, not even to read. The control words stay sealed. What
 * the importer may write to is all of this memory, whatever it holds of it: nothing in it can be
 * believed while that process lives, only its size, which is sealed. It keeps to what it holds
 * because its library does. Once a process has had the memory, another is given it only when the
 * first has ended, for no kernel takes a descriptor back; whom it has passed the memory on to, a
 * child for instance, is not seen here. So a pool for each importer is the rule.
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
  private final String writer;

  private SharedMemoryExporter(
      String name,
      long alignmentBytes,
      boolean zeroesOnReuse,
      boolean hugePages,
      int replacements,
      List<Offer> offers,
      String writer) {
    this.name = Objects.requireNonNull(name, "name");
    this.alignmentBytes = alignmentBytes;
    this.zeroesOnReuse = zeroesOnReuse;
    this.hugePages = hugePages;
    this.replacements = replacements;
    this.offers = offers;
    this.writer = writer;
    if (hugePages && writer != null) {
      throw new IllegalArgumentException(
          "exporter '"
              + name
              + "' cannot have huge pages and be writable by '"
              + writer
              + "': a hole that it punched into them might never be filled again; leave out one of"
              + " the two");
    }
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
        ArenaExporter.everyType(ArenaExporter.DEFAULT_ALIGNMENT_BYTES),
        null);
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
        name,
        bytes,
        zeroesOnReuse,
        hugePages,
        replacements,
        ArenaExporter.everyType(bytes),
        writer);
  }

  /** {@return the same, filling buffers with zeros before they are handed out again} */
  public SharedMemoryExporter zeroingOnReuse() {
    return new SharedMemoryExporter(
        name, alignmentBytes, true, hugePages, replacements, offers, writer);
  }

  /**
   * {@return the same over huge pages, which the machine must have reserved} Only the data lies in
   * them.
   *
   * @throws IllegalArgumentException when it is {@link #writableBy} an importer
   */
  public SharedMemoryExporter withHugePages() {
    return new SharedMemoryExporter(
        name, alignmentBytes, zeroesOnReuse, true, replacements, offers, writer);
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
   *     #DEFAULT_REPLACEMENTS} unless said otherwise. Memory that is {@link #writableBy} an
   *     importer is never replaced, whatever is said here
   */
  public SharedMemoryExporter withReplacements(int most) {
    if (most < 0) {
      throw new IllegalArgumentException(
          "0 or more replaced memories may stand beside a pool's own, not " + most);
    }
    return new SharedMemoryExporter(
        name, alignmentBytes, zeroesOnReuse, hugePages, most, offers, writer);
  }

  /**
   * {@return the same with other offers}
   *
   * @param only all that it offers, the preferred one first
   */
  public SharedMemoryExporter offering(Offer... only) {
    return new SharedMemoryExporter(
        name, alignmentBytes, zeroesOnReuse, hugePages, replacements, List.of(only), writer);
  }

  /**
   * {@return the same over memory that one importer of another process may be granted to write; see
   * above}
   *
   * @param importer name of the importer; whether a process may use it is for the {@link
   *     io.entrepot.reach.Admission} of its server to say
   * @throws IllegalArgumentException when this has huge pages
   */
  public SharedMemoryExporter writableBy(String importer) {
    return new SharedMemoryExporter(
        name,
        alignmentBytes,
        zeroesOnReuse,
        hugePages,
        replacements,
        offers,
        Objects.requireNonNull(importer, "importer"));
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
    SlabLayout layout = SlabLayout.of(name, classes, alignmentBytes);
    return writer == null
        ? SharedSlabs.allocate(name, layout, hugePages, replacements)
        : SharedSlabs.writable(name, layout, writer);
  }
}
