package io.entrepot.contract;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;

/** Importers named {@code importer}, which tests of revocation and closing attach. */
final class Importers {
  private Importers() {}

  static Importer viewing() {
    return Importer.viewing("importer", Access.WRITE);
  }

  /** As those that are elsewhere can be. */
  static Importer reading() {
    return Importer.viewing("importer", Access.READ);
  }

  static Importer reading(MappingType type) {
    return Importer.accepting("importer", Release.BOUNDED, Need.of(type, Access.READ));
  }

  static Importer of(MappingType type) {
    return Importer.accepting("importer", Release.BOUNDED, Need.of(type, Access.WRITE));
  }
}
