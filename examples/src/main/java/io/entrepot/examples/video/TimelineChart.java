package io.entrepot.examples.video;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Which slot was held by whom and when, as bars for a drawing: a row for each slot, and in it a
 * line for each holder.
 *
 * @param width of the drawing
 * @param height of the drawing
 * @param rows the slots
 * @param bars the times
 * @param ticks the scale
 */
record TimelineChart(int width, int height, List<Row> rows, List<Bar> bars, List<ChartTick> ticks) {
  private static final int WIDTH = 1080;
  private static final int LEFT = 60;
  private static final int LINE = 5;
  private static final int GAP = 4;

  /** Height of the scale, which is drawn above 0. */
  private static final int SCALE = 16;

  private static final int TICKS = 10;

  /** A slot's name. */
  record Row(int y, int slot) {}

  /** One holder's time with one slot. */
  record Bar(String x, int y, String width, int height, int holder, String title) {}

  static TimelineChart of(List<SlotLedger.Span> spans, List<String> holders) {
    long fromNs = spans.stream().mapToLong(SlotLedger.Span::fromNs).min().orElse(0);
    long untilNs = spans.stream().mapToLong(SlotLedger.Span::untilNs).max().orElse(1);
    double scale = (double) (WIDTH - LEFT) / Math.max(1, untilNs - fromNs);
    int rowHeight = holders.size() * LINE + GAP;
    List<Integer> slots =
        List.copyOf(new TreeSet<>(spans.stream().map(SlotLedger.Span::slot).toList()));
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < slots.size(); i++) {
      rows.add(new Row(i * rowHeight + rowHeight - GAP, slots.get(i)));
    }
    List<Bar> bars = new ArrayList<>();
    for (SlotLedger.Span span : spans) {
      int holder = holders.indexOf(span.holder());
      bars.add(
          new Bar(
              ChartTick.number(LEFT + (span.fromNs() - fromNs) * scale),
              slots.indexOf(span.slot()) * rowHeight + holder * LINE,
              ChartTick.number(Math.max(0.5, (span.untilNs() - span.fromNs()) * scale)),
              LINE - 1,
              holder,
              String.format(
                  Locale.ROOT,
                  "slot %d: %s, %.3f ms at %.1f ms",
                  span.slot(),
                  span.holder(),
                  (span.untilNs() - span.fromNs()) / 1e6,
                  span.fromNs() / 1e6)));
    }
    List<ChartTick> ticks =
        ChartTick.even(TICKS, LEFT, WIDTH, fromNs / 1e6, untilNs / 1e6, "%.0f ms");
    return new TimelineChart(WIDTH, SCALE + slots.size() * rowHeight, rows, bars, ticks);
  }
}
