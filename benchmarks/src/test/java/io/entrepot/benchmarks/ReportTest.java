package io.entrepot.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.AverageTimeResult;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ResultRole;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.ScalarResult;

/** What was measured in turns is told for each placement of the cores, in text and chart. */
class ReportTest {
  private static final SuiteOptions ROW_5 = SuiteOptions.parse("rows=5");
  private static final List<Turn> NEAR = Collections.nCopies(300, new Turn(40, 160));
  private static final List<Turn> FAR = Collections.nCopies(100, new Turn(180, 198));

  @TempDir Path directory;

  @Test
  void targetsAreToldNearAndFar() {
    String text = report(new Turns(List.of(NEAR, NEAR, NEAR, FAR, FAR, FAR)), 0).text();
    assertTells(
        text,
        "| 5 | Threads: Entrepot feeds, 64 B / a volatile word, cores near | 4.00 ± 0.00 | 1.30 |"
            + " **missed** by 208 % |");
    assertTells(
        text,
        "| 5 | Threads: Entrepot feeds, 64 B / a volatile word, cores far | 1.10 ± 0.00 | 1.30 |"
            + " met |");
    assertTells(
        text,
        "| 5 | Size: Entrepot feeds between processes, 12 MiB / a frame of 64 B, cores far |"
            + " 1.10 ± 0.00 | 1.10 | met |");
    assertTells(text, "| Entrepot feeds, 4 KiB | near | 75 | 40.0 | 160.0 | 0 | 4.00 ± 0.00 |");
    assertTells(text, "| Entrepot feeds, 4 KiB | far | 25 | 180.0 | 198.0 | 0 | 1.10 ± 0.00 |");
    assertTells(text, "| Entrepot feeds, 4 KiB | all | 100 | 110.0 | 179.0 | 0 | 2.55 ± 1.67 |");
  }

  @Test
  void coresThatStayedHaveOneTarget() {
    Report report = report(new Turns(List.of(FAR, FAR)), 0);
    assertTells(
        report.text(),
        "| 5 | Processes: Entrepot feeds, 1 MiB / a volatile word | 1.10 ± ? | 1.30 | met |");
    assertTells(report.text(), "the cores stayed where they were");
    assertEquals(12, report.outcomes().size());
  }

  @Test
  void garbageIsTold() {
    assertTells(
        report(new Turns(List.of(FAR, FAR)), 32).text(),
        "| 5 | Threads: Entrepot feeds, 64 B / a volatile word | 1.10 ± ? | 1.30 | met;"
            + " **allocates** 32 B |");
  }

  @Test
  void aChartIsDrawn() throws IOException {
    Path file = directory.resolve("chart.png");
    Report report = report(new Turns(List.of(NEAR, NEAR, NEAR, FAR, FAR, FAR)), 0);
    Chart.write(report.outcomes(), file);
    assertTrue(ImageIO.read(file.toFile()).getWidth() > 0);
  }

  private static void assertTells(String text, String line) {
    assertTrue(text.contains(line), () -> line + "\nis not in\n" + text);
  }

  /** Of a run where each trial of two in turns came out the same. */
  private static Report report(Turns turns, int bytes) {
    Measurements measurements = new Measurements();
    for (Table table : ROW_5.tables()) {
      for (Trial trial : table.trials()) {
        measurements.add(trial, result(bytes));
        switch (table) {
          case PairedComparison _ -> measurements.add(trial, turns);
          case Latencies _ -> measurements.add(trial, histogram());
          case Comparison _, Growth _ -> {
            // Nothing but the result.
          }
        }
      }
    }
    return new Report(ROW_5, measurements);
  }

  /** A microsecond for each operation, and for each way of a turn so many bytes. */
  private static RunResult result(int bytes) {
    IterationResult iteration = new IterationResult(null, null, null);
    iteration.addResult(
        new AverageTimeResult(ResultRole.PRIMARY, "any", 1, 1_000, TimeUnit.NANOSECONDS));
    iteration.addResult(
        new ScalarResult(
            "gc.alloc.rate.norm",
            (double) bytes * PairedPingPong.WAYS,
            "B/op",
            AggregationPolicy.AVG));
    return new RunResult(null, List.of(new BenchmarkResult(null, List.of(iteration))));
  }

  private static Histogram histogram() {
    Histogram one = HistogramFile.empty();
    one.recordValue(1_000);
    return one;
  }
}
