package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_CAP_FRAME_THREADS;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_CONFIG_PIX_FORMAT;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_best_pix_fmt_of_list;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_supported_config;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_ALPHA;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_NONE;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;

import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The encoder for a pixel format: one that takes frames as they are, so that none is converted.
 *
 * @param name of the encoder
 * @param pixelFormat that it is fed; another one than the decoder's only where no encoder takes
 *     that
 * @param encodesFramesInParallel whether each of its threads has a frame of its own
 */
record EncoderChoice(String name, int pixelFormat, boolean encodesFramesInParallel) {

  /** Small files first; then what keeps the rarer formats as they are. */
  private static final List<String> CANDIDATES = List.of("mpeg4", "ffv1", "mjpeg", "ffvhuff");

  private static final String FALLBACK = "ffv1";

  /** The choice for frames of a format. */
  static EncoderChoice forFormat(int pixelFormat) {
    for (String candidate : CANDIDATES) {
      AVCodec encoder = avcodec_find_encoder_by_name(candidate);
      if (encoder != null && takes(encoder, pixelFormat)) {
        return of(encoder, candidate, pixelFormat);
      }
    }
    AVCodec encoder =
        NativeCalls.checkAllocated(avcodec_find_encoder_by_name(FALLBACK), "encoder " + FALLBACK);
    boolean alpha = (av_pix_fmt_desc_get(pixelFormat).flags() & AV_PIX_FMT_FLAG_ALPHA) != 0;
    int nearest =
        avcodec_find_best_pix_fmt_of_list(
            formats(encoder), pixelFormat, alpha ? 1 : 0, (IntPointer) null);
    return of(encoder, FALLBACK, nearest);
  }

  private static EncoderChoice of(AVCodec encoder, String name, int pixelFormat) {
    return new EncoderChoice(
        name, pixelFormat, (encoder.capabilities() & AV_CODEC_CAP_FRAME_THREADS) != 0);
  }

  /** Frames that this encoder may keep: the current one and the one before. */
  int delayFrames() {
    return 2;
  }

  private static boolean takes(AVCodec encoder, int pixelFormat) {
    IntPointer formats = formats(encoder);
    for (int i = 0; formats.get(i) != AV_PIX_FMT_NONE; i++) {
      if (formats.get(i) == pixelFormat) {
        return true;
      }
    }
    return false;
  }

  /** FFmpeg's own list, ended by {@code AV_PIX_FMT_NONE}. */
  private static IntPointer formats(AVCodec encoder) {
    try (PointerPointer<Pointer> list = new PointerPointer<>(1)) {
      NativeCalls.check(
          avcodec_get_supported_config(
              null, encoder, AV_CODEC_CONFIG_PIX_FORMAT, 0, list, (IntPointer) null),
          "ask for the pixel formats of " + encoder.name().getString());
      return new IntPointer(list.get(0));
    }
  }
}
