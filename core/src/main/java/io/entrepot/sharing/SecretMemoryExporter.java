package io.entrepot.sharing;

import io.entrepot.internal.memory.NativeCalls;
import io.entrepot.internal.sharing.MappedSlabs;
import io.entrepot.internal.sharing.SharedSlabs;
import io.entrepot.internal.sharing.SlabLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Exports memory for secrets, which nobody sees but this process, and one other if it is made for
 * that: Linux's {@code memfd_secret}.
 *
 * <p><b>Who cannot see it.</b> The kernel takes the pages out of its own mapping of all memory, so
 * that it cannot be made to give them away; they are locked and never swapped, are left out of core
 * dumps, and no process reads them by {@code ptrace}, {@code process_vm_readv} or {@code
 * /proc/PID/mem}, whatever its user. No descriptor of them is kept that could be passed on, so a
 * pool over this exporter is this process's alone and is not {@linkplain
 * io.entrepot.reach.PoolServer#serve served} to others.
 *
 * <p><b>One other process.</b> Such memory cannot be sealed, so who is given it may write. With
 * {@link #writableBy} it is made for one importer of another process, under the terms of {@link
 * SharedMemoryExporter}: that process sees it, and must be allowed to lock as many bytes. What that
 * importer lets go of last is filled with zeros here, within some milliseconds; when it is killed,
 * as soon as that is known.
 *
 * <p><b>Who sees it here.</b> Everything on offer is {@linkplain Offer#confidential()
 * confidential}: an importer that does not declare that it {@linkplain
 * Importer#handlingConfidential() handles confidential memory} is refused when it attaches. That
 * goes for the pool's own user too: {@code pool.open(Importer)} and {@code feed.writer(Importer)}
 * take one that declares it. What an importer copies out of a view is no secret any more.
 *
 * <p><b>When bytes are gone.</b> A buffer is filled with zeros by the call that ends its last use:
 * when the release, the close of a reference, view or lease, the step of the last reader to its
 * next frame, or the signal of the last fence returns, its bytes are gone, or another thread that
 * looks for free buffers is just filling it. Until then it is in use, and its bytes are there. What
 * ends without such a call goes with the next one, of whatever buffer of the pool, or with {@code
 * pool.statistics()}: a fence that was signaled on behalf of a lost issuer, a claimed reservation
 * slot that is given back, or filled by a fence or job, behind the release, uses of a thread that
 * ended without closing its port once they were taken back. A fence that is signaled by a callback
 * of another is followed when that one's callbacks have run. When the pool is closed the memory is
 * unmapped, and the kernel clears the pages before it gives them to anybody.
 *
 * <p><b>What does not work in it.</b> Whatever has the kernel look for the page behind an address:
 * direct I/O, registered buffers, futexes. Plain reads and writes of channels do. The pool's words,
 * which are not secret, lie in ordinary memory of this process. As long as there is such memory the
 * machine does not hibernate.
 *
 * <p>Immutable.
 */
public final class SecretMemoryExporter implements Exporter {
  private final String name;
  private final long alignmentBytes;
  private final List<Offer> offers;
  private final String writer;

  private SecretMemoryExporter(
      String name, long alignmentBytes, List<Offer> offers, String writer) {
    this.name = Objects.requireNonNull(name, "name");
    this.alignmentBytes = alignmentBytes;
    this.offers = offers.stream().map(SecretMemoryExporter::confidential).toList();
    this.writer = writer;
  }

  private static Offer confidential(Offer offer) {
    return new Offer(
        offer.type(),
        offer.access(),
        offer.alignmentBytes(),
        offer.contiguous(),
        true,
        offer.revocable(),
        offer.nativeReachable());
  }

  /**
   * {@return an exporter of cache-line aligned buffers that offers every mapping type, for
   * confidential use}
   *
   * @param name for people
   * @throws IllegalStateException when native access is denied, naming the flag that allows it
   */
  public static SecretMemoryExporter named(String name) {
    NativeCalls.requireNativeAccess();
    long alignmentBytes = ArenaExporter.DEFAULT_ALIGNMENT_BYTES;
    return new SecretMemoryExporter(
        name, alignmentBytes, ArenaExporter.everyType(alignmentBytes), null);
  }

  /**
   * {@return the same with another alignment of each buffer; offers are reset to every type}
   *
   * @param bytes a power of two, {@value ArenaExporter#DEFAULT_ALIGNMENT_BYTES} to {@value
   *     ArenaExporter#MAX_ALIGNMENT_BYTES}
   */
  public SecretMemoryExporter withAlignment(long bytes) {
    ArenaExporter.checkAlignment(bytes);
    return new SecretMemoryExporter(name, bytes, ArenaExporter.everyType(bytes), writer);
  }

  /**
   * {@return the same with other offers, each of which is confidential, whatever it says}
   *
   * @param only all that it offers, the preferred one first
   */
  public SecretMemoryExporter offering(Offer... only) {
    return new SecretMemoryExporter(name, alignmentBytes, Arrays.asList(only), writer);
  }

  /**
   * {@return the same over memory that one importer of another process may be granted, to read and
   * write; see above}
   *
   * @param importer name of the importer, which has to declare that it handles confidential memory
   */
  public SecretMemoryExporter writableBy(String importer) {
    return new SecretMemoryExporter(
        name, alignmentBytes, offers, Objects.requireNonNull(importer, "importer"));
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
    return true;
  }

  @Override
  public boolean zeroesOnRelease() {
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Whether there is as much is asked before anything is allocated, and all of it is allocated
   * then.
   *
   * @throws UnsupportedOperationException on a system other than Linux, or with a kernel that has
   *     no secret memory: it came with Linux 5.14, and before 6.5 needs the boot option {@code
   *     secretmem.enable=1}
   * @throws OutOfBudgetException when this process may not lock so many bytes ({@code
   *     RLIMIT_MEMLOCK}), or the machine or the memory limit of this process's group has not so
   *     much, with both numbers
   * @throws IllegalStateException when the kernel refuses for another reason: because this process
   *     has as many descriptors as it may have, for instance
   */
  @Override
  public Backing allocate(List<SizeClass> classes) {
    SlabLayout layout = SlabLayout.of(name, classes, alignmentBytes);
    return writer == null
        ? MappedSlabs.secret(name, layout)
        : SharedSlabs.secret(name, layout, writer);
  }
}
