package io.entrepot.internal.reach;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.Verdict;
import java.util.List;

/**
 * An exporter as importers in other processes see it: it decides as it does for those of its own
 * process, but offers nothing for writing, which the seals of its memory would refuse them.
 */
record ReadingOnly(Exporter exporter) implements Exporter {
  @Override
  public String name() {
    return exporter.name();
  }

  @Override
  public List<Offer> offers() {
    return exporter.offers().stream()
        .map(offer ->
            new Offer(
                offer.type(),
                Access.READ,
                offer.alignmentBytes(),
                offer.contiguous(),
                offer.confidential(),
                offer.revocable(),
                offer.nativeReachable()))
        .toList();
  }

  @Override
  public Verdict match(Importer importer, Offer offer, Need need) {
    // The exporter may take what it is asked for: that must not be more than is offered here.
    return offer.access().includes(need.access())
        ? exporter.match(importer, offer, need)
        : new Verdict.KeepLooking(
            need.access() + " asked, " + offer.access() + " offered to another process");
  }

  @Override
  public void attach(Importer importer) {
    exporter.attach(importer);
  }

  @Override
  public Backing allocate(List<SizeClass> classes) {
    throw new UnsupportedOperationException("memory is allocated by " + exporter);
  }
}
