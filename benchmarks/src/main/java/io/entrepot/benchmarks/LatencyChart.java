package io.entrepot.benchmarks;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Histograms as lines from the median to the longest. */
enum LatencyChart {
  /** Of row 4. */
  WAKE_UP("wake-up.png", "Wake-up"),

  /** Of row 5. */
  HAND_OVER("hand-over.png", "Hand-over and its answer");

  private static final int WIDTH = 1200;
  private static final int HEIGHT = 600;
  private static final double NS_PER_US = 1e3;

  private final String fileName;
  private final String title;

  LatencyChart(String fileName, String title) {
    this.fileName = fileName;
    this.title = title;
  }

  /** The file that it is in, beside the results. */
  String fileName() {
    return fileName;
  }

  /** What is drawn. */
  String title() {
    return title;
  }

  /** Draws histograms of nanoseconds, each under its name. */
  void write(Map<String, Histogram> histograms, Path directory) throws IOException {
    System.setProperty("java.awt.headless", "true");
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title + " in microseconds: lower is better")
            .xAxisTitle("percentile")
            .build();
    CategoryStyler styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setLegendPosition(LegendPosition.OutsideE);
    styler.setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
    styler.setYAxisLogarithmic(true);
    // Points of one percentile above each other, not side by side as bars are.
    styler.setOverlapped(true);
    List<String> marks =
        Stream.concat(Latencies.PERCENTILES.stream().map(Latencies::text), Stream.of("max"))
            .toList();
    histograms.forEach((name, histogram) -> chart.addSeries(name, marks, microseconds(histogram)));
    try (OutputStream out = Files.newOutputStream(directory.resolve(fileName))) {
      ChartEncoder.saveChart(chart, out, "png");
    }
  }

  private static List<Double> microseconds(Histogram histogram) {
    return Stream.concat(
            Latencies.PERCENTILES.stream().map(histogram::getValueAtPercentile),
            Stream.of(histogram.getMaxValue()))
        .map(ns -> ns / NS_PER_US)
        .toList();
  }
}
