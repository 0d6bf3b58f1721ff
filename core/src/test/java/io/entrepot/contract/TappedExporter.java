package io.entrepot.contract;

import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
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
