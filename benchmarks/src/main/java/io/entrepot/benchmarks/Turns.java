package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Measurement.Ratio;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.openjdk.jmh.util.ListStatistics;

/**
 * Turns of two ping-pongs. What is told of an iteration is a median, for a stop of a millisecond
 * makes a turn that is none; what is told of all iterations is the mean of these.
 *
 * @param iterations those of all rounds, each with its turns
 */
record Turns(List<List<Turn>> iterations) {
  private static final double CONFIDENCE = 0.95;
  private static final double MEDIAN = 50;

  /** Fewest turns of an iteration that tell something. */
  private static final int FEWEST = 10;

  /** These and those of a later round. */
  Turns and(Turns later) {
    return new Turns(Stream.of(this, later).flatMap(all -> all.iterations.stream()).toList());
  }

  /** Those for which something holds, of the iterations where that are not just a few. */
  Turns where(Predicate<Turn> holds) {
    return new Turns(
        iterations.stream()
            .map(turns -> turns.stream().filter(holds).toList())
            .filter(turns -> turns.size() >= FEWEST)
            .toList());
  }

  /** How many there are. */
  long number() {
    return iterations.stream().mapToLong(List::size).sum();
  }

  /** One way of the peer. */
  double peerNs() {
    return over(Turn::peerNs).getMean();
  }

  /** One way of the other. */
  double ns() {
    return over(Turn::ns).getMean();
  }

  /** The other's time as a part of the peer's within turns, with the error over iterations. */
  Ratio ratio() {
    ListStatistics ratios = over(Turn::ratio);
    return new Ratio(ratios.getMean(), ratios.getMeanErrorAt(CONFIDENCE));
  }

  /** What one way of the peer took in each iteration. */
  double[] eachPeerNs() {
    return medians(Turn::peerNs);
  }

  private ListStatistics over(ToDoubleFunction<Turn> what) {
    return new ListStatistics(medians(what));
  }

  private double[] medians(ToDoubleFunction<Turn> what) {
    return iterations.stream()
        .mapToDouble(turns ->
            new ListStatistics(turns.stream().mapToDouble(what).toArray()).getPercentile(MEDIAN))
        .toArray();
  }
}
