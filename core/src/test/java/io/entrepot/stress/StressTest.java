package io.entrepot.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs the jcstress tests of this package, in a JVM of their own. Those whose name ends with {@code
 * PlantedBug} contain a fault on purpose: they show that a fault would be found.
 *
 * <p>jcstress leaves out, without a word, a test which has more actors than the machine has
 * processors. A test that was left out fails here, so tests have two actors.
 *
 * <p>{@code -Dstress.timeMs=2000} looks longer at each test; the reports are in {@code
 * target/jcstress}.
 */
class StressTest {
  private static final String PLANTED_BUG = "PlantedBug";
  private static final int ITERATIONS = 3;
  private static final int TIME_MS = Integer.getInteger("stress.timeMs", 120);

  /** For a planted bug that a busy machine has not shown. */
  private static final int LONG_TIME_MS = 2_000;

  private static final int TAIL_LINES = 80;
  private static final long LIMIT_MINUTES = 20;

  private static final Pattern GRADE = Pattern.compile("\\[(\\w+)] (io\\.entrepot\\.[\\w.$]+)");

  private static Run run;

  /** All in one run: what jcstress asks the machine and the JVM before takes seconds. */
  @BeforeAll
  static void runAll() throws Exception {
    assumeTrue(
        Runtime.getRuntime().availableProcessors() >= 2,
        "stress tests need two processors: one for each actor");
    run = run("tests", ".*", TIME_MS);
  }

  @Test
  void noForbiddenOutcomeIsSeen() {
    Map<String, String> grades = new TreeMap<>(run.grades());
    grades.keySet().removeIf(name -> name.endsWith(PLANTED_BUG));
    Set<String> expected = testNames();
    expected.removeIf(name -> name.endsWith(PLANTED_BUG));
    if (!grades.values().stream().allMatch("OK"::equals)) {
      fail("a stress test failed: " + grades + "\n" + run.tail());
    }
    assertEquals(expected, grades.keySet(), "tests with two actors each are all run");
  }

  @Test
  void everyPlantedBugIsFound() throws Exception {
    Set<String> expected = testNames();
    expected.removeIf(name -> !name.endsWith(PLANTED_BUG));
    assertFalse(expected.isEmpty(), "there is a planted bug");
    Set<String> missing = notFound(expected, run);
    if (missing.isEmpty()) {
      return;
    }
    String names = missing.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    Run longer = run("again", names, LONG_TIME_MS);
    Set<String> stillMissing = notFound(missing, longer);
    if (!stillMissing.isEmpty()) {
      fail("planted bugs not found: " + stillMissing + "\n" + longer.tail());
    }
  }

  private static Set<String> notFound(Set<String> planted, Run run) {
    return planted.stream()
        .filter(name -> !"FAILED".equals(run.grades().get(name)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What a run of jcstress said: the grade of each test and its last lines. */
  private record Run(Map<String, String> grades, String tail) {}

  private static Run run(String name, String selector, int timeMs)
      throws IOException, InterruptedException {
    Path report = Path.of("target", "jcstress", name).toAbsolutePath();
    Files.createDirectories(report);
    Path console = report.resolve("console.txt");
    Process process =
        new ProcessBuilder(command(report, selector, timeMs))
            .directory(report.toFile())
            .redirectErrorStream(true)
            .redirectOutput(console.toFile())
            .start();
    try {
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        fail("jcstress still runs after " + LIMIT_MINUTES + " minutes\n" + tail(console));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Run(grades(console), tail(console));
  }

  /** One fork and one set of JVM arguments per test; jcstress itself loads a native library. */
  private static List<String> command(Path report, String selector, int timeMs) {
    String nativeAccess = "--enable-native-access=ALL-UNNAMED";
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(nativeAccess, "-cp", classPath(), "org.openjdk.jcstress.Main"));
    command.addAll(List.of("-v", "-m", "quick", "-f", "1", "-fsm", "1", "-sc", "false"));
    command.addAll(List.of("-iters", "" + ITERATIONS, "-time", "" + timeMs));
    command.addAll(List.of("-jvmArgs", nativeAccess));
    command.addAll(List.of("-t", selector, "-r", report.toString()));
    return command;
  }

  /** Surefire starts the test JVM with a jar that refers to the class path, and tells it here. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** The worst grade wins, should a test have several. */
  private static Map<String, String> grades(Path console) throws IOException {
    Map<String, String> grades = new TreeMap<>();
    Matcher matcher = GRADE.matcher(Files.readString(console));
    while (matcher.find()) {
      grades.merge(
          matcher.group(2), matcher.group(1), (one, other) -> one.equals("OK") ? other : one);
    }
    return grades;
  }

  private static String tail(Path console) throws IOException {
    List<String> lines = Files.readAllLines(console);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()))
        + "\n(all of it in "
        + console
        + ")";
  }

  /** The tests that the annotation processor of jcstress has found. */
  private static Set<String> testNames() {
    return new TreeSet<>(TestList.tests());
  }
}
