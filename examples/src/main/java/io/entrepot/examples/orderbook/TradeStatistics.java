package io.entrepot.examples.orderbook;

import io.entrepot.examples.orderbook.sbe.Side;

/** Counts orders and sums up executions. */
final class TradeStatistics implements MarketEvents {
  private final StringBuilder instrument = new StringBuilder(8);
  private long newOrders;
  private long cancels;
  private long executions;
  private long snapshots;
  private long volume;
  private long turnover;
  private int lowest = Integer.MAX_VALUE;
  private int highest = Integer.MIN_VALUE;

  @Override
  public void newOrder(long orderId, Side side, int price, long quantity) {
    newOrders++;
  }

  @Override
  public void cancelled(long orderId) {
    cancels++;
  }

  @Override
  public void executed(long orderId, int price, long quantity) {
    executions++;
    volume += quantity;
    turnover += quantity * price;
    lowest = Math.min(lowest, price);
    highest = Math.max(highest, price);
  }

  @Override
  public void snapshotBegins(CharSequence name, int levels) {
    snapshots++;
    instrument.setLength(0);
    instrument.append(name);
  }

  @Override
  public void snapshotLevel(Side side, int price, long quantity) {
    // Levels are the book's affair.
  }

  long messages() {
    return newOrders + cancels + executions + snapshots;
  }

  /** Volume-weighted average price in ticks; NaN before the first execution. */
  double vwap() {
    return (double) turnover / volume;
  }

  @Override
  public String toString() {
    return "%s: %,d orders, %,d cancels, %,d executions, %,d snapshots, volume %,d, VWAP %.3f of %d to %d"
        .formatted(
            instrument, newOrders, cancels, executions, snapshots, volume, vwap(), lowest, highest);
  }
}
