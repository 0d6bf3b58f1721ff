package io.entrepot.benchmarks;

import java.util.List;
import java.util.Map;

/**
 * How the time of each piece grows with the number of pieces.
 *
 * @param row of the design's table; 0 for what has no row
 * @param title what is done
 * @param type the class whose methods the benchmarks are
 * @param parameter the JMH parameter that is the number of pieces
 * @param sizes the numbers of pieces, growing
 * @param contenders all ways to do it, in the order of the table
 */
record Growth(
    int row,
    String title,
    Class<?> type,
    String parameter,
    List<Integer> sizes,
    List<Contender> contenders)
    implements Table {

  /** The run of a method over a number of pieces. */
  Trial trial(String method, int size) {
    return new Trial(type, method, 1, Map.of(parameter, Integer.toString(size)));
  }

  @Override
  public List<Trial> trials() {
    return contenders.stream()
        .flatMap(contender -> sizes.stream().map(size -> trial(contender.method(), size)))
        .toList();
  }

  /** By how much a piece may take longer at the last size than at the first, if n take n log n. */
  double logarithmic() {
    return Math.log(sizes.getLast()) / Math.log(sizes.getFirst());
  }
}
