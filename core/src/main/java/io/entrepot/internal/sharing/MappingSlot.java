package io.entrepot.internal.sharing;

/**
 * Where a view is mapped: a slot of a port's lane, or, for a part of a view, nowhere of its own.
 */
public final class MappingSlot {
  private static final int PART = -1;

  private final LanePort port;
  private final int number;

  /** Buffer that the slot names now; written by the port's thread. */
  int buffer;

  /** Whether the slot stays with its view between mappings. */
  boolean flyweight;

  /** Whether the mapping keeps readers out. */
  boolean inPlace;

  MappingSlot(LanePort port, int number) {
    this.port = port;
    this.number = number;
  }

  int number() {
    return number;
  }

  MappingSlot part() {
    MappingSlot part = new MappingSlot(port, PART);
    part.buffer = buffer;
    return part;
  }

  void unmap(MappedView view) {
    if (number == PART) {
      view.unbind();
    } else {
      port.unmap(this, view);
    }
  }

  String where() {
    return " (importer '"
        + port.attachment().importer().name()
        + "', pool '"
        + port.attachment().pool().name()
        + "', buffer "
        + buffer
        + ")";
  }
}
