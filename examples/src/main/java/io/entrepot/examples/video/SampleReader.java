package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_BE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_BITSTREAM;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_FLOAT;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_PAL;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_RGB;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;

import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.View;
import java.nio.ByteOrder;
import org.bytedeco.ffmpeg.avutil.AVComponentDescriptor;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;

/** Reads single pixels of any of FFmpeg's formats through a view, as its descriptors say. */
final class SampleReader {
  private static final int BITS = 8;
  private static final int WHITE = 255;

  private final long flags;
  private final int chromaShiftX;
  private final int chromaShiftY;
  private final Component[] components;
  private final ByteOrder order;
  private final boolean fullRangeByName;

  /** Where the samples of one component lie; all in bytes, or in bits for bitstream formats. */
  private record Component(int plane, int step, int offset, int shift, int depth) {
    int mask() {
      return (int) ((1L << depth) - 1);
    }

    boolean isInOneByte() {
      return shift + depth <= BITS;
    }
  }

  SampleReader(FrameGeometry geometry) {
    AVPixFmtDescriptor format = av_pix_fmt_desc_get(geometry.pixelFormat());
    this.flags = format.flags();
    this.chromaShiftX = format.log2_chroma_w();
    this.chromaShiftY = format.log2_chroma_h();
    this.components = new Component[format.nb_components()];
    for (int i = 0; i < components.length; i++) {
      AVComponentDescriptor from = format.comp(i);
      components[i] =
          new Component(from.plane(), from.step(), from.offset(), from.shift(), from.depth());
    }
    this.order = has(AV_PIX_FMT_FLAG_BE) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    this.fullRangeByName = geometry.formatName().startsWith("yuvj");
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** Whether luma is a plane of bytes, to be read in runs. */
  boolean hasLumaBytes() {
    Component first = components[0];
    return !has(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM)
        && first.step() == 1
        && first.depth() == BITS;
  }

  /** Brightness of a pixel, 0 to 255. */
  int luma(View view, FrameLayout layout, int x, int y) {
    if (!has(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) {
      return component(view, layout, 0, x, y);
    }
    int rgb = rgb(view, layout, x, y);
    return (299 * (rgb >> 16 & WHITE) + 587 * (rgb >> 8 & WHITE) + 114 * (rgb & WHITE)) / 1000;
  }

  /** Colour of a pixel as 0xRRGGBB. */
  int rgb(View view, FrameLayout layout, int x, int y) {
    if (has(AV_PIX_FMT_FLAG_PAL)) {
      int index = view.getByte(layout.planes().get(0).rowOffset(y) + x) & WHITE;
      return view.getInt(layout.planes().get(1).offsetBytes() + 4L * index) & 0xFFFFFF;
    }
    int first = component(view, layout, 0, x, y);
    if (components.length < 3) {
      return first << 16 | first << 8 | first;
    }
    boolean rgb = has(AV_PIX_FMT_FLAG_RGB);
    int second =
        component(view, layout, 1, x >> (rgb ? 0 : chromaShiftX), y >> (rgb ? 0 : chromaShiftY));
    int third =
        component(view, layout, 2, x >> (rgb ? 0 : chromaShiftX), y >> (rgb ? 0 : chromaShiftY));
    return rgb
        ? first << 16 | second << 8 | third
        : fromYuv(layout, first, second - 128, third - 128);
  }

  private int fromYuv(FrameLayout layout, int luma, int blueness, int redness) {
    boolean full = fullRangeByName || layout.color().fullRange();
    double light = full ? luma : (luma - 16) * 255 / 219.0;
    double scale = full ? 1 : 255 / 224.0;
    double kr = redWeight(layout.color().matrix());
    double kb = blueWeight(layout.color().matrix());
    double red = light + 2 * (1 - kr) * redness * scale;
    double blue = light + 2 * (1 - kb) * blueness * scale;
    double green = (light - kr * red - kb * blue) / (1 - kr - kb);
    return clamp(red) << 16 | clamp(green) << 8 | clamp(blue);
  }

  /** Weights of ITU-R BT.709, BT.2020, and BT.601 for all others, by the code points of H.273. */
  private static double redWeight(int matrix) {
    return switch (matrix) {
      case 1 -> 0.2126;
      case 9, 10 -> 0.2627;
      default -> 0.299;
    };
  }

  private static double blueWeight(int matrix) {
    return switch (matrix) {
      case 1 -> 0.0722;
      case 9, 10 -> 0.0593;
      default -> 0.114;
    };
  }

  private static int clamp(double value) {
    return (int) Math.max(0, Math.min(WHITE, Math.round(value)));
  }

  /** One sample, scaled to 8 bits. */
  private int component(View view, FrameLayout layout, int index, int x, int y) {
    Component from = components[index];
    Plane plane = layout.planes().get(from.plane());
    long row = plane.rowOffset(y);
    if (has(AV_PIX_FMT_FLAG_BITSTREAM)) {
      long bit = (long) x * from.step() + from.offset();
      int shift = BITS - from.depth() - (int) (bit & 7);
      return scale((view.getByte(row + (bit >> 3)) & WHITE) >> shift & from.mask(), from);
    }
    long at = row + (long) x * from.step() + from.offset();
    if (from.isInOneByte()) {
      // As FFmpeg reads them: big-endian formats count from the low byte of a word.
      int big = has(AV_PIX_FMT_FLAG_BE) ? 1 : 0;
      return scale((view.getByte(at + big) & WHITE) >> from.shift() & from.mask(), from);
    }
    if (has(AV_PIX_FMT_FLAG_FLOAT)) {
      float value =
          from.depth() == 32
              ? Float.intBitsToFloat(view.getInt(at, order))
              : Float.float16ToFloat(view.getShort(at, order));
      return clamp(value * WHITE);
    }
    return from.shift() + from.depth() <= 2 * BITS
        ? scale((view.getShort(at, order) & 0xFFFF) >> from.shift() & from.mask(), from)
        : view.getInt(at, order) >>> from.shift() >>> (from.depth() - BITS) & WHITE;
  }

  private static int scale(int sample, Component from) {
    return from.depth() >= BITS ? sample >> (from.depth() - BITS) : sample * WHITE / from.mask();
  }
}
