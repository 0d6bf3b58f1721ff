package io.entrepot.contract;

import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import java.util.List;
import java.util.function.Consumer;

/** An exporter that does something more when an importer comes or goes. */
record HookedExporter(Exporter below, Consumer<Importer> onAttach, Consumer<Importer> onDetach)
    implements Exporter {
  @Override
  public String name() {
    return below.name();
  }

  @Override
  public List<Offer> offers() {
    return below.offers();
  }

  @Override
  public void attach(Importer importer) {
    below.attach(importer);
    onAttach.accept(importer);
  }

  @Override
  public void detach(Importer importer) {
    below.detach(importer);
    onDetach.accept(importer);
  }

  @Override
  public Backing allocate(List<SizeClass> classes) {
    return below.allocate(classes);
  }
}
