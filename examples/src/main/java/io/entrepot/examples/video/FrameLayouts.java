package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR0;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGRA;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_PAL;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GRAY8;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_NV12;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_NV21;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_P010LE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_PAL8;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGBA;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_UYVY422;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV410P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV411P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV444P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ444P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUYV422;
import static org.bytedeco.ffmpeg.global.avutil.av_image_get_linesize;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_count_planes;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;

import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Plane;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;

/** An {@code AVFrame} in a slot, described as Entrepot describes frames. */
final class FrameLayouts {
  private static final int PALETTE_BYTES = 4 * 256;

  /** DRM names formats by the order in a little-endian word, FFmpeg by the order in memory. */
  private static final Map<Integer, String> FOURCC =
      Map.ofEntries(
          Map.entry(AV_PIX_FMT_YUV420P, "YU12"),
          Map.entry(AV_PIX_FMT_YUVJ420P, "YU12"),
          Map.entry(AV_PIX_FMT_YUV422P, "YU16"),
          Map.entry(AV_PIX_FMT_YUVJ422P, "YU16"),
          Map.entry(AV_PIX_FMT_YUV444P, "YU24"),
          Map.entry(AV_PIX_FMT_YUVJ444P, "YU24"),
          Map.entry(AV_PIX_FMT_YUV410P, "YUV9"),
          Map.entry(AV_PIX_FMT_YUV411P, "YU11"),
          Map.entry(AV_PIX_FMT_NV12, "NV12"),
          Map.entry(AV_PIX_FMT_NV21, "NV21"),
          Map.entry(AV_PIX_FMT_P010LE, "P010"),
          Map.entry(AV_PIX_FMT_YUYV422, "YUYV"),
          Map.entry(AV_PIX_FMT_UYVY422, "UYVY"),
          Map.entry(AV_PIX_FMT_GRAY8, "R8  "),
          Map.entry(AV_PIX_FMT_PAL8, "C8  "),
          Map.entry(AV_PIX_FMT_RGB24, "BG24"),
          Map.entry(AV_PIX_FMT_BGR24, "RG24"),
          Map.entry(AV_PIX_FMT_RGBA, "AB24"),
          Map.entry(AV_PIX_FMT_BGRA, "AR24"),
          Map.entry(AV_PIX_FMT_BGR0, "XR24"));

  private FrameLayouts() {}

  /** What a frame is, for the choice of a pool and of an encoder. */
  static FrameGeometry geometry(AVFrame frame) {
    return new FrameGeometry(frame.format(), frame.width(), frame.height());
  }

  /**
   * The layout of a frame whose planes lie in a slot.
   *
   * @param base address of the slot
   */
  static FrameLayout of(AVFrame frame, long base) {
    FrameGeometry geometry = geometry(frame);
    AVPixFmtDescriptor format = av_pix_fmt_desc_get(geometry.pixelFormat());
    List<Plane> planes = new ArrayList<>();
    int count = av_pix_fmt_count_planes(geometry.pixelFormat());
    for (int i = 0; i < count; i++) {
      planes.add(
          new Plane(
              frame.data(i).address() - base,
              frame.linesize(i),
              av_image_get_linesize(geometry.pixelFormat(), geometry.width(), i),
              rows(format, geometry.height(), i)));
    }
    if ((format.flags() & AV_PIX_FMT_FLAG_PAL) != 0) {
      planes.add(new Plane(frame.data(1).address() - base, PALETTE_BYTES, PALETTE_BYTES, 1));
    }
    return new FrameLayout(
        fourcc(geometry.pixelFormat()),
        FrameLayout.LINEAR,
        geometry.width(),
        geometry.height(),
        planes,
        color(frame));
  }

  private static int rows(AVPixFmtDescriptor format, int height, int plane) {
    int shift = plane == 1 || plane == 2 ? format.log2_chroma_h() : 0;
    return -(-height >> shift);
  }

  private static int fourcc(int pixelFormat) {
    String code = FOURCC.get(pixelFormat);
    return code == null ? 0 : FrameLayout.fourcc(code);
  }

  /** The four characters of a code, first one in the low byte. */
  static String fourccText(int code) {
    byte[] text = {(byte) code, (byte) (code >> 8), (byte) (code >> 16), (byte) (code >> 24)};
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** FFmpeg's numbers are those of ITU-T H.273, as Entrepot's are. */
  private static ColorDescription color(AVFrame frame) {
    return new ColorDescription(
        frame.color_primaries(),
        frame.color_trc(),
        frame.colorspace(),
        frame.color_range() == AVCOL_RANGE_JPEG);
  }
}
