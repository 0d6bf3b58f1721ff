package io.entrepot.internal.flow;

import io.entrepot.flow.Overflow;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.FrameLayout;

/**
 * What a writer needs of a reader beside its ring: the reader may be of this process, or of
 * another.
 */
interface Subscriber {
  /**
   * The reader, by its attachment; {@code null} where this is only what a reader has beside its
   * ring, or nobody's.
   */
  PoolAttachment reader();

  /** Name of the importer. */
  String name();

  /** The ring to deliver to. */
  ReaderRing ring();

  /** What the reader reads before that; {@code null} for nothing. */
  ReaderRing backlog();

  /** What to do when the ring has no room. */
  Overflow overflow();

  /**
   * Whether a new frame is for the ring, if there is room; asked with each frame, before it has
   * holds. A layout that is new is known from here on: it needs memory, and there may be none.
   * Writer only.
   */
  boolean takesFrames(FrameLayout frame);

  /** Closes the ring of a reader that was revoked, so that its frames come back. */
  void closeIfRevoked();

  /** Whether nobody reads the ring any more; closes it first, if its reader was revoked. */
  boolean isGone();

  /** Takes the memory back from a reader that holds the writer up, and its frames with it. */
  void evict();

  /** Nobody will push to the closed ring any more. */
  void leftFeed();

  /** Ends the reader, for a feed that closes. */
  void close();

  /** Wakes threads of another process that sleep at the ring, after something was pushed to it. */
  void wake();

  /** What the ring says of a frame's layout: a number, for a reader of another process. */
  int layoutNumber(FrameLayout frame);

  /** How long the reader has stood still. Writer only. */
  Stall stall();
}
