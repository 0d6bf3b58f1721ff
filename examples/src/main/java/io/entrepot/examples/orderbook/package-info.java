/**
 * An order-book pipeline: one thread writes SBE messages into buffers of a pool, two others read
 * them where they lie.
 *
 * <pre>
 *                                              +--&gt; reader 'book'        {@link OrderBook}
 *   {@link Market} --&gt; {@link MarketEncoder} --&gt; feed --+      {@link MarketDecoder}
 *                                              +--&gt; reader 'statistics'  {@link TradeStatistics}
 * </pre>
 *
 * <p>Start at {@link OrderBookPipeline}.
 */
package io.entrepot.examples.orderbook;
