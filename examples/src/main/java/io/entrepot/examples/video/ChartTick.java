package io.entrepot.examples.video;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A mark on the scale of a drawing.
 *
 * @param at its place in the drawing
 * @param text its label
 */
record ChartTick(String at, String text) {

  /** Evenly spread marks from one place and value to another. */
  static List<ChartTick> even(
      int count, double from, double until, double first, double last, String format) {
    List<ChartTick> ticks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double part = (double) i / count;
      ticks.add(
          new ChartTick(
              number(from + part * (until - from)),
              String.format(Locale.ROOT, format, first + part * (last - first))));
    }
    return ticks;
  }

  /** A coordinate as SVG wants it. */
  static String number(double coordinate) {
    return String.format(Locale.ROOT, "%.1f", coordinate);
  }
}
