package io.entrepot.tools;

import java.util.ArrayList;
import java.util.List;

/** Lines in columns that are as wide as what is in them. */
final class Table {
  private static final String GAP = "  ";

  private final List<String[]> lines = new ArrayList<>();
  private final boolean[] toTheLeft;

  /** A table with a first line; a title that begins with a {@code <} is of text, not of numbers. */
  Table(String... titles) {
    toTheLeft = new boolean[titles.length];
    String[] line = titles.clone();
    for (int i = 0; i < titles.length; i++) {
      toTheLeft[i] = titles[i].startsWith("<");
      line[i] = toTheLeft[i] ? titles[i].substring(1) : titles[i];
    }
    lines.add(line);
  }

  /** Adds a line, with a cell for each title. */
  void add(Object... cells) {
    String[] line = new String[toTheLeft.length];
    for (int i = 0; i < line.length; i++) {
      line[i] = String.valueOf(cells[i]);
    }
    lines.add(line);
  }

  /** The lines as text. */
  List<String> lines() {
    int[] widths = new int[toTheLeft.length];
    for (String[] line : lines) {
      for (int i = 0; i < line.length; i++) {
        widths[i] = Math.max(widths[i], width(line[i]));
      }
    }
    return lines.stream().map(line -> line(line, widths)).toList();
  }

  private String line(String[] cells, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      String room = " ".repeat(widths[i] - width(cells[i]));
      text.append(i == 0 ? "" : GAP);
      text.append(toTheLeft[i] ? cells[i] + room : room + cells[i]);
    }
    return text.toString().stripTrailing();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
