package io.entrepot.flow;

/**
 * What a broadcast does for one reader when that reader has as many unread frames as it may have.
 */
public enum Overflow {
  /**
   * The writer gets no new buffer until the reader has caught up: nothing is lost, unless the
   * reader stands still for longer than the feed's {@linkplain Broadcast#stallLimit stall limit},
   * and is evicted.
   */
  BLOCK,
  /**
   * The reader's oldest unread frame is dropped; it sees the newest ones. So are more of them where
   * the pool is empty and the writer needs a buffer.
   */
  DROP_OLDEST,
  /**
   * The new frame is not delivered to this reader; it sees what came first. What was delivered is
   * its by right: where that is all that there is, the writer waits as for a {@link #BLOCK} reader,
   * and evicts it by the same limit.
   */
  DROP_NEWEST
}
