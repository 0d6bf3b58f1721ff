package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Measurement.Ratio;
import io.entrepot.benchmarks.Table.Contender;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** What was measured, in Markdown, each kind of table in its form. */
final class Numbers {
  private static final double NS_PER_US = 1e3;

  private final Measurements measurements;
  private final StringBuilder text;

  /** Numbers that are appended to a text. */
  Numbers(Measurements measurements, StringBuilder text) {
    this.measurements = measurements;
    this.text = text;
  }

  void append(Table table) {
    String row = table.row() == 0 ? "" : "Row " + table.row() + ". ";
    text.append(format("%n## %s%s%n%n", row, table.title()));
    switch (table) {
      case Comparison comparison -> appendComparison(comparison);
      case Growth growth -> appendGrowth(growth);
      case Latencies latencies -> appendLatencies(latencies);
      case PairedComparison paired -> appendPaired(paired);
    }
  }

  private void appendComparison(Comparison comparison) {
    boolean countsAborts =
        comparison.trials().stream().anyMatch(trial -> measurements.get(trial).countsAborts());
    appendHead(
        Stream.concat(
            Stream.of("threads", "ns", "bytes", "/ " + comparison.label(comparison.baseline())),
            countsAborts ? Stream.of("aborts in 1000") : Stream.of()));
    for (int threads : comparison.threads()) {
      Measurement baseline = measurements.get(comparison.trial(comparison.baseline(), threads));
      for (Contender contender : comparison.contenders()) {
        Measurement own = measurements.get(comparison.trial(contender.method(), threads));
        text.append(
            format(
                "| %s | %d | %s | %s | %s |",
                contender.label(),
                threads,
                timeText(own),
                bytesText(own),
                ratioText(own.to(baseline))));
        if (countsAborts) {
          text.append(own.countsAborts() ? format(" %.2f |", own.aborts()) : " – |");
        }
        text.append("\n");
      }
    }
  }

  private void appendGrowth(Growth growth) {
    appendHead(
        Stream.concat(
            growth.sizes().stream().map(size -> format("n = %,d", size)),
            Stream.of("last / first")));
    for (Contender contender : growth.contenders()) {
      List<Measurement> each =
          growth.sizes().stream()
              .map(size -> measurements.get(growth.trial(contender.method(), size)).each(size))
              .toList();
      text.append("| ").append(contender.label());
      each.forEach(own -> text.append(" | ").append(timeText(own)));
      text.append(format(" | %s |%n", ratioText(each.getLast().to(each.getFirst()))));
    }
    text.append(
        format(
            "%nSteps that grow as n log n make %.2f of last / first, as n² %d; what is beyond the"
                + " processor's caches costs more besides.%n",
            growth.logarithmic(), growth.sizes().getLast() / growth.sizes().getFirst()));
  }

  private void appendLatencies(Latencies latencies) {
    text.append(latencies.method()).append("\n\n");
    appendHead(
        Stream.concat(
            Latencies.PERCENTILES.stream().map(percentile -> "p" + Latencies.text(percentile)),
            Stream.of("max, µs", "times")));
    for (Contender contender : latencies.contenders()) {
      Histogram own = measurements.histogram(latencies.trial(contender));
      text.append("| ").append(contender.label());
      for (double percentile : Latencies.PERCENTILES) {
        text.append(" | ").append(microseconds(own.getValueAtPercentile(percentile)));
      }
      text.append(format(" | %s | %d |%n", microseconds(own.getMaxValue()), own.getTotalCount()));
    }
  }

  private void appendPaired(PairedComparison paired) {
    Placement placement = Placement.of(paired, measurements);
    text.append(
        format(
            "Measured in turns, between the same two threads or processes, hundreds in an"
                + " iteration: %,d round trips of %s, %,d of a frame, %,d of %s again, with the"
                + " clock read in between. So wherever the host of a virtual machine has put the"
                + " two cores, both meet it. Times are one way. An iteration counts with the"
                + " medians of its turns, the ratio being taken within each turn; a line is the"
                + " mean over iterations, with its 95 %% confidence interval. ",
            PairedPingPong.ROUND_TRIPS,
            paired.peer(),
            2 * PairedPingPong.ROUND_TRIPS,
            PairedPingPong.ROUND_TRIPS,
            paired.peer()));
    text.append(
        format(
            placement.hasChanged()
                ? "In the fastest iteration %s took %.0f ns, in the slowest %.0f: the cores count"
                    + " as near in turns where it took less than %.0f, halfway between, else as"
                    + " far.%n%n"
                : "In the fastest iteration %s took %.0f ns, in the slowest %.0f: the cores stayed"
                    + " where they were.%n%n",
            paired.peer(),
            placement.fastestNs(),
            placement.slowestNs(),
            placement.nearBelowNs()));
    appendHead(
        Stream.of("cores", "turns, %", paired.peer() + ", ns", "frame, ns", "bytes", "ratio"));
    for (Placement.Line line : placement.lines(paired, measurements)) {
      text.append(
          format(
              "| %s | %s | %.0f | %.1f | %.1f | %s | %s |%n",
              line.label(),
              line.cores(),
              100 * line.share(),
              line.turns().peerNs(),
              line.turns().ns(),
              bytesText(line.own()),
              ratioText(line.turns().ratio())));
    }
  }

  private void appendHead(Stream<String> columns) {
    List<String> names = columns.toList();
    text.append("| | ").append(String.join(" | ", names)).append(" |\n| ---");
    text.append(names.stream().map(name -> " | ---").collect(Collectors.joining())).append(" |\n");
  }

  private static String microseconds(long ns) {
    double us = ns / NS_PER_US;
    return format(us < 10 ? "%.2f" : "%.1f", us);
  }

  private static String timeText(Measurement measurement) {
    String digits = measurement.ns() < 10 ? "%.2f ± %.2f" : "%.1f ± %.1f";
    return format(digits, measurement.ns(), measurement.errorNs());
  }

  private static String bytesText(Measurement measurement) {
    return measurement.isWithoutGarbage() ? "0" : format("%.0f", measurement.bytes());
  }

  /** A quotient with its error, which too few iterations do not tell. */
  static String ratioText(Ratio ratio) {
    return Double.isNaN(ratio.error())
        ? format("%.2f ± ?", ratio.value())
        : format("%.2f ± %.2f", ratio.value(), ratio.error());
  }

  /** Text that is the same in every country. */
  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
