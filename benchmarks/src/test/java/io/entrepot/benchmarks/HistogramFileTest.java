package io.entrepot.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histograms come from the JVM of a benchmark into tables and charts as they were measured. */
class HistogramFileTest {
  @TempDir Path directory;

  @Test
  void aHistogramIsReadAsItWasWritten() throws IOException {
    HistogramFile file = new HistogramFile(directory.resolve("trial"));
    Histogram written = histogram();
    file.write(written);
    assertEquals(written, file.read());
  }

  @Test
  void whatIsNoHistogramIsTold() throws IOException {
    Path path = Files.writeString(directory.resolve("trial"), "no histogram");
    assertThrows(IllegalArgumentException.class, new HistogramFile(path)::read);
  }

  @Test
  void aTrialThatWroteNothingIsTold() {
    assertThrows(IOException.class, new HistogramFile(directory.resolve("none"))::read);
  }

  @Test
  void aChartIsDrawn() throws IOException {
    LatencyChart chart = LatencyChart.HAND_OVER;
    chart.write(Map.of("one", histogram()), directory);
    assertTrue(ImageIO.read(directory.resolve(chart.fileName()).toFile()).getWidth() > 0);
  }

  private static Histogram histogram() {
    Histogram some = HistogramFile.empty();
    for (long ns = 100; ns < 1_000_000; ns += 100) {
      some.recordValue(ns);
    }
    return some;
  }
}
