package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_frame;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_time_base;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_alloc;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_config;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_free;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_get_filter;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_parse2;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_GLOBALHEADER;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avfilter.AVFilterContext;
import org.bytedeco.ffmpeg.avfilter.AVFilterGraph;
import org.bytedeco.ffmpeg.avfilter.AVFilterInOut;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** Makes videos from FFmpeg's own test sources, with FFmpeg's own encoders. */
final class SampleVideo implements AutoCloseable {
  private final AVFilterGraph graph = avfilter_graph_alloc();
  private final AVFormatContext container = new AVFormatContext(null);
  private final AVFrame frame = av_frame_alloc();
  private final AVPacket packet = av_packet_alloc();
  private AVFilterContext source;
  private AVCodecContext codec;
  private AVStream stream;

  private SampleVideo() {}

  /**
   * Writes a video.
   *
   * @param file where; its name decides about the container
   * @param encoder name of the encoder
   * @param pictures a filter graph, such as {@code testsrc2=duration=1,format=yuv420p}
   * @param options of the encoder
   */
  static Path write(Path file, String encoder, String pictures, Map<String, String> options) {
    try (SampleVideo video = new SampleVideo()) {
      video.filter(pictures);
      video.encode(file, encoder, options);
    }
    return file;
  }

  private void filter(String pictures) {
    NativeCalls.check(
        avfilter_graph_parse2(
            graph, pictures + ",buffersink@end", new AVFilterInOut(null), new AVFilterInOut(null)),
        "parse " + pictures);
    NativeCalls.check(avfilter_graph_config(graph, null), "set up " + pictures);
    source = avfilter_graph_get_filter(graph, "buffersink@end");
  }

  private void encode(Path file, String encoder, Map<String, String> options) {
    while (av_buffersink_get_frame(source, frame) >= 0) {
      if (codec == null) {
        open(file, encoder, options);
      }
      frame.pict_type(AV_PICTURE_TYPE_NONE);
      send(frame);
      av_frame_unref(frame);
    }
    send(null);
    NativeCalls.check(av_write_trailer(container), "finish");
  }

  private void open(Path file, String encoder, Map<String, String> options) {
    NativeCalls.check(
        avformat_alloc_output_context2(container, null, null, file.toString()), "name " + file);
    AVCodec chosen = avcodec_find_encoder_by_name(encoder);
    codec = avcodec_alloc_context3(chosen);
    codec.width(frame.width());
    codec.height(frame.height());
    codec.pix_fmt(frame.format());
    codec.color_range(frame.color_range());
    codec.time_base(av_buffersink_get_time_base(source));
    if ((container.oformat().flags() & AVFMT_GLOBALHEADER) != 0) {
      codec.flags(codec.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    AVDictionary dictionary = new AVDictionary(null);
    options.forEach((name, value) -> av_dict_set(dictionary, name, value, 0));
    NativeCalls.check(avcodec_open2(codec, chosen, dictionary), "open " + encoder);
    av_dict_free(dictionary);
    stream = avformat_new_stream(container, null);
    avcodec_parameters_from_context(stream.codecpar(), codec);
    stream.time_base(codec.time_base());
    AVIOContext io = new AVIOContext(null);
    NativeCalls.check(avio_open(io, file.toString(), AVIO_FLAG_WRITE), "create " + file);
    container.pb(io);
    NativeCalls.check(avformat_write_header(container, (AVDictionary) null), "write " + file);
  }

  private void send(AVFrame next) {
    NativeCalls.check(avcodec_send_frame(codec, next), "encode");
    while (true) {
      int received = avcodec_receive_packet(codec, packet);
      if (received == AVERROR_EAGAIN() || received == AVERROR_EOF()) {
        return;
      }
      NativeCalls.check(received, "encode");
      av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
      NativeCalls.check(av_interleaved_write_frame(container, packet), "write");
    }
  }

  @Override
  public void close() {
    av_packet_free(packet);
    av_frame_free(frame);
    avfilter_graph_free(graph);
    avcodec_free_context(codec);
    if (container.pb() != null) {
      avio_closep(container.pb());
    }
    avformat_free_context(container);
  }
}
