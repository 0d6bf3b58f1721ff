package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
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

import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;

/** A Matroska file with one video stream: that container takes every codec. */
final class OutputFile implements AutoCloseable {
  private static final String CONTAINER = "matroska";

  private final Path file;
  private final AVFormatContext container = new AVFormatContext(null);
  private AVStream stream;

  OutputFile(Path file) {
    this.file = file;
    NativeCalls.check(
        avformat_alloc_output_context2(container, null, CONTAINER, file.toString()),
        "write Matroska files");
  }

  /** Whether an encoder must leave its headers to the container. */
  boolean wantsGlobalHeader() {
    return (container.oformat().flags() & AVFMT_GLOBALHEADER) != 0;
  }

  /** Begins the file with the headers of an opened encoder. */
  void begin(AVCodecContext encoder) {
    stream = NativeCalls.checkAllocated(avformat_new_stream(container, null), "a stream");
    NativeCalls.check(
        avcodec_parameters_from_context(stream.codecpar(), encoder), "describe the stream");
    stream.time_base(encoder.time_base());
    stream.avg_frame_rate(encoder.framerate());
    AVIOContext io = new AVIOContext(null);
    NativeCalls.check(
        avio_open(io, "file:" + file.toAbsolutePath(), AVIO_FLAG_WRITE), "create '" + file + "'");
    container.pb(io);
    NativeCalls.check(
        avformat_write_header(container, (AVDictionary) null), "write to '" + file + "'");
  }

  /** Writes a packet, and leaves it empty. */
  void write(AVPacket packet, AVCodecContext encoder) {
    av_packet_rescale_ts(packet, encoder.time_base(), stream.time_base());
    packet.stream_index(stream.index());
    NativeCalls.check(av_interleaved_write_frame(container, packet), "write to '" + file + "'");
  }

  /** Writes the index. */
  void end() {
    NativeCalls.check(av_write_trailer(container), "finish '" + file + "'");
  }

  @Override
  public void close() {
    if (container.pb() != null) {
      AVIOContext io = container.pb();
      avio_closep(io);
      container.pb(null);
    }
    avformat_free_context(container);
  }
}
