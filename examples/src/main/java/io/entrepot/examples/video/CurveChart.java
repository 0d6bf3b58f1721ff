package io.entrepot.examples.video;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A curve for a drawing.
 *
 * @param width of the drawing
 * @param height of the drawing
 * @param points of a polyline, as SVG wants them
 * @param ticks of the horizontal scale
 * @param marks of the vertical scale
 */
record CurveChart(
    int width, int height, String points, List<ChartTick> ticks, List<ChartTick> marks) {
  private static final int WIDTH = 1080;
  private static final int HEIGHT = 160;
  private static final int LEFT = 60;
  private static final int TICKS = 10;
  private static final int MARKS = 4;

  /** Most points that are drawn: two for each pixel. */
  private static final int MAX_POINTS = 2 * WIDTH;

  /**
   * Draws samples.
   *
   * @param stepwise whether a value holds until the next one
   * @param top value at the upper edge
   * @param unit format of the horizontal scale's labels
   */
  static <T> CurveChart of(
      List<T> samples,
      ToDoubleFunction<T> across,
      ToDoubleFunction<T> up,
      boolean stepwise,
      double top,
      String unit) {
    double first = samples.isEmpty() ? 0 : across.applyAsDouble(samples.getFirst());
    double last = samples.isEmpty() ? 1 : across.applyAsDouble(samples.getLast());
    double scale = (WIDTH - LEFT) / Math.max(1e-9, last - first);
    int step = 1 + samples.size() / MAX_POINTS;
    StringBuilder points = new StringBuilder();
    String y = null;
    for (int i = 0; i < samples.size(); i += step) {
      T sample = samples.get(i);
      String x = ChartTick.number(LEFT + (across.applyAsDouble(sample) - first) * scale);
      if (stepwise && y != null) {
        points.append(x).append(',').append(y).append(' ');
      }
      y = ChartTick.number(HEIGHT - up.applyAsDouble(sample) * HEIGHT / top);
      points.append(x).append(',').append(y).append(' ');
    }
    return new CurveChart(
        WIDTH,
        HEIGHT,
        points.toString().strip(),
        ChartTick.even(TICKS, LEFT, WIDTH, first, last, unit),
        ChartTick.even(MARKS, 0, HEIGHT, top, 0, "%.0f"));
  }
}
