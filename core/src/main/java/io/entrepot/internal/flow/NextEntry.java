package io.entrepot.internal.flow;

import io.entrepot.internal.sharing.PoolCore;

/** The frame that a port is to take next: of its reader's backlog first, then of its ring. */
final class NextEntry {
  /** How often at a time an entry is looked for that is gone again. */
  private final int mostLooks;

  private final Upstream feed;
  private final PoolCore pool;

  /** What is published from the join on. */
  private final ReaderRing newest;

  /** Where frames are taken from now: the backlog, as long as something is in it. */
  private ReaderRing ring;

  private final RingEntry seen = new RingEntry();

  /** Where it was found, from which cursor. */
  private long cursor;

  private long position;

  /**
   * Of the rings of a reader.
   *
   * @param backlog complete, or {@code null} for none
   */
  NextEntry(Upstream feed, PoolCore pool, ReaderRing backlog, ReaderRing newest, int mostLooks) {
    this.feed = feed;
    this.pool = pool;
    this.newest = newest;
    this.ring = backlog == null ? newest : backlog;
    this.mostLooks = mostLooks;
  }

  /** The entry that was looked at. */
  RingEntry seen() {
    return seen;
  }

  /** Looks at the next entry; false when there is none. */
  boolean look() {
    for (int looks = 0; looks < mostLooks; looks++) {
      if (ring.isClosed()) {
        // A backlog alone is closed by an exporter that means to hold us up: there is nothing in
        // it.
        if (goOn()) {
          continue;
        }
        return false;
      }
      cursor = ring.cursor();
      position = ring.next(cursor);
      if (ring.isPublished(position)) {
        seen.read(ring, position);
        if (pool.isBuffer(seen.buffer) && seen.isWithin(pool.byteSize(seen.buffer))) {
          return true;
        }
        requireGone();
      } else if (ring.next() == position && !goOn()) {
        return false;
      }
    }
    return false;
  }

  /** Leaves a backlog in which nothing is left, and to which nothing comes; false if in none. */
  private boolean goOn() {
    if (ring == newest) {
      return false;
    }
    ring = newest;
    // The feed may forget the backlog.
    feed.left();
    return true;
  }

  /** The number of its layout, where another process has written it. */
  long layoutNumber() {
    return ring.layoutNumber(position);
  }

  /** Takes the entry that was looked at; false when another thread did, or it was dropped. */
  boolean claim() {
    return ring.claim(cursor, position) && !ring.wasDropped(position);
  }

  /** An entry that makes no sense was overwritten under our eyes: so it was dropped, or taken. */
  void requireGone() {
    if (ring.isNext(position)) {
      throw new IllegalStateException(
          "entry "
              + position
              + " of feed '"
              + feed.name()
              + "' names buffer "
              + seen.buffer
              + " with "
              + seen.validLength
              + " bytes from "
              + seen.validOffset
              + " on, which pool '"
              + pool.name()
              + "' of "
              + pool.buffers()
              + " buffers does not have");
    }
  }

  /** Whether it is worth a look, for there is an entry, or none will come. */
  boolean isReadable() {
    return ring != newest || newest.hasNext() || newest.isOver() || newest.isClosed();
  }

  /** Whether nothing is there, and nothing comes. */
  boolean isEnded() {
    return newest.isClosed()
        || ((newest.isOver() || feed.isLost())
            && !newest.hasNext()
            && (ring == newest || !ring.hasNext()));
  }
}
