package io.entrepot.examples.video;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long frames spend in each stage. Any thread may record. */
final class StageLatencies {
  private static final int SIGNIFICANT_DIGITS = 3;

  private final Map<String, Histogram> stages = new ConcurrentHashMap<>();

  /** Percentiles of one stage in microseconds. */
  record Percentiles(long count, double p50, double p90, double p99, double p999, double max) {}

  void record(String stage, long elapsedNs) {
    stages
        .computeIfAbsent(stage, name -> new ConcurrentHistogram(SIGNIFICANT_DIGITS))
        .recordValue(Math.max(0, elapsedNs));
  }

  /** All stages in alphabetical order. */
  Map<String, Percentiles> percentilesUs() {
    Map<String, Percentiles> all = new LinkedHashMap<>();
    new TreeMap<>(stages)
        .forEach((stage, times) ->
            all.put(
                stage,
                new Percentiles(
                    times.getTotalCount(),
                    us(times, 50),
                    us(times, 90),
                    us(times, 99),
                    us(times, 99.9),
                    us(times, 100))));
    return all;
  }

  private static double us(Histogram times, double percentile) {
    return times.getValueAtPercentile(percentile) / 1_000.0;
  }
}
