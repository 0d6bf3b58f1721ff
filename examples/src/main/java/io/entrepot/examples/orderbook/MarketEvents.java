package io.entrepot.examples.orderbook;

import io.entrepot.examples.orderbook.sbe.Side;

/** What happens in the market of one instrument, in order. Prices are in ticks. */
interface MarketEvents {

  void newOrder(long orderId, Side side, int price, long quantity);

  void cancelled(long orderId);

  void executed(long orderId, int price, long quantity);

  /**
   * A snapshot of the book begins.
   *
   * @param instrument its name, valid during the call
   * @param levels how many calls of {@link #snapshotLevel} follow
   */
  void snapshotBegins(CharSequence instrument, int levels);

  /** The next best price level of a side, the bids first. */
  void snapshotLevel(Side side, int price, long quantity);
}
