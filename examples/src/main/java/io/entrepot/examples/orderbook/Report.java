package io.entrepot.examples.orderbook;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;

/** What a run has measured, as text and as histogram files. */
final class Report {
  private static final double NS_PER_US = 1000.0;

  private Report() {}

  static String of(Plan plan, Outcome outcome) {
    var text = new StringBuilder();
    text.append(
        "%,d messages, %d per frame; %,d frames of warm-up, %,d measured at %s%n"
            .formatted(
                plan.messages(),
                plan.messagesPerFrame(),
                plan.warmupFrames(),
                plan.measuredFrames(),
                plan.messagesPerSecond() == 0
                    ? "full speed"
                    : "%,d messages/s".formatted(plan.messagesPerSecond())));
    text.append(
        "JDK %s, %d processors, idle strategy %s%n"
            .formatted(
                Runtime.version(), Runtime.getRuntime().availableProcessors(), outcome.idle()));
    text.append("%nhand-over, publish to sight, in microseconds%n".formatted());
    text.append(
        "%-12s%10s%10s%10s%10s%10s%n".formatted("reader", "p50", "p90", "p99", "p99.9", "max"));
    latency(text, "book", outcome.book().latencyNs());
    latency(text, "statistics", outcome.statistics().latencyNs());
    text.append("%nbytes allocated in the measured part%n".formatted());
    text.append("%-12s%10s%14s  %s%n".formatted("thread", "bytes", "per message", "per window"));
    long messages = plan.measuredFrames() * plan.messagesPerFrame();
    allocation(text, "writer", outcome.writer(), messages);
    allocation(text, "book", outcome.book().meter(), messages);
    allocation(text, "statistics", outcome.statistics().meter(), messages);
    text.append("%n%s%n".formatted(outcome.trades()));
    OrderBook book = outcome.bookRead();
    text.append(
        "book: %,d orders, best bid %d, best ask %d, %d levels not as in snapshots%n"
            .formatted(book.orders(), book.bestBid(), book.bestAsk(), book.snapshotErrors()));
    text.append(
        "checksum %016x, of the market's own book %016x%n"
            .formatted(book.checksum(), outcome.bookMade().checksum()));
    text.append(
        "buffers: %d, free at the end: %d%n".formatted(outcome.buffers(), outcome.freeAtEnd()));
    return text.toString();
  }

  private static void latency(StringBuilder text, String reader, Histogram ns) {
    text.append(
        "%-12s%10.2f%10.2f%10.2f%10.2f%10.2f%n"
            .formatted(
                reader,
                ns.getValueAtPercentile(50) / NS_PER_US,
                ns.getValueAtPercentile(90) / NS_PER_US,
                ns.getValueAtPercentile(99) / NS_PER_US,
                ns.getValueAtPercentile(99.9) / NS_PER_US,
                ns.getMaxValue() / NS_PER_US));
  }

  private static void allocation(
      StringBuilder text, String thread, AllocationMeter meter, long messages) {
    long[] windows = meter.bytesPerWindow();
    long bytes = LongStream.of(windows).sum();
    text.append(
        "%-12s%10d%14.6f  %s%n"
            .formatted(thread, bytes, (double) bytes / messages, Arrays.toString(windows)));
  }

  /** Writes {@code report.txt} and a histogram for each reader. */
  static void write(Path directory, Plan plan, Outcome outcome) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("report.txt"), of(plan, outcome));
    histogram(directory.resolve("book.hgrm"), outcome.book().latencyNs());
    histogram(directory.resolve("statistics.hgrm"), outcome.statistics().latencyNs());
  }

  private static void histogram(Path file, Histogram ns) throws IOException {
    try (var out = new PrintStream(Files.newOutputStream(file))) {
      ns.outputPercentileDistribution(out, NS_PER_US);
    }
  }
}
