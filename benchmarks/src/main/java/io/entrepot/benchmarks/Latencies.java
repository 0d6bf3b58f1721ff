package io.entrepot.benchmarks;

import java.util.List;

/**
 * Histograms of how long something took, each time.
 *
 * @param row of the design's table; 0 for what has no row
 * @param title what is done
 * @param method how it is measured, for people
 * @param chart the chart that it is drawn in
 * @param type the class whose methods the benchmarks are
 * @param contenders all ways to do it, in the order of the table
 */
record Latencies(
    int row,
    String title,
    String method,
    LatencyChart chart,
    Class<?> type,
    List<Contender> contenders)
    implements Table {

  /** What is told of a histogram. */
  static final List<Double> PERCENTILES = List.of(50.0, 90.0, 99.0, 99.9);

  /** A percentile as it is written: 50, 99.9. */
  static String text(double percentile) {
    return Double.toString(percentile).replaceFirst("\\.0$", "");
  }

  /** The run of a contender. */
  Trial trial(Contender contender) {
    return new Trial(type, contender.method(), 1);
  }

  @Override
  public List<Trial> trials() {
    return contenders.stream().map(this::trial).toList();
  }
}
