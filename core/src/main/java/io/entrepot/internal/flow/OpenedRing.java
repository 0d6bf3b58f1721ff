package io.entrepot.internal.flow;

import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;

/**
 * What a reader reads from.
 *
 * @param ring frames that are published from now on
 * @param backlog frames that were published before, to be read first; {@code null} for none
 */
record OpenedRing(ReaderRing ring, ReaderRing backlog) {
  /** Whether rings of such a reader are whole: see {@link ReaderRing}. */
  static boolean isWhole(Division division, Overflow overflow) {
    return division == Division.EACH && overflow != Overflow.DROP_OLDEST;
  }
}
