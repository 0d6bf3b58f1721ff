package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.av_get_pix_fmt_name;

/**
 * What all frames between two changes of resolution or format have in common.
 *
 * @param pixelFormat an {@code AVPixelFormat}
 * @param width in pixels
 * @param height in pixels
 */
record FrameGeometry(int pixelFormat, int width, int height) {

  /** Name of the pixel format, such as {@code yuv420p}. */
  String formatName() {
    var name = av_get_pix_fmt_name(pixelFormat);
    return name == null ? "format " + pixelFormat : name.getString();
  }

  @Override
  public String toString() {
    return width + "x" + height + " " + formatName();
  }
}
