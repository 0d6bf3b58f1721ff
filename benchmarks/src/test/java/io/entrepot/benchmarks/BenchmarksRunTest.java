package io.entrepot.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.entrepot.benchmarks.Table.Contender;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * No benchmark rots: each one runs, on two threads where it is measured on several, and each one is
 * in the tables. Nothing is measured.
 */
class BenchmarksRunTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void everyBenchmarkRuns(int threads) throws RunnerException {
    // Several builds may run at a time; nobody reads these times.
    System.setProperty("jmh.ignoreLock", "true");
    Set<String> chosen =
        Catalogue.tables().stream()
            .flatMap(table -> table.trials().stream())
            .filter(trial -> trial.threads() >= threads)
            .map(Trial::benchmark)
            .collect(Collectors.toCollection(TreeSet::new));
    OptionsBuilder options = new OptionsBuilder();
    chosen.forEach(name -> options.include("^" + name.replace(".", "\\.") + "$"));
    options
        .forks(0)
        .mode(Mode.SingleShotTime)
        .warmupIterations(0)
        .measurementIterations(2)
        .threads(threads)
        .param("links", "1000")
        .param("roundTrips", "2")
        .param("frameBytes", "4096")
        .timeout(TimeValue.seconds(20))
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    Collection<RunResult> results = new Runner(options.build()).run();
    assertEquals(chosen.size(), results.size());
  }

  @Test
  void everyBenchmarkIsInTheCatalogue() {
    Set<String> listed =
        Catalogue.tables().stream()
            .flatMap(table ->
                table.contenders().stream()
                    .map(Contender::method)
                    .map(method -> table.type().getName() + "." + method))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(benchmarks(), listed);
  }

  @Test
  void everyTargetIsOfSomethingMeasured() {
    for (Comparison comparison : Catalogue.comparisons()) {
      comparison.label(comparison.baseline());
      for (Comparison.Goal goal : comparison.goals()) {
        comparison.label(goal.method());
        comparison.label(goal.peer());
        assertEquals(true, comparison.threads().contains(goal.threads()), goal.toString());
      }
    }
  }

  private static Set<String> benchmarks() {
    return BenchmarkList.defaultList()
        .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
        .stream()
        .map(BenchmarkListEntry::getUsername)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
