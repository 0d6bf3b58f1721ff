package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Measurement.Ratio;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.HorizontalBarChartBuilder;
import org.knowm.xchart.style.HorizontalBarStyler;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * The targets of a run as bars: what was measured, where its error ends, and below them what may
 * be. Horizontal bars have no error bars of their own in this library.
 */
final class Chart {
  private static final int WIDTH = 1200;
  private static final int HEAD_HEIGHT = 120;
  private static final int BAR_HEIGHT = 40;

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
    styler.setSeriesColors(
        new Color[] {new Color(0x2266AA), new Color(0x99BBDD), new Color(0xBBBBBB)});
    styler.setAvailableSpaceFill(0.8);
    // A label for every bar.
    styler.setXAxisTickMarkSpacingHint(BAR_HEIGHT / 2);
    styler.setXAxisMin(0.0);
    styler.setXAxisMax(LONGEST);
    List<String> labels = outcomes.stream().map(Chart::label).toList();
    chart.addSeries("measured", bars(outcomes, Ratio::value), labels);
    chart.addSeries("measured + error (95 %)", bars(outcomes, Ratio::highest), labels);
    chart.addSeries("at most", outcomes.stream().map(Report.Outcome::ratioAtMost).toList(), labels);
    try (OutputStream out = Files.newOutputStream(file)) {
      ChartEncoder.saveChart(chart, out, "png");
    }
  }

  private static List<Double> bars(List<Report.Outcome> outcomes, ToDoubleFunction<Ratio> end) {
    return outcomes.stream()
        .map(outcome -> Math.min(LONGEST, end.applyAsDouble(outcome.ratio())))
        .toList();
  }

  private static String label(Report.Outcome outcome) {
    return outcome.label() + "  " + outcome.ratioText();
  }
}
