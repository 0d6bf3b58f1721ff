package io.entrepot.examples.video;

import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.View;
import java.util.Arrays;

/** How often each brightness occurs in a frame. */
final class LumaHistogram {
  private static final int VALUES = 256;

  /** Values that make one bin when histograms are compared, so that noise does not count. */
  private static final int BIN_VALUES = 8;

  /** Pixels that are looked at in formats which are slow to read. */
  private static final int SAMPLES_ACROSS = 256;

  private final int[] even = new int[VALUES];
  private final int[] odd = new int[VALUES];
  private long pixels;

  /** Counts the pixels of a frame, and no others. */
  void count(View view, FrameLayout layout, SampleReader samples) {
    Arrays.fill(even, 0);
    Arrays.fill(odd, 0);
    pixels = 0;
    if (samples.hasLumaBytes()) {
      countBytes(view, layout.planes().getFirst());
    } else {
      countSamples(view, layout, samples);
    }
  }

  private void countBytes(View view, Plane plane) {
    for (int y = 0; y < plane.rows(); y++) {
      long at = plane.rowOffset(y);
      long end = at + plane.rowBytes();
      for (; at + Long.BYTES <= end; at += Long.BYTES) {
        countEight(view.getLong(at));
      }
      for (; at < end; at++) {
        even[view.getByte(at) & 0xFF]++;
      }
    }
    pixels = plane.rows() * plane.rowBytes();
  }

  /** Two tables, for neighbours are often equal and one counter would wait for itself. */
  private void countEight(long bytes) {
    even[(int) bytes & 0xFF]++;
    odd[(int) (bytes >>> 8) & 0xFF]++;
    even[(int) (bytes >>> 16) & 0xFF]++;
    odd[(int) (bytes >>> 24) & 0xFF]++;
    even[(int) (bytes >>> 32) & 0xFF]++;
    odd[(int) (bytes >>> 40) & 0xFF]++;
    even[(int) (bytes >>> 48) & 0xFF]++;
    odd[(int) (bytes >>> 56)]++;
  }

  private void countSamples(View view, FrameLayout layout, SampleReader samples) {
    int step = Math.max(1, layout.width() / SAMPLES_ACROSS);
    for (int y = 0; y < layout.height(); y += step) {
      for (int x = 0; x < layout.width(); x += step) {
        even[samples.luma(view, layout, x, y)]++;
        pixels++;
      }
    }
  }

  /** Mean brightness, 0 to 255. */
  double mean() {
    double sum = 0;
    for (int value = 0; value < VALUES; value++) {
      sum += (double) value * (even[value] + odd[value]);
    }
    return sum / pixels;
  }

  /** Share of the pixels that would have to change their brightness to make the other: 0 to 1. */
  double distance(LumaHistogram other) {
    double sum = 0;
    for (int bin = 0; bin < VALUES; bin += BIN_VALUES) {
      sum += Math.abs(share(bin) - other.share(bin));
    }
    return sum / 2;
  }

  private double share(int bin) {
    long count = 0;
    for (int value = bin; value < bin + BIN_VALUES; value++) {
      count += even[value] + odd[value];
    }
    return (double) count / pixels;
  }
}
