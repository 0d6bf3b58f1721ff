package io.entrepot.internal.sharing;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.CpuAccess;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import java.util.List;
import java.util.Optional;

/** Answers whether an importer could have CPU access, and under which conditions. */
public final class CpuAccessQuery {
  private CpuAccessQuery() {}

  /** The answer for an importer, whether or not it is attached or asks for windows at all. */
  public static CpuAccess of(PoolCore pool, Importer importer) {
    Exporter exporter = pool.exporter();
    List<String> windows = pool.attachments().openWindows();
    Optional<Offer> offer =
        exporter.offers().stream().filter(o -> o.type() == MappingType.CPU_WINDOW).findFirst();
    Access access = offer.map(Offer::access).orElse(Access.READ);
    String reason =
        offer.isEmpty()
            ? "exporter '" + exporter.name() + "' offers no CPU window: " + exporter.offers()
            : exporter
                .match(importer, offer.get(), Need.of(MappingType.CPU_WINDOW, access))
                .reason();
    return new CpuAccess(
        reason.isEmpty(),
        reason,
        access,
        true,
        exporter.coherent(),
        "a window ends when its thread closes it; a revocation waits for that until its deadline,"
            + " then reports the buffer as quarantined",
        windows);
  }
}
