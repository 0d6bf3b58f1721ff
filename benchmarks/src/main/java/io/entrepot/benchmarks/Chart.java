package io.entrepot.benchmarks;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.HorizontalBarChartBuilder;
import org.knowm.xchart.style.HorizontalBarStyler;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The targets of a run as bars: what was measured above what may be. */
final class Chart {
  private static final int WIDTH = 1200;
  private static final int HEAD_HEIGHT = 120;
  private static final int BAR_HEIGHT = 32;

  /** What took longer is cut off here, for the short bars to be seen; its number is beside it. */
  private static final double LONGEST = 2.0;

  private Chart() {}

  static void write(List<Report.Outcome> outcomes, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true");
    HorizontalBarChart chart =
        new HorizontalBarChartBuilder()
            .width(WIDTH)
            .height(HEAD_HEIGHT + BAR_HEIGHT * outcomes.size())
            .title("Time as a part of the peer's: shorter is better")
            .build();
    HorizontalBarStyler styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setSeriesColors(new Color[] {new Color(0x2266AA), new Color(0xBBBBBB)});
    styler.setAvailableSpaceFill(0.8);
    // A label for every bar.
    styler.setXAxisTickMarkSpacingHint(BAR_HEIGHT / 2);
    styler.setXAxisMin(0.0);
    styler.setXAxisMax(LONGEST);
    List<String> labels = outcomes.stream().map(Chart::label).toList();
    chart.addSeries(
        "measured",
        outcomes.stream().map(outcome -> Math.min(LONGEST, outcome.ratio().value())).toList(),
        labels);
    chart.addSeries(
        "at most", outcomes.stream().map(outcome -> outcome.goal().ratioAtMost()).toList(), labels);
    try (OutputStream out = Files.newOutputStream(file)) {
      ChartEncoder.saveChart(chart, out, "png");
    }
  }

  private static String label(Report.Outcome outcome) {
    return outcome.label() + "  " + outcome.ratioText();
  }
}
