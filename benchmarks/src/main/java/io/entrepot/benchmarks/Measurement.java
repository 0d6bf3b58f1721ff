package io.entrepot.benchmarks;

import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What one benchmark took.
 *
 * @param ns mean time of an operation in nanoseconds
 * @param errorNs half of the 95 % confidence interval of the mean
 * @param bytes allocated by an operation
 * @param aborts how often a thousand operations began again; {@code NaN} where that is not counted
 */
record Measurement(double ns, double errorNs, double bytes, double aborts) {
  private static final double CONFIDENCE = 0.95;
  private static final double MEDIAN = 50;
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  /** The counter of {@link ReservationSetBenchmark}. */
  private static final String ABORTS = "aborts";

  /** Allocation below this, in bytes, is that of the harness. */
  static final double NO_BYTES = 0.5;

  static Measurement of(RunResult run) {
    Result<?> time = run.getPrimaryResult();
    double errorNs = time.getStatistics().getMeanErrorAt(CONFIDENCE);
    // The median, for the last iteration counts what closing a benchmark's state allocates.
    Result<?> bytes = run.getSecondaryResults().get(ALLOCATED);
    return new Measurement(
        time.getScore(), errorNs, bytes.getStatistics().getPercentile(MEDIAN), aborts(run));
  }

  private static double aborts(RunResult run) {
    Result<?> aborts = run.getSecondaryResults().get(ABORTS);
    if (aborts == null) {
      return Double.NaN;
    }
    long operations =
        run.getBenchmarkResults().stream()
            .mapToLong(result -> result.getMetadata().getMeasurementOps())
            .sum();
    return 1000 * aborts.getScore() / operations;
  }

  /** The same for each of several pieces that an operation is made of. */
  Measurement each(int pieces) {
    return new Measurement(ns / pieces, errorNs / pieces, bytes / pieces, aborts);
  }

  /** This one's time as a part of another's. */
  Ratio to(Measurement peer) {
    double value = ns / peer.ns;
    return new Ratio(value, value * Math.hypot(errorNs / ns, peer.errorNs / peer.ns));
  }

  boolean countsAborts() {
    return !Double.isNaN(aborts);
  }

  boolean isWithoutGarbage() {
    return bytes < NO_BYTES;
  }

  /**
   * A quotient of two measurements.
   *
   * @param value the quotient
   * @param error half of its 95 % confidence interval, from the errors of both sides
   */
  record Ratio(double value, double error) {
    /** The upper end of the interval; the value where one round alone tells no error. */
    double highest() {
      return Double.isNaN(error) ? value : value + error;
    }
  }
}
