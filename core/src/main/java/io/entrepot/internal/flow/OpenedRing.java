package io.entrepot.internal.flow;

/**
 * What a reader reads from.
 *
 * @param ring frames that are published from now on
 * @param backlog frames that were published before, to be read first; {@code null} for none
 */
record OpenedRing(ReaderRing ring, ReaderRing backlog) {}
