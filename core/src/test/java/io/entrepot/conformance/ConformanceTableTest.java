package io.entrepot.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The table in this package's description is true of its tests. */
class ConformanceTableTest {
  private static final Path TESTS = Path.of("src", "test", "java", "io", "entrepot");
  private static final Path TABLE = TESTS.resolve("conformance").resolve("package-info.java");
  private static final Pattern HEADING = Pattern.compile("([^|]+):");
  private static final Pattern ROW = Pattern.compile("(.+) \\| holds(;.*)?");
  private static final Pattern TEST = Pattern.compile("(\\w+)#(\\w+)");

  /** How many tests the kernel has. */
  private static final Map<String, Integer> KERNEL =
      Map.of(
          "st-dma-fence.c",
          12,
          "st-dma-fence-chain.c",
          11,
          "st-dma-fence-unwrap.c",
          10,
          "st-dma-resv.c, with each of four usages",
          5,
          "selftests/sync",
          10);

  /** Tests of each row, of each suite. */
  private static Map<String, Map<String, List<String>>> table() throws IOException {
    String text = Files.readString(TABLE);
    Map<String, Map<String, List<String>>> table = new LinkedHashMap<>();
    Map<String, List<String>> rows = new LinkedHashMap<>();
    List<String> tests = new ArrayList<>();
    for (String line :
        text.substring(text.indexOf("<pre>") + 5, text.indexOf("</pre>")).split("\\R \\* *")) {
      Matcher heading = HEADING.matcher(line);
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        tests = new ArrayList<>();
        rows.put(row.group(1), tests);
      } else if (heading.matches()) {
        rows = new LinkedHashMap<>();
        table.put(heading.group(1), rows);
      } else if (!line.isBlank()) {
        assertTrue(TEST.matcher(line).matches(), () -> "no heading, row or test: " + line);
        tests.add(line);
      }
    }
    return table;
  }

  @Test
  void everyTestOfTheKernelHasARowWithATest() throws IOException {
    Map<String, Map<String, List<String>>> table = table();
    Set<String> suites = new TreeSet<>(KERNEL.keySet());
    suites.add("what went wrong in the kernel");
    assertEquals(suites, new TreeSet<>(table.keySet()));
    KERNEL.forEach((suite, tests) -> assertEquals(tests, table.get(suite).size(), suite));
    table.forEach((suite, rows) ->
        rows.forEach((row, tests) -> assertFalse(tests.isEmpty(), suite + ": " + row)));
  }

  @Test
  void everyTestOfTheTableExistsAndIsRun() throws Exception {
    Set<String> missing = new TreeSet<>();
    for (Map<String, List<String>> rows : table().values()) {
      for (List<String> tests : rows.values()) {
        for (String test : tests) {
          if (!isTest(test)) {
            missing.add(test);
          }
        }
      }
    }
    assertEquals(Set.of(), missing);
  }

  private static boolean isTest(String test) throws ClassNotFoundException {
    Matcher name = TEST.matcher(test);
    assertTrue(name.matches(), test);
    for (String place : new String[] {"conformance", "contract"}) {
      if (Files.exists(TESTS.resolve(place).resolve(name.group(1) + ".java"))) {
        Class<?> type = Class.forName("io.entrepot." + place + "." + name.group(1));
        return Stream.of(type.getDeclaredMethods())
            .anyMatch(method -> method.getName().equals(name.group(2)) && isRun(method));
      }
    }
    return false;
  }

  private static boolean isRun(Method method) {
    return !method.isAnnotationPresent(Disabled.class)
        && (method.isAnnotationPresent(Test.class)
            || method.isAnnotationPresent(ParameterizedTest.class));
  }
}
