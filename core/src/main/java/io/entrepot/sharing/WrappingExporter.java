package io.entrepot.sharing;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Exports memory that exists already: a mapped file, or what a foreign library gave, with the call
 * that gives it back.
 *
 * <p>The memory must stay valid until the release callback is called, which happens once, when the
 * pool over it has been closed. One pool at a time.
 */
public final class WrappingExporter implements Exporter {
  private final String name;
  private final MemorySegment memory;
  private final Runnable release;
  private final AtomicBoolean taken = new AtomicBoolean();
  private volatile List<Offer> offers;

  private WrappingExporter(
      String name, MemorySegment memory, Runnable release, List<Offer> offers) {
    this.name = name;
    this.memory = memory;
    this.release = release;
    this.offers = offers;
  }

  /**
   * {@return an exporter of the given memory, which offers every mapping type that fits it}
   *
   * @param name for people
   * @param memory native memory that every thread may access; read-only memory is offered for
   *     reading
   * @param release called once when the pool over it has been closed
   * @throws IllegalArgumentException when the memory is on the heap or confined to a thread
   */
  public static WrappingExporter of(String name, MemorySegment memory, Runnable release) {
    Objects.requireNonNull(release, "release");
    if (!memory.isNative()) {
      throw new IllegalArgumentException(
          "exporter '" + name + "' cannot wrap heap memory: it has no address to share");
    }
    if (!memory.isAccessibleBy(Thread.ofVirtual().unstarted(() -> {}))) {
      throw new IllegalArgumentException(
          "exporter '" + name + "' cannot wrap memory that is confined to one thread");
    }
    long alignmentBytes = Math.max(1, Long.lowestOneBit(memory.address() | 1L << 21));
    Access access = memory.isReadOnly() ? Access.READ : Access.WRITE;
    List<Offer> offers = new ArrayList<>();
    for (MappingType type : MappingType.values()) {
      offers.add(Offer.of(type, access, alignmentBytes));
    }
    return new WrappingExporter(name, memory, release, List.copyOf(offers));
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
  public Backing allocate(List<SizeClass> classes) {
    long left = memory.byteSize();
    for (SizeClass sizeClass : classes) {
      if (left / sizeClass.bufferBytes() < sizeClass.buffers()) {
        throw new OutOfBudgetException(
            "exporter '"
                + name
                + "' wraps "
                + memory.byteSize()
                + " bytes, which do not hold a pool of "
                + classes);
      }
      left -= sizeClass.bufferBytes() * sizeClass.buffers();
    }
    if (!taken.compareAndSet(false, true)) {
      throw new OutOfBudgetException(
          "the memory of exporter '" + name + "' is in use by another pool");
    }
    offers = offers.stream().map(offer -> alignedAs(offer, classes)).toList();
    List<MemorySegment> buffers = new ArrayList<>();
    long at = 0;
    for (SizeClass sizeClass : classes) {
      for (int i = 0; i < sizeClass.buffers(); i++, at += sizeClass.bufferBytes()) {
        buffers.add(memory.asSlice(at, sizeClass.bufferBytes()));
      }
    }
    return new Backing() {
      @Override
      public List<MemorySegment> buffers() {
        return List.copyOf(buffers);
      }

      @Override
      public void close() {
        release.run();
      }
    };
  }

  /** Buffers lie one behind the other, so their sizes decide how far each is aligned. */
  private static Offer alignedAs(Offer offer, List<SizeClass> classes) {
    long alignmentBytes = offer.alignmentBytes();
    for (SizeClass sizeClass : classes) {
      if (sizeClass.buffers() > 1 || classes.size() > 1) {
        alignmentBytes = Math.min(alignmentBytes, Long.lowestOneBit(sizeClass.bufferBytes()));
      }
    }
    return Offer.of(offer.type(), offer.access(), alignmentBytes);
  }
}
