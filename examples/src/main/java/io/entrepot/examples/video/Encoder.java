package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avcodec.FF_COMPLIANCE_EXPERIMENTAL;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_inv_q;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale_q;

import io.entrepot.sharing.ColorDescription;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;

/** An encoder and the file that it writes. */
final class Encoder implements AutoCloseable {
  private static final int QUALITY = 4 * FF_QP2LAMBDA;

  private final AVCodecContext codec;
  private final OutputFile output;
  private final AVPacket packet = NativeCalls.checkAllocated(av_packet_alloc(), "a packet");
  private final AVRational inputTimeBase;
  private long lastTimestamp = -1;
  private long packets;

  /** Opens an encoder for frames of one geometry, and begins the file. */
  Encoder(
      EncoderChoice choice,
      FrameGeometry geometry,
      ColorDescription color,
      StreamTiming timing,
      int threads,
      Path file) {
    this.inputTimeBase = timing.timeBase();
    AVCodec encoder = avcodec_find_encoder_by_name(choice.name());
    this.codec = NativeCalls.checkAllocated(avcodec_alloc_context3(encoder), "an encoder");
    this.output = new OutputFile(file);
    try {
      codec.width(geometry.width());
      codec.height(geometry.height());
      codec.pix_fmt(geometry.pixelFormat());
      codec.time_base(av_inv_q(timing.frameRate()));
      codec.framerate(timing.frameRate());
      codec.sample_aspect_ratio(timing.sampleAspectRatio());
      describe(color);
      codec.thread_count(threads);
      codec.max_b_frames(0);
      codec.global_quality(QUALITY);
      codec.flags(codec.flags() | AV_CODEC_FLAG_QSCALE);
      codec.strict_std_compliance(FF_COMPLIANCE_EXPERIMENTAL);
      if (output.wantsGlobalHeader()) {
        codec.flags(codec.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
      }
      NativeCalls.check(
          avcodec_open2(codec, encoder, (AVDictionary) null),
          "encode " + geometry + " with " + choice.name());
      output.begin(codec);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void describe(ColorDescription color) {
    codec.color_primaries(color.primaries());
    codec.color_trc(color.transfer());
    codec.colorspace(color.matrix());
    codec.color_range(color.fullRange() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG);
  }

  /** Encodes a frame; the encoder takes references of its own to its buffers. */
  void encode(AVFrame frame, long timestamp) {
    long ticks = av_rescale_q(timestamp, inputTimeBase, codec.time_base());
    lastTimestamp = Math.max(ticks, lastTimestamp + 1);
    frame.pts(lastTimestamp);
    frame.quality(QUALITY);
    send(frame);
  }

  private void send(AVFrame frame) {
    NativeCalls.check(avcodec_send_frame(codec, frame), "encode a frame");
    while (true) {
      int received = avcodec_receive_packet(codec, packet);
      if (received == AVERROR_EAGAIN() || received == AVERROR_EOF()) {
        return;
      }
      NativeCalls.check(received, "encode a frame");
      output.write(packet, codec);
      packets++;
    }
  }

  /** Encodes what the encoder has kept, and finishes the file. */
  void finish() {
    send(null);
    output.end();
  }

  /** Packets written, one for each frame. */
  long packets() {
    return packets;
  }

  @Override
  public void close() {
    av_packet_free(packet);
    avcodec_free_context(codec);
    output.close();
  }
}
