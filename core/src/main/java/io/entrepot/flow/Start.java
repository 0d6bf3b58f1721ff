package io.entrepot.flow;

/**
 * Where a reader begins that joins a feed to which frames were published already: with one that the
 * feed has {@linkplain Broadcast#retain retained}, or with the next.
 *
 * <p>Where nothing is retained all three are the same.
 */
public enum Start {
  /** With the first frame that is published from now on. */
  NEXT,
  /** With the newest frame that is retained, and then what is published. */
  NEWEST,
  /**
   * With the oldest frame that is retained, but with no more frames before the next one than the
   * reader's depth, and then what is published.
   */
  OLDEST
}
