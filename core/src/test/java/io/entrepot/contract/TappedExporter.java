package io.entrepot.contract;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.Verdict;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/** Exports another exporter's memory and shows it to the test: an exporter sees its own bytes. */
record TappedExporter(Exporter below, Consumer<Exporter.Backing> tap) implements Exporter {
  @Override
  public String name() {
    return below.name();
  }

  @Override
  public List<Offer> offers() {
    return below.offers();
  }

  @Override
  public Verdict match(Importer importer, Offer offer, Need need) {
    return below.match(importer, offer, need);
  }

  @Override
  public void attach(Importer importer) {
    below.attach(importer);
  }

  @Override
  public void detach(Importer importer) {
    below.detach(importer);
  }

  @Override
  public boolean coherent() {
    return below.coherent();
  }

  @Override
  public void beginCpuAccess(MemorySegment buffer, Access access) {
    below.beginCpuAccess(buffer, access);
  }

  @Override
  public void endCpuAccess(MemorySegment buffer, Access access) {
    below.endCpuAccess(buffer, access);
  }

  @Override
  public boolean zeroesOnReuse() {
    return below.zeroesOnReuse();
  }

  @Override
  public boolean zeroesOnRelease() {
    return below.zeroesOnRelease();
  }

  @Override
  public Backing allocate(List<SizeClass> classes) {
    Backing backing = below.allocate(classes);
    tap.accept(backing);
    return backing;
  }
}
