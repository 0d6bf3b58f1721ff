package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_FFV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_FLV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H263;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG1VIDEO;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG2VIDEO;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MSMPEG4V3;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_THEORA;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VC1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP9;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_WMV2;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_PROP_INTRA_ONLY;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_descriptor_get;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecDescriptor;

/**
 * How many slots it takes so that nobody ever waits for a slot which only he himself could give
 * back.
 *
 * @param decoderNeed frames that the decoder keeps as references and for putting into order
 * @param decoderThreads frames that it works on at a time, and their threads' memory of old ones
 * @param encoderDelay frames that the encoder keeps before it gives out a packet
 * @param encoderThreads frames that it works on at a time
 * @param queueDepth frames published and not read
 */
record SlotBudget(
    int decoderNeed, int decoderThreads, int encoderDelay, int encoderThreads, int queueDepth) {

  /** Most frames that H.264 and HEVC allow a decoder to keep, and the one it works on. */
  private static final int LARGEST_NEED = 16 + 2;

  /** All slots; the last one is the frame in a viewing reader's hands. */
  int slots() {
    return decoderNeed + decoderThreads + encoderDelay + encoderThreads + queueDepth + 1;
  }

  /**
   * The budget for an opened decoder, which has read the headers of the frame it asks memory for.
   */
  static SlotBudget of(AVCodecContext decoder, EncoderChoice encoder, int threads, int queueDepth) {
    boolean framesInParallel = (decoder.active_thread_type() & AVCodecContext.FF_THREAD_FRAME) != 0;
    return new SlotBudget(
        decoderNeed(decoder),
        framesInParallel ? 2 * decoder.thread_count() : 0,
        encoder.delayFrames(),
        encoder.encodesFramesInParallel() ? threads : 0,
        queueDepth);
  }

  private static int decoderNeed(AVCodecContext decoder) {
    AVCodecDescriptor descriptor = avcodec_descriptor_get(decoder.codec_id());
    if (descriptor != null && (descriptor.props() & AV_CODEC_PROP_INTRA_ONLY) != 0) {
      return 2;
    }
    return switch (decoder.codec_id()) {
      case AV_CODEC_ID_MPEG1VIDEO,
          AV_CODEC_ID_MPEG2VIDEO,
          AV_CODEC_ID_MPEG4,
          AV_CODEC_ID_MSMPEG4V3,
          AV_CODEC_ID_H263,
          AV_CODEC_ID_FLV1,
          AV_CODEC_ID_WMV2,
          AV_CODEC_ID_VC1 ->
          5;
      case AV_CODEC_ID_FFV1, AV_CODEC_ID_PNG -> 3;
      case AV_CODEC_ID_VP8, AV_CODEC_ID_THEORA -> 6;
      case AV_CODEC_ID_VP9 -> 8 + 4;
      // References, as many again waiting for their turn, the current one and one to conceal with.
      case AV_CODEC_ID_H264 ->
          Math.max(4, decoder.refs())
              + Math.max(decoder.has_b_frames(), Math.max(4, decoder.refs()))
              + 2;
      default -> LARGEST_NEED;
    };
  }
}
