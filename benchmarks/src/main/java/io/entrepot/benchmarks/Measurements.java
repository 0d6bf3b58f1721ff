package io.entrepot.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/** The results of all rounds, one for each trial. */
final class Measurements {
  private final Map<Trial, RunResult> results = new LinkedHashMap<>();
  private final Map<Trial, Histogram> histograms = new HashMap<>();
  private final Map<Trial, Turns> turns = new HashMap<>();

  /** Adds the result of a round to those of earlier rounds. */
  void add(Trial trial, RunResult result) {
    results.merge(trial, result, Measurements::together);
  }

  /** Adds the histogram of a round to those of earlier rounds. */
  void add(Trial trial, Histogram histogram) {
    histograms.computeIfAbsent(trial, any -> HistogramFile.empty()).add(histogram);
  }

  /** Adds the turns of a round to those of earlier rounds. */
  void add(Trial trial, Turns round) {
    turns.merge(trial, round, Turns::and);
  }

  private static RunResult together(RunResult earlier, RunResult now) {
    return new RunResult(
        now.getParams(),
        Stream.of(earlier, now)
            .map(RunResult::getBenchmarkResults)
            .flatMap(Collection::stream)
            .toList());
  }

  /** What a trial took. */
  Measurement get(Trial trial) {
    return Measurement.of(results.get(trial));
  }

  /** How long what was measured in a trial took each time. */
  Histogram histogram(Trial trial) {
    return histograms.get(trial);
  }

  /** The turns of two ping-pongs in a trial. */
  Turns turns(Trial trial) {
    return turns.get(trial);
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
