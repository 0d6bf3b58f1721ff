package io.entrepot.examples.aeron;

import org.HdrHistogram.Histogram;

/** Percentiles of times, in microseconds. */
record Percentiles(long count, double p50, double p90, double p99, double p999, double max) {
  private static final double NS_PER_US = 1000.0;

  static Percentiles of(Histogram ns) {
    return new Percentiles(
        ns.getTotalCount(),
        ns.getValueAtPercentile(50) / NS_PER_US,
        ns.getValueAtPercentile(90) / NS_PER_US,
        ns.getValueAtPercentile(99) / NS_PER_US,
        ns.getValueAtPercentile(99.9) / NS_PER_US,
        ns.getMaxValue() / NS_PER_US);
  }
}
