package io.entrepot.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code RESULTS.md} with the last full run. What people wrote below the mark stays; that is where
 * the reasons of missed targets are.
 */
final class ResultsFile {
  private static final String NAME = "RESULTS.md";
  private static final String CHART = "results.png";
  private static final String MARK = "<!-- Written by people from here on. -->";

  private static final String HEAD =
      """
      # Benchmark results

      The last full run of `mvn -B -ntp -Pbench package`, written by `BenchmarkSuite` down to the \
      reasons. Less time is better; every peer ran in the same run.

      """;

  private static final String TAIL =
      """
      %s

      ## Where a target is missed, and why

      Nothing was written yet.
      """
          .formatted(MARK);

  private final Path directory;

  ResultsFile(Path directory) {
    this.directory = directory;
  }

  void write(Report report) throws IOException {
    Chart.write(report.outcomes(), directory.resolve(CHART));
    StringBuilder charts = new StringBuilder(chart("Time as a part of the peer's", CHART));
    for (LatencyChart chart : LatencyChart.values()) {
      chart.write(report.histograms(chart), directory);
      charts.append(chart(chart.title() + " by percentiles", chart.fileName()));
    }
    Path file = directory.resolve(NAME);
    String before = Files.exists(file) ? Files.readString(file) : "";
    int kept = before.indexOf(MARK);
    String tail = kept < 0 ? TAIL : before.substring(kept);
    String text = report.text();
    int targets = text.indexOf("\n## ");
    Files.writeString(
        file, HEAD + text.substring(0, targets) + charts + text.substring(targets) + "\n" + tail);
  }

  private static String chart(String title, String fileName) {
    return "\n![" + title + "](" + fileName + ")\n";
  }
}
