package io.entrepot.examples.aeron;

import java.util.function.Consumer;

/**
 * Says what is wrong with what comes off the wire, in one line each: the first time, then the
 * second, fourth, eighth and so on, so that a flood of it floods no log.
 */
final class Complaints {
  private final Consumer<String> log;
  private long count;

  Complaints(Consumer<String> log) {
    this.log = log;
  }

  /** How many there were, said or not. */
  long count() {
    return count;
  }

  void add(String line) {
    count++;
    if (Long.bitCount(count) == 1) {
      log.accept(count == 1 ? line : line + " (the " + count + "th of this kind)");
    }
  }
}
