package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** Decodes a file into FFmpeg's own memory: what the pipeline has to agree with. */
final class PlainDecode {
  private PlainDecode() {}

  /** Checksums of all frames. */
  static List<Long> checksums(Path file) {
    List<Long> checksums = new ArrayList<>();
    AVPacket packet = av_packet_alloc();
    try (Demuxer input = new Demuxer(file);
        Decoder decoder = new Decoder(input, null, 1, new RunFailure())) {
      while (input.read(packet)) {
        decoder.decode(packet, frame -> checksums.add(FrameChecksum.of(frame)));
        av_packet_unref(packet);
      }
      decoder.decode(null, frame -> checksums.add(FrameChecksum.of(frame)));
    } finally {
      av_packet_free(packet);
    }
    return checksums;
  }
}
