package io.entrepot.examples.video;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.bytedeco.ffmpeg.avutil.AVRational;

/** What the decoder's process asks of an importer's: a line each, on its standard input. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "order")
@JsonSubTypes({
  @JsonSubTypes.Type(Order.Begin.class),
  @JsonSubTypes.Type(Order.Follow.class),
  @JsonSubTypes.Type(Order.Finish.class)
})
sealed interface Order {

  /** A ratio, as FFmpeg has them. */
  record Ratio(int num, int den) {
    static Ratio of(AVRational ratio) {
      return new Ratio(ratio.num(), ratio.den());
    }

    AVRational rational() {
      return new AVRational().num(num).den(den);
    }
  }

  /**
   * The first of all.
   *
   * @param timeBase as in {@link StreamTiming}
   * @param frameRate as in {@link StreamTiming}
   * @param sampleAspectRatio as in {@link StreamTiming}
   * @param threads for an encoder
   * @param transcoded the file that the transcoder writes
   */
  record Begin(
      Ratio timeBase, Ratio frameRate, Ratio sampleAspectRatio, int threads, String transcoded)
      implements Order {
    static Begin of(StreamTiming timing, int threads, String transcoded) {
      return new Begin(
          Ratio.of(timing.timeBase()),
          Ratio.of(timing.frameRate()),
          Ratio.of(timing.sampleAspectRatio()),
          threads,
          transcoded);
    }

    StreamTiming timing() {
      return new StreamTiming(
          timeBase.rational(), frameRate.rational(), sampleAspectRatio.rational());
    }
  }

  /**
   * Join a feed, say so, and read it behind those before.
   *
   * @param socket where its pool is served
   * @param feed its name
   * @param depth frames that may wait
   * @param geometry of its frames
   */
  record Follow(String socket, String feed, int depth, FrameGeometry geometry) implements Order {}

  /** No more feeds: read all, say so, and end. */
  record Finish() implements Order {}
}
