package io.entrepot.examples.orderbook;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/**
 * Runs the pipeline: messages are encoded into buffers of a pool by one thread and decoded from the
 * same bytes by two, with nothing copied, lost or allocated.
 *
 * <p>{@code mvn -B -ntp -q -Porderbook package}; {@code -DorderbookArgs="-Dorderbook.rate=500000"}
 * and the other properties of {@link Plan#ofProperties()} change what it does. The report goes to
 * {@code examples/target/orderbook}.
 */
public final class OrderBookPipeline {
  private static final int BUFFERS = 256;
  private static final int DEPTH = 64;
  private static final int THREADS = 3;

  private final Plan plan;
  private final Supplier<IdleStrategy> idle;

  OrderBookPipeline(Plan plan, Supplier<IdleStrategy> idle) {
    this.plan = plan;
    this.idle = idle;
  }

  /** Runs the pipeline, prints the report and writes it with its histograms. */
  public static void main(String[] args)
      throws IOException, ExecutionException, InterruptedException {
    Plan plan = Plan.ofProperties();
    Outcome outcome = new OrderBookPipeline(plan, OrderBookPipeline::idleStrategy).run();
    System.out.print(Report.of(plan, outcome));
    Report.write(
        Path.of(System.getProperty("orderbook.report", "examples/target/orderbook")),
        plan,
        outcome);
  }

  /** Threads that have a processor each spin; others must let each other run. */
  static IdleStrategy idleStrategy() {
    return Runtime.getRuntime().availableProcessors() > THREADS
        ? BusySpinIdleStrategy.INSTANCE
        : YieldingIdleStrategy.INSTANCE;
  }

  Outcome run() throws ExecutionException, InterruptedException {
    var market = new Market(plan.seed());
    var book = new OrderBook();
    var trades = new TradeStatistics();
    long bufferBytes = (long) MarketEncoder.MAX_MESSAGE_BYTES * plan.messagesPerFrame();
    try (var pool = BufferPool.offHeap("order messages", bufferBytes, BUFFERS);
        var threads = Executors.newFixedThreadPool(THREADS)) {
      Future<AllocationMeter> writing;
      Future<MarketReader.Readings> keeping;
      Future<MarketReader.Readings> counting;
      try (var feed = pool.broadcast("orders");
          FeedReader keeper = feed.join("book", Access.READ, Overflow.BLOCK, DEPTH);
          FeedReader counter = feed.join("statistics", Access.READ, Overflow.BLOCK, DEPTH)) {
        keeping = threads.submit(new MarketReader(keeper, plan, book, idle.get()));
        counting = threads.submit(new MarketReader(counter, plan, trades, idle.get()));
        writing = threads.submit(new MarketWriter(feed, plan, market, idle.get()));
        writing.get();
        keeping.get();
        counting.get();
      }
      // Asking for holders takes back what readers have passed; after it, free is what it says.
      List<String> holders = pool.holders();
      return new Outcome(
          idle.get().alias(),
          writing.get(),
          keeping.get(),
          counting.get(),
          market.book(),
          book,
          trades,
          BUFFERS,
          pool.statistics().free(),
          holders);
    }
  }
}
