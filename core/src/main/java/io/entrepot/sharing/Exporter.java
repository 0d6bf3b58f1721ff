package io.entrepot.sharing;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The owner of memory, in control of everything that happens to it. A service provider interface:
 * implementing it is the one way in which code of a user touches raw pool memory unasked.
 *
 * <p><b>Negotiation.</b> When an importer attaches, each of {@link #offers()} in order is held
 * against each of the importer's needs; for a pair of the same type {@link #match} decides. The
 * first pair that is taken wins. When none is, or a match aborts, the attach fails with {@link
 * AttachRefusedException}, which shows both lists and why each pair did not fit; nothing is
 * attached halfway.
 *
 * <p><b>Threads.</b> Methods may be called by any thread, several at a time.
 */
public interface Exporter {

  /** {@return name for people; a pool over it has the same} */
  String name();

  /** {@return the mapping types that this exporter offers, the preferred one first} */
  List<Offer> offers();

  /**
   * Decides about one pair of offer and need of the same type. The default takes a pair whose
   * attributes fit.
   *
   * @param importer who asks
   * @param offer one of {@link #offers()}
   * @param need one of the importer's needs, of the same type
   * @return whether to take the pair, keep looking, or abort the attach, and why
   */
  default Verdict match(Importer importer, Offer offer, Need need) {
    if (!offer.access().includes(need.access())) {
      return new Verdict.KeepLooking(need.access() + " asked, " + offer.access() + " offered");
    }
    if (need.alignmentBytes() > offer.alignmentBytes()) {
      return new Verdict.KeepLooking(
          "alignment " + need.alignmentBytes() + " asked, " + offer.alignmentBytes() + " offered");
    }
    if (need.contiguous() && !offer.contiguous()) {
      return new Verdict.KeepLooking("contiguous memory asked, scattered offered");
    }
    if (offer.confidential() && !importer.handlesConfidential()) {
      return new Verdict.KeepLooking("confidential memory, which the importer does not handle");
    }
    if (offer.revocable() && importer.release() == Importer.Release.UNBOUNDED) {
      return new Verdict.KeepLooking("must be revocable, the importer lets go in unbounded time");
    }
    if (need.type() == MappingType.NATIVE_POINTER && !offer.nativeReachable()) {
      return new Verdict.KeepLooking("native code cannot reach this memory");
    }
    return new Verdict.Take();
  }

  /**
   * Last word before an attachment is made; throwing refuses it.
   *
   * @param importer who attaches, for whom a pair was taken
   * @throws RuntimeException to refuse, with the reason as its message
   */
  default void attach(Importer importer) {}

  /**
   * An attachment has ended, with all that was leased under it. Called once for each successful
   * {@link #attach}.
   *
   * @param importer who was attached
   */
  default void detach(Importer importer) {}

  /**
   * Provides the memory of a pool.
   *
   * @param classes the sizes asked for
   * @return the memory, one segment for each buffer in the order of the classes
   * @throws OutOfBudgetException when this exporter's budget does not allow it, or there is not so
   *     much memory
   */
  Backing allocate(List<SizeClass> classes);

  /** {@return whether buffers are filled with zeros before they are handed out again} */
  default boolean zeroesOnReuse() {
    return false;
  }

  /**
   * {@return whether buffers are filled with zeros as soon as nobody uses them any more, by whoever
   * ends the last use} Which costs that one a look at all buffers and mappings, even where it ends
   * a use that is not the last. They need no zeros on reuse then.
   */
  default boolean zeroesOnRelease() {
    return false;
  }

  /** {@return whether the bytes of a CPU window and of native access are coherent unbracketed} */
  default boolean coherent() {
    return true;
  }

  /**
   * A CPU window is being opened on a buffer: make its bytes current for the CPU. Throwing refuses
   * the window.
   *
   * @param buffer this exporter's own segment of it
   * @param access what the window's holder may do
   */
  default void beginCpuAccess(MemorySegment buffer, Access access) {}

  /**
   * A CPU window is being closed: make the CPU's writes current for everybody else.
   *
   * @param buffer this exporter's own segment of it
   * @param access what the window's holder could do
   */
  default void endCpuAccess(MemorySegment buffer, Access access) {}

  /** The memory of one pool. */
  interface Backing extends AutoCloseable {
    /**
     * {@return one segment for each buffer, in the order of the size classes asked for, of the
     * class's size at least, native and accessible from every thread}
     */
    List<MemorySegment> buffers();

    /** Gives the memory back. Called once, when nobody holds any of it. */
    @Override
    void close();
  }
}
