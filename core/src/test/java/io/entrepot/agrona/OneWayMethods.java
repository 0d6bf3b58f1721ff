package io.entrepot.agrona;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agrona.MutableDirectBuffer;

/** The methods that the first table of the package description says throw. */
final class OneWayMethods {
  private static final Path PAGE = Path.of("src/main/java/io/entrepot/agrona/package-info.java");
  private static final Pattern FIRST_COLUMN =
      Pattern.compile("<tr><td>\\{@code (\\w+\\([^}]*\\))}");

  private OneWayMethods() {}

  /** Signatures as documented, which must be the tables' first column: {@code wrap(long, int)}. */
  static Set<String> documented() {
    Path page = Files.exists(PAGE) ? PAGE : Path.of("core").resolve(PAGE);
    try {
      Set<String> signatures = new TreeSet<>();
      FIRST_COLUMN
          .matcher(Files.readString(page))
          .results()
          .forEach(found -> signatures.add(found.group(1)));
      return signatures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Method> ofTheInterface() {
    Set<String> documented = documented();
    return methods().filter(method -> documented.contains(signature(method))).toList();
  }

  /** All methods that are not documented to throw: they must do as Agrona does. */
  static List<Method> othersOfTheInterface() {
    Set<String> documented = documented();
    return methods().filter(method -> !documented.contains(signature(method))).toList();
  }

  private static Stream<Method> methods() {
    return Stream.of(MutableDirectBuffer.class.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> !method.isBridge())
        // The erased form of compareTo(DirectBuffer).
        .filter(method -> !signature(method).equals("compareTo(Object)"));
  }

  static String signature(Method method) {
    return Stream.of(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(joining(", ", method.getName() + "(", ")"));
  }
}
