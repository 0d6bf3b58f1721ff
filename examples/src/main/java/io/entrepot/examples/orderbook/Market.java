package io.entrepot.examples.orderbook;

import io.entrepot.examples.orderbook.sbe.Side;
import java.util.SplittableRandom;

/**
 * A made-up market: the same events for the same seed, without allocating.
 *
 * <p>Bids are below the middle price and asks above it, so orders never cross; executions hit
 * resting orders at random.
 */
final class Market {
  static final String INSTRUMENT = "EPOT";

  /** A snapshot of the book is due after this many events. */
  static final int EVENTS_PER_SNAPSHOT = 256;

  static final int SNAPSHOT_LEVELS = 5;

  /** Resting orders at one time, at most. */
  static final int MAX_ORDERS = 4096;

  private static final int MIDDLE_PRICE = OrderBook.PRICES / 2;
  private static final int SPREAD = 64;
  private static final int MAX_QUANTITY = 1000;

  private final SplittableRandom random;

  /** The market's own book: what readers must come to, and where snapshots come from. */
  private final OrderBook book = new OrderBook();

  private final long[] resting = new long[MAX_ORDERS];
  private int restingCount;
  private long nextOrderId = 1;
  private long events;

  Market(long seed) {
    random = new SplittableRandom(seed);
  }

  OrderBook book() {
    return book;
  }

  /** Tells of the next event. */
  void next(MarketEvents to) {
    if (++events % EVENTS_PER_SNAPSHOT == 0) {
      book.snapshot(INSTRUMENT, SNAPSHOT_LEVELS, to);
      book.snapshot(INSTRUMENT, SNAPSHOT_LEVELS, book);
      return;
    }
    int kind = random.nextInt(100);
    if (restingCount == 0 || kind < 55 && restingCount < MAX_ORDERS) {
      newOrder(to);
    } else if (kind < 80) {
      cancel(to);
    } else {
      execute(to);
    }
  }

  private void newOrder(MarketEvents to) {
    long orderId = nextOrderId++;
    Side side = random.nextBoolean() ? Side.BID : Side.ASK;
    int distance = 1 + random.nextInt(SPREAD);
    int price = side == Side.BID ? MIDDLE_PRICE - distance : MIDDLE_PRICE + distance;
    long quantity = 1 + random.nextInt(MAX_QUANTITY);
    resting[restingCount++] = orderId;
    book.newOrder(orderId, side, price, quantity);
    to.newOrder(orderId, side, price, quantity);
  }

  private void cancel(MarketEvents to) {
    int chosen = random.nextInt(restingCount);
    long orderId = resting[chosen];
    forget(chosen);
    book.cancelled(orderId);
    to.cancelled(orderId);
  }

  private void execute(MarketEvents to) {
    int chosen = random.nextInt(restingCount);
    long orderId = resting[chosen];
    int price = book.priceOf(orderId);
    long rest = book.quantityOf(orderId);
    long quantity = Math.min(rest, 1 + random.nextInt(MAX_QUANTITY));
    if (quantity == rest) {
      forget(chosen);
    }
    book.executed(orderId, price, quantity);
    to.executed(orderId, price, quantity);
  }

  private void forget(int chosen) {
    resting[chosen] = resting[--restingCount];
  }
}
