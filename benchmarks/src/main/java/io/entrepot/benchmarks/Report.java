package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Comparison.Goal;
import io.entrepot.benchmarks.Measurement.Ratio;
import io.entrepot.benchmarks.Placement.Cores;
import io.entrepot.benchmarks.Placement.Line;
import io.entrepot.benchmarks.Table.Contender;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** A run as tables in Markdown. */
final class Report {
  private final SuiteOptions options;
  private final Measurements measurements;
  private final List<Outcome> outcomes = new ArrayList<>();

  /**
   * A target and what came of it.
   *
   * @param row of the design's table that the target belongs to
   * @param label what was done by whom, beside whom, and where
   * @param ratio that was measured
   * @param ratioAtMost that was to be reached
   * @param bytes that an operation allocated
   * @param isTooMuchGarbage whether that is more than it may
   */
  record Outcome(
      int row,
      String label,
      Ratio ratio,
      double ratioAtMost,
      double bytes,
      boolean isTooMuchGarbage) {

    /** The ratio with its error. */
    String ratioText() {
      return Numbers.ratioText(ratio);
    }

    boolean isFastEnough() {
      return ratio.value() <= ratioAtMost;
    }

    /** Met, or missed and by how much. */
    String verdict() {
      double off = ratio.value() / ratioAtMost - 1;
      boolean unsure = Math.abs(ratio.value() - ratioAtMost) < ratio.error();
      String time =
          (isFastEnough() ? "met" : Numbers.format("**missed** by %.0f %%", 100 * off))
              + (unsure ? ", within the error" : "");
      return isTooMuchGarbage ? time + Numbers.format("; **allocates** %.0f B", bytes) : time;
    }
  }

  Report(SuiteOptions options, Measurements measurements) {
    this.options = options;
    this.measurements = measurements;
    for (Table table : options.tables()) {
      switch (table) {
        case Comparison comparison -> addOutcomes(comparison);
        case PairedComparison paired -> addOutcomes(paired);
        case Growth _, Latencies _ -> {
          // No targets.
        }
      }
    }
  }

  private void addOutcomes(Comparison comparison) {
    for (Goal goal : comparison.goals()) {
      Measurement ours = measurements.get(comparison.trial(goal.method(), goal.threads()));
      Measurement peer = measurements.get(comparison.trial(goal.peer(), goal.threads()));
      String label =
          comparison.shortTitle()
              + ": "
              + comparison.label(goal.method())
              + " / "
              + comparison.label(goal.peer())
              + ", "
              + threadsText(goal.threads());
      outcomes.add(
          new Outcome(
              comparison.row(),
              label,
              ours.to(peer),
              goal.ratioAtMost(),
              ours.bytes(),
              goal.withoutGarbage() && !ours.isWithoutGarbage()));
    }
  }

  /**
   * One for each size, near and far where there is both: what is to be reached must be so in each.
   */
  private void addOutcomes(PairedComparison paired) {
    List<Line> lines = Placement.of(paired, measurements).lines(paired, measurements);
    Set<String> placed =
        lines.stream()
            .filter(line -> line.cores() != Cores.ANY)
            .map(Line::label)
            .collect(Collectors.toSet());
    for (Line line : lines) {
      boolean isAny = line.cores() == Cores.ANY;
      if (isAny && placed.contains(line.label())) {
        continue;
      }
      String label = paired.shortTitle() + ": " + line.label() + " / " + paired.peer();
      outcomes.add(
          new Outcome(
              paired.row(),
              isAny ? label : label + ", cores " + line.cores(),
              line.turns().ratio(),
              paired.ratioAtMost(),
              line.own().bytes(),
              !line.own().isWithoutGarbage()));
    }
  }

  /** The targets with what came of them. */
  List<Outcome> outcomes() {
    return outcomes;
  }

  /** The histograms of a chart, by what was measured. */
  Map<String, Histogram> histograms(LatencyChart chart) {
    Map<String, Histogram> all = new LinkedHashMap<>();
    for (Table table : options.tables()) {
      if (table instanceof Latencies latencies && latencies.chart() == chart) {
        for (Contender contender : latencies.contenders()) {
          all.put(contender.label(), measurements.histogram(latencies.trial(contender)));
        }
      }
    }
    return all;
  }

  /** Machine, targets and all numbers. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("Date: ").append(LocalDate.now(ZoneOffset.UTC)).append("  \n");
    Machine.describe().forEach(line -> text.append(line).append("  \n"));
    text.append(
        Numbers.format(
            "Run: %d JVMs for each benchmark and number of threads, in turns with its peers; in"
                + " each %d warm-up and %d measuring iterations of %d ms%n",
            options.rounds(), options.warmups(), options.iterations(), options.iterationMs()));
    appendTargets(text);
    Numbers numbers = new Numbers(measurements, text);
    options.tables().forEach(numbers::append);
    return text.toString();
  }

  private void appendTargets(StringBuilder text) {
    text.append(
        "\n## Targets\n\nTime as a part of the peer's, with its 95 % confidence interval.\n");
    text.append(
        "\n| row | measured / peer | ratio | at most | |\n| --- | --- | --- | --- | --- |\n");
    for (Outcome outcome : outcomes) {
      text.append(
          Numbers.format(
              "| %d | %s | %s | %.2f | %s |%n",
              outcome.row(),
              outcome.label(),
              outcome.ratioText(),
              outcome.ratioAtMost(),
              outcome.verdict()));
    }
  }

  private static String threadsText(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }
}
