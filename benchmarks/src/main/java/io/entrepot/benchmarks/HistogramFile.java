package io.entrepot.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** The way of a histogram from the JVM of a benchmark to the suite: one file for each trial. */
record HistogramFile(Path path) {
  /** Names the file to the benchmark's JVM; what is measured there is dropped without it. */
  private static final String PROPERTY = "io.entrepot.benchmarks.histogram";

  private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(2);
  private static final int DIGITS = 3;

  /** The file that this JVM was given, or one of no path. */
  static HistogramFile ofThisTrial() {
    String name = System.getProperty(PROPERTY);
    return new HistogramFile(name == null ? null : Path.of(name));
  }

  /** An empty histogram of nanoseconds. */
  static Histogram empty() {
    return new Histogram(LONGEST_NS, DIGITS);
  }

  /** What makes this the {@linkplain #ofThisTrial() file of a trial} in a new JVM. */
  String jvmArgument() {
    return "-D" + PROPERTY + "=" + path.toAbsolutePath();
  }

  /** Writes a histogram, if there is a path to write to. */
  void write(Histogram histogram) throws IOException {
    if (path == null) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(bytes);
    Files.write(path, Arrays.copyOf(bytes.array(), length));
  }

  /** Reads the histogram that a trial wrote. */
  Histogram read() throws IOException {
    try {
      return Histogram.decodeFromCompressedByteBuffer(
          ByteBuffer.wrap(Files.readAllBytes(path)), LONGEST_NS);
    } catch (DataFormatException e) {
      throw new IOException(path + " is no histogram", e);
    }
  }
}
