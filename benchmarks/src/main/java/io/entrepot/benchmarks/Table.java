package io.entrepot.benchmarks;

import java.util.List;

/** Benchmarks that do the same in different ways, to be read side by side in one table. */
sealed interface Table permits Comparison, Growth, Latencies, PairedComparison {
  /** Row of the design's table; 0 for what has no row. */
  int row();

  /** What is done. */
  String title();

  /** The class whose methods the benchmarks are. */
  Class<?> type();

  /** All ways to do it, in the order of the table. */
  List<Contender> contenders();

  /** All that is to be run for it. */
  List<Trial> trials();

  /**
   * One way to do it.
   *
   * @param method of the benchmark
   * @param label for people
   */
  record Contender(String method, String label) {}
}
