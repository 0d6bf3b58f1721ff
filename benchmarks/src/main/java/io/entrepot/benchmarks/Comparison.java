package io.entrepot.benchmarks;

import java.util.List;

/**
 * What the same takes in different ways, on several numbers of threads, and what it may take.
 *
 * @param row of the design's table; 0 for what has no row
 * @param shortTitle what is done, in a word or two
 * @param title what is done
 * @param type the class whose methods the benchmarks are
 * @param threads the numbers of threads to measure with
 * @param baseline the method that the others are divided by
 * @param contenders all of them, in the order of the table
 * @param goals what is to be reached
 */
record Comparison(
    int row,
    String shortTitle,
    String title,
    Class<?> type,
    List<Integer> threads,
    String baseline,
    List<Contender> contenders,
    List<Goal> goals)
    implements Table {

  /**
   * A target.
   *
   * @param method which must be fast
   * @param peer that it is measured beside
   * @param threads number of threads
   * @param ratioAtMost the most time that it may take, as a part of the peer's
   * @param withoutGarbage whether it must not allocate
   */
  record Goal(
      String method, String peer, int threads, double ratioAtMost, boolean withoutGarbage) {}

  /** The run of a method on a number of threads. */
  Trial trial(String method, int threads) {
    return new Trial(type, method, threads);
  }

  @Override
  public List<Trial> trials() {
    return threads.stream()
        .flatMap(number -> contenders.stream().map(contender -> trial(contender.method(), number)))
        .toList();
  }

  /** What a method is called in tables. */
  String label(String method) {
    return contenders.stream()
        .filter(contender -> contender.method().equals(method))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(type.getSimpleName() + "." + method))
        .label();
  }
}
