package io.entrepot.benchmarks;

/**
 * What the reader of a stream has seen, to be checked against what was sent: the numbers from 0 on.
 *
 * @param messages how many came
 * @param sum of the numbers in them
 */
record Tally(long messages, long sum) {
  /** All of so many. */
  static Tally ofFirst(long messages) {
    return new Tally(messages, messages * (messages - 1) / 2);
  }
}
