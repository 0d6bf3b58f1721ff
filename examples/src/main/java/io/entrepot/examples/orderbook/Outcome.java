package io.entrepot.examples.orderbook;

import java.util.List;

/**
 * What a run has come to.
 *
 * @param idle how its threads waited
 * @param writer bytes allocated by the writing thread
 * @param book readings of the reader that keeps the book
 * @param statistics readings of the reader that sums up executions
 * @param bookMade the book that the market had itself
 * @param bookRead the book that came out of the messages
 * @param trades what the other reader summed up
 * @param buffers of the pool
 * @param freeAtEnd of those, when writer and readers had closed
 * @param holders what kept the others, a line each
 */
record Outcome(
    String idle,
    AllocationMeter writer,
    MarketReader.Readings book,
    MarketReader.Readings statistics,
    OrderBook bookMade,
    OrderBook bookRead,
    TradeStatistics trades,
    int buffers,
    int freeAtEnd,
    List<String> holders) {}
