package io.entrepot.tools;

import io.entrepot.internal.memory.SystemCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The terminal that the output goes to. {@link java.io.Console} tells of one only where the input
 * comes from it too, and not how large it is.
 *
 * @param rows lines of it
 * @param columns characters of a line
 */
record Terminal(int rows, int columns) {
  static final String HIDE_CURSOR = "\033[?25l";
  static final String SHOW_CURSOR = "\033[?25h";
  static final String CLEAR = "\033[2J";
  static final String HOME = "\033[H";
  static final String CLEAR_REST_OF_LINE = "\033[K";
  static final String CLEAR_REST = "\033[J";

  private static final int OUTPUT = 1;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int USUAL_ROWS = 24;
  private static final int USUAL_COLUMNS = 80;

  /** The one of this process's output, as large as it is now; {@code null} where that is none. */
  static Terminal ofOutput() {
    try (Arena arena = Arena.ofConfined()) {
      // Rows and columns come first in struct winsize.
      MemorySegment size = arena.allocate(4L * Short.BYTES, Long.BYTES);
      if (SystemCall.IOCTL.call(OUTPUT, TIOCGWINSZ, size.address()) < 0) {
        return null;
      }
      int rows = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 0));
      int columns = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 1));
      // A line to nobody's screen has no size.
      return new Terminal(rows == 0 ? USUAL_ROWS : rows, columns == 0 ? USUAL_COLUMNS : columns);
    }
  }

  /** A line cut to the width of this terminal. */
  String cut(String line) {
    return line.codePointCount(0, line.length()) <= columns
        ? line
        : line.substring(0, line.offsetByCodePoints(0, columns));
  }
}
