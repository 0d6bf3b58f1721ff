package io.entrepot.house;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.StringWrapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every Java source of the three modules is in the format of google-java-format. With {@code
 * -Dformat.fix=true} the sources are rewritten instead.
 *
 * <p>The formatter needs packages of {@code jdk.compiler} that are not exported, so this class has
 * a surefire execution of its own: {@code format} in {@code core/pom.xml}.
 */
class SourceFormatTest {
  private static final List<String> SOURCE_ROOTS =
      List.of(
          "core/src/main/java",
          "core/src/test/java",
          "benchmarks/src/main/java",
          "benchmarks/src/test/java",
          "examples/src/main/java",
          "examples/src/test/java");

  private static final boolean FIX = Boolean.getBoolean("format.fix");

  private static final String FIX_COMMAND =
      "mvn -B -ntp -pl core process-test-classes surefire:test@format -Dformat.fix=true";

  private final Formatter formatter = new Formatter();

  @Test
  void everySourceIsFormatted() throws IOException {
    Path top = top();
    List<Path> sources = sources(top);
    assertFalse(sources.isEmpty(), () -> "no Java source found below " + top);

    List<String> wrong = new ArrayList<>();
    for (Path source : sources) {
      String actual = Files.readString(source);
      String problem = null;
      try {
        String expected = format(actual);
        if (!expected.equals(actual)) {
          if (FIX) {
            Files.writeString(source, expected);
            System.out.println("formatted " + top.relativize(source));
          } else {
            problem = firstDifference(actual, expected);
          }
        }
      } catch (FormatterException e) {
        problem = e.getMessage();
      }
      if (problem != null) {
        wrong.add(top.relativize(source) + ": " + problem);
      }
    }

    if (!wrong.isEmpty()) {
      fail(
          wrong.size()
              + " of "
              + sources.size()
              + " sources are not formatted; to format them: "
              + FIX_COMMAND
              + "\n  "
              + String.join("\n  ", wrong));
    }
  }

  private String format(String source) throws FormatterException {
    return StringWrapper.wrap(formatter.formatSourceAndFixImports(source), formatter);
  }

  private static String firstDifference(String actual, String expected) {
    List<String> actualLines = actual.lines().toList();
    List<String> expectedLines = expected.lines().toList();
    int common = Math.min(actualLines.size(), expectedLines.size());
    for (int i = 0; i < common; i++) {
      if (!actualLines.get(i).equals(expectedLines.get(i))) {
        return "line " + (i + 1) + " should be \"" + expectedLines.get(i).strip() + "\"";
      }
    }
    return "line " + (common + 1) + ": different end of file";
  }

  private static List<Path> sources(Path top) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String root : SOURCE_ROOTS) {
      Path directory = top.resolve(root);
      if (Files.isDirectory(directory)) {
        try (Stream<Path> files = Files.walk(directory)) {
          files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
        }
      }
    }
    return sources;
  }

  /** Maven runs tests in the module's directory, an IDE perhaps in the top directory. */
  private static Path top() {
    Path directory = Path.of("").toAbsolutePath();
    while (directory != null && !Files.exists(directory.resolve("core/pom.xml"))) {
      directory = directory.getParent();
    }
    if (directory == null) {
      throw new IllegalStateException(
          "no core/pom.xml in or above the working directory " + Path.of("").toAbsolutePath());
    }
    return directory;
  }
}
