package io.entrepot.internal.reach;

import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import java.util.List;

/** An exporter in another process, as far as it is known here: its name, its offers, its memory. */
record ImportedExporter(WireFormat.Welcome welcome, ImportedMemory memory) implements Exporter {
  @Override
  public String name() {
    return welcome.exporter();
  }

  @Override
  public List<Offer> offers() {
    return welcome.offers();
  }

  @Override
  public Backing allocate(List<SizeClass> classes) {
    return memory;
  }
}
