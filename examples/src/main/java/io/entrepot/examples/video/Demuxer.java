package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_DURATION_FROM_STREAM;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.av_guess_frame_rate;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeSet;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;

/** A video file, taken apart into the packets of its first video stream. */
final class Demuxer implements AutoCloseable {
  private static final int FASTEST_RATE = 1_000;

  /** What the last frame's duration, and rounding, may make a stream shorter than announced. */
  private static final double MISSING_SECONDS = 0.5;

  private static final double MISSING_SHARE = 0.1;
  private static final AVRational USUAL_RATE = new AVRational().num(25).den(1);

  private final Path file;
  private final AVFormatContext container = new AVFormatContext(null);
  private final AVStream stream;
  private double endSeconds;

  Demuxer(Path file) {
    this.file = file;
    if (!Files.exists(file)) {
      throw new VideoException("there is no video file '" + file + "'");
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new VideoException("'" + file + "' is not a file that can be read");
    }
    // FFmpeg frees the context itself when this fails. "file:" keeps it from seeing a protocol.
    int opened =
        avformat_open_input(container, "file:" + file.toAbsolutePath(), null, (AVDictionary) null);
    if (opened < 0) {
      throw new VideoException(
          "'"
              + file
              + "' is no video file that FFmpeg knows, or a broken one: "
              + NativeCalls.text(opened));
    }
    try {
      NativeCalls.check(
          avformat_find_stream_info(container, (AVDictionary) null), "read '" + file + "'");
      this.stream = chooseStream();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private AVStream chooseStream() {
    AVStream chosen = null;
    TreeSet<String> others = new TreeSet<>();
    for (int i = 0; i < container.nb_streams(); i++) {
      AVStream candidate = container.streams(i);
      boolean video = candidate.codecpar().codec_type() == AVMEDIA_TYPE_VIDEO;
      // The cover of a song is a video stream of one picture, to FFmpeg.
      boolean cover = (candidate.disposition() & AV_DISPOSITION_ATTACHED_PIC) != 0;
      if (chosen == null && video && !cover) {
        chosen = candidate;
      } else {
        candidate.discard(AVDISCARD_ALL);
        others.add(avcodec_get_name(candidate.codecpar().codec_id()).getString());
      }
    }
    if (chosen == null) {
      throw new VideoException(
          "'"
              + file
              + "' has no video"
              + (others.isEmpty() ? "" : ", only " + String.join(", ", others)));
    }
    return chosen;
  }

  Path file() {
    return file;
  }

  AVStream stream() {
    return stream;
  }

  /** Frames per second, as the container says or as it looks; never absurd. */
  AVRational frameRate() {
    AVRational rate = av_guess_frame_rate(container, stream, null);
    boolean plausible = rate.num() > 0 && rate.den() > 0 && rate.num() / rate.den() <= FASTEST_RATE;
    return plausible ? rate : USUAL_RATE;
  }

  /** How many frames there will be, about; -1 when the container does not tell. */
  long expectedFrames() {
    if (stream.nb_frames() > 0) {
      return stream.nb_frames();
    }
    if (container.duration() == AV_NOPTS_VALUE || container.duration() <= 0) {
      return -1;
    }
    AVRational rate = frameRate();
    return container.duration() * rate.num() / rate.den() / AV_TIME_BASE;
  }

  /** Some containers just end where a file was cut off; but they have said how long they are. */
  private void checkComplete() {
    if (container.duration_estimation_method() != AVFMT_DURATION_FROM_STREAM
        || container.nb_streams() != 1) {
      return;
    }
    double announced = (double) container.duration() / AV_TIME_BASE;
    long start = container.start_time() == AV_NOPTS_VALUE ? 0 : container.start_time();
    double reached = endSeconds - (double) start / AV_TIME_BASE;
    double missing = announced - reached;
    if (missing > Math.max(MISSING_SECONDS, announced * MISSING_SHARE)) {
      throw new VideoException(
          String.format(
              Locale.ROOT,
              "'%s' is broken: it ends after %.2f of %.2f seconds",
              file,
              reached,
              announced));
    }
  }

  private void noteEnd(AVPacket packet) {
    if (packet.pts() != AV_NOPTS_VALUE) {
      long end = packet.pts() + Math.max(0, packet.duration());
      endSeconds =
          Math.max(endSeconds, (double) end * stream.time_base().num() / stream.time_base().den());
    }
  }

  /**
   * Reads the next packet of the video stream.
   *
   * @return false at the end of the file
   */
  boolean read(AVPacket packet) {
    while (true) {
      int result = av_read_frame(container, packet);
      if (result == AVERROR_EOF()) {
        checkComplete();
        return false;
      }
      if (result < 0) {
        throw new VideoException("'" + file + "' is broken: " + NativeCalls.text(result));
      }
      if (packet.stream_index() == stream.index()) {
        noteEnd(packet);
        return true;
      }
      av_packet_unref(packet);
    }
  }

  @Override
  public void close() {
    avformat_close_input(container);
  }
}
