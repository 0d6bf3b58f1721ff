package io.entrepot.examples.orderbook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.examples.orderbook.sbe.Side;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class OrderBookPipelineTest {
  private static final long SEED = 42;

  /** Checksum of the book after the first 200,000 events of the market with that seed. */
  private static final long KNOWN_CHECKSUM = -640722933490895703L;

  @Test
  void theBookIsTheOneBuiltWithoutThePool() throws Exception {
    Plan plan = new Plan(20_000, 1, 180_000, 1, 0, SEED);
    Outcome outcome = run(plan);
    assertSameBook(directly(plan.messages()), outcome.bookRead());
    assertEquals(KNOWN_CHECKSUM, outcome.bookRead().checksum());
    assertEquals(0, outcome.bookRead().snapshotErrors());
  }

  @Test
  void nothingIsLostOrLeftBehind() throws Exception {
    Plan plan = new Plan(1000, 1, 50_000, 1, 0, SEED);
    Outcome outcome = run(plan);
    assertEquals(plan.frames(), outcome.book().frames());
    assertEquals(plan.frames(), outcome.statistics().frames());
    assertEquals(plan.messages(), outcome.book().messages());
    assertEquals(plan.messages(), outcome.trades().messages());
    assertEquals(plan.measuredFrames(), outcome.book().latencyNs().getTotalCount());
    assertEquals(outcome.buffers(), outcome.freeAtEnd(), () -> outcome.holders().toString());
  }

  @Test
  void severalMessagesTravelInOneFrame() throws Exception {
    Plan plan = new Plan(0, 1, 2000, 25, 0, SEED);
    Outcome outcome = run(plan);
    assertEquals(2000, outcome.book().frames());
    assertEquals(50_000, outcome.book().messages());
    assertSameBook(directly(50_000), outcome.bookRead());
  }

  /**
   * In steady state the three threads allocate not one byte.
   *
   * <p>The JVM's own count for each thread is read between windows of 20,000 messages. Steady state
   * is when the JIT compiler has done its work, which no count of messages can promise on a busy
   * machine: code that is still interpreted allocates what compiled code does not. So the run is
   * long, and its last windows have to show 0 bytes for every thread in the same five at least. A
   * loop that allocates would show at least 16 bytes times 20,000 in each window.
   */
  @Test
  void nothingIsAllocatedInSteadyState() throws Exception {
    int windows = 40;
    Outcome outcome = run(new Plan(500_000, windows, 20_000, 1, 0, SEED));
    long[] writer = outcome.writer().bytesPerWindow();
    long[] book = outcome.book().meter().bytesPerWindow();
    long[] statistics = outcome.statistics().meter().bytesPerWindow();
    int clean = 0;
    for (int i = windows / 2; i < windows; i++) {
      if (writer[i] == 0 && book[i] == 0 && statistics[i] == 0) {
        clean++;
      }
    }
    assertTrue(
        clean >= 5,
        "bytes per window: writer "
            + Arrays.toString(writer)
            + ", book "
            + Arrays.toString(book)
            + ", statistics "
            + Arrays.toString(statistics));
  }

  @Test
  void aRateIsKept() throws Exception {
    Plan plan = new Plan(1000, 1, 2000, 1, 20_000, SEED);
    long startNs = System.nanoTime();
    run(plan);
    assertTrue(System.nanoTime() - startNs >= 1999 * plan.framePeriodNs());
  }

  @Test
  void theReportSaysWhatWasMeasured(@TempDir Path directory) throws Exception {
    Plan plan = new Plan(1000, 2, 1000, 1, 0, SEED);
    Outcome outcome = run(plan);
    Report.write(directory, plan, outcome);
    String report = Files.readString(directory.resolve("report.txt"));
    for (String wanted : new String[] {"p99.9", "per message", "writer", "checksum", "VWAP"}) {
      assertTrue(report.contains(wanted), report);
    }
    for (String file : new String[] {"book.hgrm", "statistics.hgrm"}) {
      String histogram = Files.readString(directory.resolve(file));
      assertTrue(histogram.contains("Total count    =         2000"), histogram);
    }
  }

  @Test
  void aMarketIsTheSameForTheSameSeedOnly() {
    assertEquals(directly(1000).checksum(), directly(1000).checksum());
    var other = new OrderBook();
    var market = new Market(SEED + 1);
    for (int i = 0; i < 1000; i++) {
      market.next(other);
    }
    assertFalse(directly(1000).checksum() == other.checksum());
  }

  private static Outcome run(Plan plan) throws Exception {
    return new OrderBookPipeline(plan, () -> YieldingIdleStrategy.INSTANCE).run();
  }

  private static OrderBook directly(long messages) {
    var book = new OrderBook();
    var market = new Market(SEED);
    for (long i = 0; i < messages; i++) {
      market.next(book);
    }
    assertEquals(market.book().checksum(), book.checksum());
    return book;
  }

  private static void assertSameBook(OrderBook expected, OrderBook actual) {
    for (int price = 0; price < OrderBook.PRICES; price++) {
      for (Side side : new Side[] {Side.BID, Side.ASK}) {
        assertEquals(
            expected.quantityAt(side, price), actual.quantityAt(side, price), side + " " + price);
      }
    }
    assertEquals(expected.orders(), actual.orders());
    assertEquals(expected.checksum(), actual.checksum());
  }
}
