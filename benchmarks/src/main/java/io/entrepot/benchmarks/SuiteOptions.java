package io.entrepot.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What to run and for how long.
 *
 * @param rows rows of the design to run; empty for all, and what has no row
 * @param rounds forked JVMs for each benchmark and number of threads
 * @param warmups warm-up iterations in each of them
 * @param iterations measuring iterations in each of them
 * @param iterationMs length of an iteration in milliseconds
 */
record SuiteOptions(Set<Integer> rows, int rounds, int warmups, int iterations, int iterationMs) {

  static final String USAGE =
      """
      arguments: [rows=0,1,2,3,4,5] [rounds=3] [quick]
        rows     only these rows, 0 for what has none; RESULTS.md stays as it is
        rounds   JVMs for each benchmark and number of threads, 2 or more for RESULTS.md
        quick    one short round, to see that all of it works; RESULTS.md stays as it is
      What is measured is also in target/results.md, whatever the arguments.\
      """;

  private static final int ROUNDS = 3;
  private static final int ITERATION_MS = 350;

  /** Fewest rounds that may be kept: one JVM tells nothing about the next. */
  private static final int ROUNDS_TO_KEEP = 2;

  /** Options by the command line, as {@link #USAGE} tells. */
  static SuiteOptions parse(String... args) {
    Set<Integer> rows = Set.of();
    int rounds = ROUNDS;
    boolean quick = false;
    for (String arg : args) {
      if (arg.equals("quick")) {
        quick = true;
      } else if (arg.startsWith("rows=")) {
        rows =
            Arrays.stream(arg.substring("rows=".length()).split(","))
                .map(Integer::valueOf)
                .collect(Collectors.toCollection(TreeSet::new));
      } else if (arg.startsWith("rounds=")) {
        rounds = Integer.parseInt(arg.substring("rounds=".length()));
      } else {
        throw new IllegalArgumentException("'" + arg + "' is not known\n" + USAGE);
      }
    }
    return quick
        ? new SuiteOptions(rows, 1, 1, 1, 100)
        : new SuiteOptions(rows, rounds, 4, 4, ITERATION_MS);
  }

  /** The tables to fill. */
  List<Table> tables() {
    return Catalogue.tables().stream()
        .filter(table -> rows.isEmpty() || rows.contains(table.row()))
        .toList();
  }

  /** Whether times are to be read at all. */
  boolean isMeasuring() {
    return iterationMs >= ITERATION_MS;
  }

  /** Whether this is a run to keep: everything, often enough. */
  boolean isFull() {
    return rows.isEmpty() && rounds >= ROUNDS_TO_KEEP;
  }
}
