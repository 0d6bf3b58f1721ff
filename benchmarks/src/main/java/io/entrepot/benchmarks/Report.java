package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Comparison.Goal;
import io.entrepot.benchmarks.Measurement.Ratio;
import io.entrepot.benchmarks.Table.Contender;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** A run as tables in Markdown. */
final class Report {
  private final SuiteOptions options;
  private final Measurements measurements;
  private final List<Outcome> outcomes = new ArrayList<>();

  /**
   * A target and what came of it.
   *
   * @param comparison to which the target belongs
   * @param goal the target
   * @param ratio that was measured
   * @param bytes that an operation allocated
   * @param withoutGarbage whether that counts as none
   */
  record Outcome(
      Comparison comparison, Goal goal, Ratio ratio, double bytes, boolean withoutGarbage) {

    /** What was done by whom on how many threads. */
    String label() {
      return comparison.shortTitle()
          + ": "
          + comparison.label(goal.method())
          + " / "
          + comparison.label(goal.peer())
          + ", "
          + threadsText(goal.threads());
    }

    /** The ratio with its error. */
    String ratioText() {
      return Numbers.ratioText(ratio);
    }

    boolean isFastEnough() {
      return ratio.value() <= goal.ratioAtMost();
    }

    /** Met, or missed and by how much. */
    String verdict() {
      double off = ratio.value() / goal.ratioAtMost() - 1;
      boolean unsure = Math.abs(ratio.value() - goal.ratioAtMost()) < ratio.error();
      String time =
          (isFastEnough() ? "met" : Numbers.format("**missed** by %.0f %%", 100 * off))
              + (unsure ? ", within the error" : "");
      return goal.withoutGarbage() && !withoutGarbage
          ? time + Numbers.format("; **allocates** %.0f B", bytes)
          : time;
    }
  }

  Report(SuiteOptions options, Measurements measurements) {
    this.options = options;
    this.measurements = measurements;
    for (Comparison comparison : comparisons()) {
      for (Goal goal : comparison.goals()) {
        Measurement ours = measurements.get(comparison.trial(goal.method(), goal.threads()));
        Measurement peer = measurements.get(comparison.trial(goal.peer(), goal.threads()));
        outcomes.add(
            new Outcome(comparison, goal, ours.to(peer), ours.bytes(), ours.isWithoutGarbage()));
      }
    }
  }

  private List<Comparison> comparisons() {
    return options.tables().stream()
        .filter(Comparison.class::isInstance)
        .map(Comparison.class::cast)
        .toList();
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
              outcome.comparison().row(),
              outcome.label(),
              outcome.ratioText(),
              outcome.goal().ratioAtMost(),
              outcome.verdict()));
    }
  }

  private static String threadsText(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }
}
