package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the mapping type of an attachment: the exporter's offers in its order, each held against
 * the importer's needs; the first that a match takes wins.
 *
 * <p>After the mapping-type negotiation proposed for the kernel's dma-buf in 2026: outer loop over
 * the exporter's list, three-way answer, result frozen in the attachment.
 */
final class Negotiation {
  private Negotiation() {}

  /**
   * Attaches an importer to a pool.
   *
   * @param exporter who decides: the pool's, or one that offers less on its behalf
   */
  static PoolAttachment attach(PoolCore pool, Exporter exporter, Importer importer) {
    Result result = negotiate(exporter, importer);
    if (result.need() == null) {
      pool.numbers().count(PoolCounter.REFUSALS, 1);
      throw new AttachRefusedException(result.table(exporter, importer), null);
    }
    try {
      exporter.attach(importer);
    } catch (RuntimeException refused) {
      pool.numbers().count(PoolCounter.REFUSALS, 1);
      throw new AttachRefusedException(
          "exporter '"
              + exporter.name()
              + "' refused importer '"
              + importer.name()
              + "': "
              + refused.getMessage(),
          refused);
    }
    return new PoolAttachment(pool, importer, result.offer(), result.need());
  }

  static Result negotiate(Exporter exporter, Importer importer) {
    List<String> reasons = new ArrayList<>();
    for (Offer offer : exporter.offers()) {
      for (Need need : importer.needs()) {
        if (offer.type() != need.type()) {
          reasons.add("  " + offer + " against " + need + ": not the same type");
          continue;
        }
        Verdict verdict = exporter.match(importer, offer, need);
        if (verdict instanceof Verdict.Take) {
          return new Result(offer, need, reasons);
        }
        reasons.add("  " + offer + " against " + need + ": " + verdict.reason());
        if (verdict instanceof Verdict.Abort) {
          return new Result(null, null, reasons);
        }
      }
    }
    return new Result(null, null, reasons);
  }

  /** What negotiation came to; offer and need are {@code null} when nothing fits. */
  record Result(Offer offer, Need need, List<String> reasons) {
    String table(Exporter exporter, Importer importer) {
      return "importer '"
          + importer.name()
          + "' cannot attach to exporter '"
          + exporter.name()
          + "'\n offered "
          + exporter.offers()
          + "\n accepted "
          + importer.needs()
          + "\n"
          + String.join("\n", reasons);
    }
  }
}
