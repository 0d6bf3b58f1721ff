package io.entrepot.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs all benchmarks and prints what they took beside each other; see {@link SuiteOptions#USAGE}.
 *
 * <p>A full run rewrites {@code RESULTS.md} and its charts. What any run measured goes to {@code
 * target}, as {@code results.md} and in JMH's own form.
 *
 * <p>Each benchmark runs in a JVM of its own in each round. A round runs all of them before the
 * next begins, so that a slow minute of the machine does not hit one side of a comparison alone.
 */
public final class BenchmarkSuite {
  private final SuiteOptions options;
  private final Measurements measurements = new Measurements();

  private BenchmarkSuite(SuiteOptions options) {
    this.options = options;
  }

  /** Runs what the arguments say. */
  public static void main(String[] args) throws IOException, RunnerException {
    SuiteOptions options = SuiteOptions.parse(args);
    if (!options.isMeasuring()) {
      // Nobody reads these times, so that another run of JMH on this machine does not matter.
      System.setProperty("jmh.ignoreLock", "true");
    }
    Path module = module();
    BenchmarkSuite suite = new BenchmarkSuite(options);
    suite.run();
    Path target = Files.createDirectories(module.resolve("target"));
    suite.measurements.writeJson(target.resolve("results.json"));
    Report report = new Report(options, suite.measurements);
    System.out.println();
    System.out.println(report.text());
    Files.writeString(target.resolve("results.md"), report.text());
    if (options.isFull()) {
      new ResultsFile(module).write(report);
    }
  }

  /** The directory of this module, be it the working directory or below it. */
  private static Path module() {
    Path below = Path.of("benchmarks");
    return Files.exists(below.resolve("pom.xml")) ? below : Path.of("");
  }

  private void run() throws IOException, RunnerException {
    for (int round = 1; round <= options.rounds(); round++) {
      for (Table table : options.tables()) {
        for (Trial trial : table.trials()) {
          run(round, trial, table);
        }
      }
    }
  }

  private void run(int round, Trial trial, Table table) throws IOException, RunnerException {
    OptionsBuilder jmh = new OptionsBuilder();
    TimeValue iteration = TimeValue.milliseconds(options.iterationMs());
    jmh.include("^" + trial.benchmark().replace(".", "\\.") + "$")
        .forks(1)
        .threads(trial.threads())
        .warmupIterations(options.warmups())
        .warmupTime(iteration)
        .measurementIterations(options.iterations())
        .measurementTime(iteration)
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    trial.parameters().forEach(jmh::param);
    RunResult result =
        switch (table) {
          case Latencies _ -> runWithHistogram(jmh, trial);
          case PairedComparison _ -> runWithTurns(jmh, trial);
          case Comparison _, Growth _ -> new Runner(jmh.build()).runSingle();
        };
    measurements.add(trial, result);
    System.out.printf(
        Locale.ROOT,
        "round %d/%d  %d thread%s  %12.1f ns  %s%n",
        round,
        options.rounds(),
        trial.threads(),
        trial.threads() == 1 ? " " : "s",
        result.getPrimaryResult().getScore(),
        trial);
  }

  private RunResult runWithHistogram(OptionsBuilder jmh, Trial trial)
      throws IOException, RunnerException {
    HistogramFile file = new HistogramFile(Files.createTempFile("benchmark", ".hdr"));
    try {
      jmh.jvmArgsAppend(file.jvmArgument());
      RunResult result = new Runner(jmh.build()).runSingle();
      measurements.add(trial, file.read());
      return result;
    } finally {
      Files.delete(file.path());
    }
  }

  private RunResult runWithTurns(OptionsBuilder jmh, Trial trial)
      throws IOException, RunnerException {
    TurnsFile file = new TurnsFile(Files.createTempFile("benchmark", ".turns"));
    try {
      jmh.jvmArgsAppend(file.jvmArgument());
      RunResult result = new Runner(jmh.build()).runSingle();
      measurements.add(trial, file.read());
      return result;
    } finally {
      Files.delete(file.path());
    }
  }
}
