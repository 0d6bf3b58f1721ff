package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_CAP_DR1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_NONE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_INVALIDDATA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** A decoder, in the memory of an allocator. */
final class Decoder implements AutoCloseable {
  private final Demuxer input;
  private final RunFailure failure;
  private final AVCodecContext codec;
  private final AVFrame frame = NativeCalls.checkAllocated(av_frame_alloc(), "a frame");
  private long frames;

  /**
   * Opens the decoder for a stream.
   *
   * @param allocator where frames go; {@code null} for FFmpeg's own memory
   * @param failure what the allocator fails with on a thread of the decoder's
   */
  Decoder(Demuxer input, PoolFrameAllocator allocator, int threads, RunFailure failure) {
    this.input = input;
    this.failure = failure;
    AVCodecParameters parameters = input.stream().codecpar();
    AVCodec decoder = avcodec_find_decoder(parameters.codec_id());
    if (decoder == null) {
      throw new VideoException(
          "FFmpeg has no decoder for the codec of '"
              + input.file()
              + "', "
              + codecName(parameters));
    }
    codec = NativeCalls.checkAllocated(avcodec_alloc_context3(decoder), "a decoder");
    try {
      NativeCalls.check(
          avcodec_parameters_to_context(codec, parameters), "set up decoder " + name());
      codec.pkt_timebase(input.stream().time_base());
      codec.thread_count(threads);
      if (allocator != null) {
        codec.get_buffer2(allocator);
      }
      NativeCalls.check(
          avcodec_open2(codec, decoder, (AVDictionary) null), "open decoder " + name());
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** What FFmpeg calls a codec, or else the file does. */
  private static String codecName(AVCodecParameters parameters) {
    return parameters.codec_id() != AV_CODEC_ID_NONE || parameters.codec_tag() == 0
        ? "'" + avcodec_get_name(parameters.codec_id()).getString() + "'"
        : "'" + FrameLayouts.fourccText(parameters.codec_tag()) + "'";
  }

  AVCodecContext context() {
    return codec;
  }

  /** Name of the decoder. */
  String name() {
    return codec.codec().name().getString();
  }

  /** Whether it decodes into memory that it is given. */
  boolean rendersDirectly() {
    return (codec.codec().capabilities() & AV_CODEC_CAP_DR1) != 0;
  }

  /**
   * Decodes a packet.
   *
   * @param packet the packet, or {@code null} at the end
   * @param consumer gets each frame that comes out, good until it returns
   */
  void decode(AVPacket packet, Consumer<AVFrame> consumer) {
    if (packet != null && (packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
      damaged("a packet is cut short");
    }
    int sent = avcodec_send_packet(codec, packet);
    if (sent < 0 && sent != AVERROR_EOF()) {
      failed(sent);
    }
    while (true) {
      int received = avcodec_receive_frame(codec, frame);
      if (received == AVERROR_EAGAIN() || received == AVERROR_EOF()) {
        return;
      }
      if (received < 0) {
        failed(received);
        continue;
      }
      try {
        if (frame.decode_error_flags() != 0) {
          damaged("frame " + frames + " was decoded with errors");
        }
        frames++;
        consumer.accept(frame);
      } finally {
        av_frame_unref(frame);
      }
    }
  }

  private void failed(int error) {
    failure.check();
    if (error != AVERROR_INVALIDDATA()) {
      throw new VideoException("cannot decode '" + input.file() + "': " + NativeCalls.text(error));
    }
    damaged(NativeCalls.text(error));
  }

  /** A stream that begins in the middle may have a few bad packets first; later ones are damage. */
  private void damaged(String what) {
    if (frames > 0) {
      throw new VideoException(
          "'" + input.file() + "' is broken after " + frames + " frames: " + what);
    }
  }

  @Override
  public void close() {
    av_frame_free(frame);
    avcodec_free_context(codec);
  }
}
