package io.entrepot.benchmarks;

import java.util.Map;

/**
 * A benchmark in one setting: what runs in a JVM of its own in each round.
 *
 * @param type the class whose method the benchmark is
 * @param method the method
 * @param threads number of threads
 * @param parameters JMH parameters that are set, by name
 */
record Trial(Class<?> type, String method, int threads, Map<String, String> parameters) {
  Trial(Class<?> type, String method, int threads) {
    this(type, method, threads, Map.of());
  }

  /** Name of the benchmark to JMH. */
  String benchmark() {
    return type.getName() + "." + method;
  }

  @Override
  public String toString() {
    return type.getSimpleName() + "." + method + (parameters.isEmpty() ? "" : " " + parameters);
  }
}
