package io.entrepot.contract;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.Verdict;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * An exporter that trusts nobody: views only unless told otherwise, to importers that can let go
 * and handle confidential memory, zeroed between uses. It writes down what it is told.
 */
final class StrictExporter implements Exporter {
  /** What was asked of this exporter, in order. */
  final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();

  private final Exporter memory;
  private final List<Offer> offers;

  /** Thrown by the next {@link #attach}, if set. */
  volatile RuntimeException refusal;

  /** Thrown by the next {@link #beginCpuAccess}, if set. */
  volatile RuntimeException noWindow;

  /** Answered to every match of this type, if set. */
  volatile Verdict verdict;

  StrictExporter(MappingType... types) {
    this(ArenaExporter.named("strict"), types);
  }

  /** As one of this process alone, over another exporter's memory, of whose end it is not told. */
  StrictExporter(Exporter memory, MappingType... types) {
    this.memory = memory;
    this.offers =
        java.util.Arrays.stream(types.length == 0 ? new MappingType[] {MappingType.VIEW} : types)
            .map(type -> new Offer(type, Access.WRITE, 64, true, true, true, false))
            .toList();
  }

  @Override
  public String name() {
    return "strict";
  }

  @Override
  public List<Offer> offers() {
    return offers;
  }

  @Override
  public Verdict match(Importer importer, Offer offer, Need need) {
    told.add("match " + offer.type());
    return verdict != null ? verdict : Exporter.super.match(importer, offer, need);
  }

  @Override
  public void attach(Importer importer) {
    RuntimeException refused = refusal;
    if (refused != null) {
      refusal = null;
      throw refused;
    }
    told.add("attach " + importer.name());
  }

  @Override
  public void detach(Importer importer) {
    told.add("detach " + importer.name());
  }

  @Override
  public Backing allocate(List<SizeClass> classes) {
    Backing backing = memory.allocate(classes);
    if (!(memory instanceof ArenaExporter)) {
      return backing;
    }
    return new Backing() {
      @Override
      public List<MemorySegment> buffers() {
        return backing.buffers();
      }

      @Override
      public void close() {
        told.add("freed");
        backing.close();
      }
    };
  }

  @Override
  public boolean zeroesOnReuse() {
    return true;
  }

  @Override
  public boolean coherent() {
    return false;
  }

  @Override
  public void beginCpuAccess(MemorySegment buffer, Access access) {
    RuntimeException refused = noWindow;
    if (refused != null) {
      noWindow = null;
      throw refused;
    }
    told.add("begin " + access);
  }

  @Override
  public void endCpuAccess(MemorySegment buffer, Access access) {
    told.add("end " + access);
  }
}
