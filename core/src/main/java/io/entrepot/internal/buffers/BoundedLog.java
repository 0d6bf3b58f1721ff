package io.entrepot.internal.buffers;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Warnings of which others decide how many there are, and what they say: whoever may connect could
 * fill a log otherwise.
 *
 * <p>Of each second the first {@value #LINES} are logged, each one line of at most {@value
 * #MOST_CHARACTERS} characters; how many there were beyond is said in one more line, with the next
 * warning or when somebody {@linkplain #catchUp looks in}. Thread-safe; nothing is logged under its
 * lock.
 */
public final class BoundedLog {
  /** Lines of a second that are logged. */
  public static final int LINES = 5;

  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_CHARACTERS = 500;

  private final System.Logger log;
  private final String about;
  private final LongSupplier clockNs;
  private long beginNs;
  private int lines;
  private long notLogged;

  /**
   * Over a log.
   *
   * @param about what the warnings are about, for the line that says how many were left out
   */
  BoundedLog(System.Logger log, String about, LongSupplier clockNs) {
    this.log = log;
    this.about = about;
    this.clockNs = clockNs;
    this.beginNs = clockNs.getAsLong();
  }

  /** Logs a line, if there is room for it. */
  public void warn(String text) {
    warn(text, null);
  }

  /**
   * Logs a line, if there is room for it.
   *
   * @param thrown what went wrong, with its stack trace; {@code null} for nothing
   */
  public void warn(String text, Throwable thrown) {
    catchUp();
    if (takesOne()) {
      log.log(System.Logger.Level.WARNING, shown(text), thrown);
    }
  }

  private synchronized boolean takesOne() {
    if (lines < LINES) {
      lines++;
      return true;
    }
    notLogged++;
    return false;
  }

  /** Begins another second when one is over, saying what was left out in it. */
  public void catchUp() {
    long left = nextSecond();
    if (left > 0) {
      log.log(
          System.Logger.Level.WARNING,
          left + " more warnings about " + shown(about) + " were not logged");
    }
  }

  private synchronized long nextSecond() {
    long nowNs = clockNs.getAsLong();
    if (nowNs - beginNs < SECOND_NS) {
      return 0;
    }
    long left = notLogged;
    beginNs = nowNs;
    lines = 0;
    notLogged = 0;
    return left;
  }

  /** One line, whatever others have put into it. */
  private static String shown(String text) {
    String cut =
        text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS - 3) + "..." : text;
    return cut.codePoints()
        .map(point -> isPlain(point) ? point : '?')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isPlain(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
