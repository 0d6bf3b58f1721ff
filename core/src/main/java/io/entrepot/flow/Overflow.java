package io.entrepot.flow;

/**
 * What a broadcast does for one reader when that reader has as many unread frames as it may have.
 */
public enum Overflow {
  /** The writer gets no new buffer until the reader has caught up: nothing is lost. */
  BLOCK,
  /** The reader's oldest unread frame is dropped; it sees the newest ones. */
  DROP_OLDEST,
  /** The new frame is not delivered to this reader; it sees what came first. */
  DROP_NEWEST
}
