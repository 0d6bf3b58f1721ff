package io.entrepot.internal.reach;

import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.Verdict;
import java.util.List;

/** What an exporter in another process settled on with an importer of this one. */
record Settled(Exporter exporter, Offer offer, Need need) implements Exporter {
  @Override
  public String name() {
    return exporter.name();
  }

  @Override
  public List<Offer> offers() {
    return List.of(offer);
  }

  @Override
  public Verdict match(Importer importer, Offer offered, Need needed) {
    return needed.equals(need)
        ? new Verdict.Take()
        : new Verdict.KeepLooking("the exporter took " + need);
  }

  @Override
  public Backing allocate(List<SizeClass> classes) {
    return exporter.allocate(classes);
  }
}
