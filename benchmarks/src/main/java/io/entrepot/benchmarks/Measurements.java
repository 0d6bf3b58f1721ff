package io.entrepot.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/** The results of all rounds, one for each benchmark and number of threads. */
final class Measurements {
  private final Map<Key, RunResult> results = new LinkedHashMap<>();

  private record Key(String benchmark, int threads) {}

  /** Adds the result of a round to those of earlier rounds. */
  void add(Comparison comparison, String method, int threads, RunResult result) {
    results.merge(key(comparison, method, threads), result, Measurements::together);
  }

  private static RunResult together(RunResult earlier, RunResult now) {
    return new RunResult(
        now.getParams(),
        Stream.of(earlier, now)
            .map(RunResult::getBenchmarkResults)
            .flatMap(Collection::stream)
            .toList());
  }

  /** What a method of a comparison took. */
  Measurement get(Comparison comparison, String method, int threads) {
    return Measurement.of(results.get(key(comparison, method, threads)));
  }

  private static Key key(Comparison comparison, String method, int threads) {
    return new Key(comparison.type().getSimpleName() + "." + method, threads);
  }

  /** Writes all of it in JMH's own form. */
  void writeJson(Path file) throws IOException {
    List<RunResult> all = new ArrayList<>(results.values());
    try (PrintStream out =
        new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(all);
    }
  }
}
