package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table in this package's description is true of its tests. */
class ContractTableTest {
  private static final Path TESTS = Path.of("src", "test", "java", "io", "entrepot", "contract");
  private static final Pattern HEADING = Pattern.compile("(C\\d+)?,? ?([^|]+):");
  private static final Pattern ROW = Pattern.compile("(\\w+) \\| ([^;]+)(; .+)?");
  private static final String BOTH = "both forms";
  private static final List<String> FORMS = List.of(BOTH, "in process", "across processes");

  /**
   * A test class of the table.
   *
   * @param contract as in its heading, or {@code null} when that names none
   * @param reason behind the form, or {@code null}
   */
  private record Row(String contract, String test, String form, String reason) {}

  private static List<Row> table() throws IOException {
    String text = Files.readString(TESTS.resolve("package-info.java"));
    List<Row> rows = new ArrayList<>();
    String contract = null;
    for (String line :
        text.substring(text.indexOf("<pre>") + 5, text.indexOf("</pre>")).split("\\R \\* *")) {
      Matcher row = ROW.matcher(line);
      Matcher heading = HEADING.matcher(line);
      if (row.matches()) {
        rows.add(new Row(contract, row.group(1), row.group(2), row.group(3)));
      } else if (heading.matches()) {
        contract = heading.group(1);
      } else {
        assertTrue(line.isBlank(), () -> "no heading and no row: " + line);
      }
    }
    return rows;
  }

  private static Class<?> type(Row row) {
    try {
      return Class.forName(ContractTableTest.class.getPackageName() + "." + row.test());
    } catch (ClassNotFoundException missing) {
      throw new AssertionError(row + " is not there", missing);
    }
  }

  @Test
  void everyContractHasATest() throws IOException {
    assertEquals(
        IntStream.rangeClosed(1, 13).mapToObj(number -> "C" + number).toList(),
        table().stream().map(Row::contract).filter(name -> name != null).distinct().toList());
  }

  @Test
  void everyTestIsInTheTableOnceAndUnderItsContract() throws IOException {
    try (Stream<Path> files = Files.list(TESTS)) {
      assertEquals(
          files
              .map(file -> file.getFileName().toString().replace(".java", ""))
              .filter(name -> name.endsWith("Test"))
              .filter(name -> !name.equals(ContractTableTest.class.getSimpleName()))
              .collect(Collectors.toCollection(TreeSet::new))
              .stream()
              .toList(),
          table().stream().map(Row::test).sorted().toList());
    }
    for (Row row : table()) {
      assertEquals(
          row.contract() != null,
          row.contract() != null && row.test().matches(row.contract() + "\\D.*"),
          row::toString);
    }
  }

  @Test
  void whatIsSaidToRunInBothFormsDoes() throws IOException {
    for (Row row : table()) {
      assertTrue(FORMS.contains(row.form()), row::toString);
      assertEquals(
          row.form().equals(BOTH), type(row).isAnnotationPresent(InBothForms.class), row::toString);
    }
  }

  @Test
  void whatRunsInOneFormSaysWhy() throws IOException {
    for (Row row : table()) {
      if (row.form().equals(BOTH)) {
        assertEquals(null, row.reason(), row::toString);
      } else {
        assertNotNull(row.reason(), row::toString);
      }
    }
  }
}
