package io.entrepot.tools;

import io.entrepot.sharing.SizeClass;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Names and numbers as they are shown. */
final class Text {
  private static final int MOST_CLASSES = 3;
  private static final int MOST_CHARACTERS = 60;
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Text() {}

  /**
   * A text of anybody's, which may have in it what a terminal takes for an order: without that, and
   * not too long.
   */
  static String shown(String text) {
    String safe =
        text.codePoints()
            .limit(MOST_CHARACTERS + 1L)
            .map(character -> isShown(character) ? character : '?')
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    return text.codePointCount(0, text.length()) <= MOST_CHARACTERS
        ? safe
        : safe.substring(0, safe.offsetByCodePoints(0, MOST_CHARACTERS - 3)) + "...";
  }

  private static boolean isShown(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /** A size, exact where it is a whole number of some unit. */
  static String bytes(long bytes) {
    int unit = 0;
    double size = bytes;
    while (size >= 1024 && unit < UNITS.length - 1) {
      size /= 1024;
      unit++;
    }
    boolean whole = bytes % (1L << 10 * unit) == 0;
    return String.format(Locale.ROOT, whole ? "%.0f %s" : "%.1f %s", size, UNITS[unit]);
  }

  /** Sizes of buffers, as {@code 16 x 64 KiB + 2 x 1 MiB}. */
  static String sizes(List<SizeClass> classes) {
    String first =
        classes.stream()
            .limit(MOST_CLASSES)
            .map(sizeClass -> sizeClass.buffers() + " x " + bytes(sizeClass.bufferBytes()))
            .collect(Collectors.joining(" + "));
    int more = classes.size() - MOST_CLASSES;
    return more > 0 ? first + " + " + more + " more" : first;
  }
}
