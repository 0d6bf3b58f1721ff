package io.entrepot.examples.orderbook;

import io.entrepot.examples.orderbook.sbe.Side;
import org.agrona.collections.Long2LongHashMap;

/**
 * Resting orders and what they come to at each price, kept from events without allocating: the map
 * has its full size from the start.
 *
 * <pre>
 *  order   63    62         42 41          0
 *          side  |  price     |  quantity
 * </pre>
 */
final class OrderBook implements MarketEvents {
  /** Prices are from 0 to below this. */
  static final int PRICES = 1024;

  private static final long NONE = -1;
  private static final int QUANTITY_BITS = 42;
  private static final long QUANTITY_MASK = (1L << QUANTITY_BITS) - 1;
  private static final int PRICE_MASK = (1 << 20) - 1;
  private static final int SIDE_SHIFT = 62;
  private static final float LOAD_FACTOR = 0.5f;

  private final Long2LongHashMap orders =
      new Long2LongHashMap(2 * Market.MAX_ORDERS, LOAD_FACTOR, NONE);
  private final long[] bids = new long[PRICES];
  private final long[] asks = new long[PRICES];
  private int bestBid = -1;
  private int bestAsk = PRICES;
  private long digest = 17;
  private long events;

  private int snapshotBid;
  private int snapshotAsk;
  private long snapshotErrors;

  @Override
  public void newOrder(long orderId, Side side, int price, long quantity) {
    orders.put(
        orderId, (long) side.value() << SIDE_SHIFT | (long) price << QUANTITY_BITS | quantity);
    add(side, price, quantity);
    digest(orderId ^ quantity << 32 ^ price);
  }

  @Override
  public void cancelled(long orderId) {
    long order = orders.remove(orderId);
    add(side(order), price(order), -quantity(order));
    digest(~orderId);
  }

  @Override
  public void executed(long orderId, int price, long quantity) {
    long order = orders.get(orderId);
    if (quantity == quantity(order)) {
      orders.remove(orderId);
    } else {
      orders.put(orderId, order - quantity);
    }
    add(side(order), price(order), -quantity);
    digest(orderId + quantity * price);
  }

  /** A reader compares the snapshot with the book that it has come to by itself. */
  @Override
  public void snapshotBegins(CharSequence instrument, int levels) {
    snapshotBid = bestBid;
    snapshotAsk = bestAsk;
    digest(levels);
  }

  @Override
  public void snapshotLevel(Side side, int price, long quantity) {
    int expected = side == Side.BID ? snapshotBid : snapshotAsk;
    if (price != expected || quantity != level(side)[price]) {
      snapshotErrors++;
    }
    if (side == Side.BID) {
      snapshotBid = below(price);
    } else {
      snapshotAsk = above(price);
    }
    digest(quantity ^ price);
  }

  /** Tells of the best levels of both sides. */
  void snapshot(CharSequence instrument, int levels, MarketEvents to) {
    int count = 0;
    for (int n = 0, price = bestBid; n < levels && price >= 0; n++, price = below(price)) {
      count++;
    }
    for (int n = 0, price = bestAsk; n < levels && price < PRICES; n++, price = above(price)) {
      count++;
    }
    to.snapshotBegins(instrument, count);
    for (int n = 0, price = bestBid; n < levels && price >= 0; n++, price = below(price)) {
      to.snapshotLevel(Side.BID, price, bids[price]);
    }
    for (int n = 0, price = bestAsk; n < levels && price < PRICES; n++, price = above(price)) {
      to.snapshotLevel(Side.ASK, price, asks[price]);
    }
  }

  private void add(Side side, int price, long quantity) {
    long[] level = level(side);
    level[price] += quantity;
    if (side == Side.BID) {
      bestBid = Math.max(bestBid, price);
      if (bids[bestBid] == 0) {
        bestBid = below(bestBid);
      }
    } else {
      bestAsk = Math.min(bestAsk, price);
      if (asks[bestAsk] == 0) {
        bestAsk = above(bestAsk);
      }
    }
  }

  private int below(int price) {
    int next = price - 1;
    while (next >= 0 && bids[next] == 0) {
      next--;
    }
    return next;
  }

  private int above(int price) {
    int next = price + 1;
    while (next < PRICES && asks[next] == 0) {
      next++;
    }
    return next;
  }

  private void digest(long event) {
    digest = digest * 31 + event;
    events++;
  }

  private long[] level(Side side) {
    return side == Side.BID ? bids : asks;
  }

  private static Side side(long order) {
    return order >>> SIDE_SHIFT == 0 ? Side.BID : Side.ASK;
  }

  private static int price(long order) {
    return (int) (order >>> QUANTITY_BITS) & PRICE_MASK;
  }

  private static long quantity(long order) {
    return order & QUANTITY_MASK;
  }

  int priceOf(long orderId) {
    return price(orders.get(orderId));
  }

  long quantityOf(long orderId) {
    return quantity(orders.get(orderId));
  }

  /** What all resting orders of a side at a price come to. */
  long quantityAt(Side side, int price) {
    return level(side)[price];
  }

  int orders() {
    return orders.size();
  }

  int bestBid() {
    return bestBid;
  }

  int bestAsk() {
    return bestAsk;
  }

  /** Levels of snapshots that were not as in this book. */
  long snapshotErrors() {
    return snapshotErrors;
  }

  /** Of all events in their order and of what they came to. */
  long checksum() {
    long sum = digest * 31 + events;
    for (int price = 0; price < PRICES; price++) {
      sum = (sum * 31 + bids[price]) * 31 + asks[price];
    }
    return sum * 31 + orders.size();
  }
}
