package io.entrepot.examples.video;

import org.bytedeco.ffmpeg.avutil.AVRational;

/**
 * What a stream says about time and pixels besides its frames.
 *
 * @param timeBase unit of the time stamps
 * @param frameRate frames per second
 * @param sampleAspectRatio width of a pixel by its height; 0 is unknown
 */
record StreamTiming(AVRational timeBase, AVRational frameRate, AVRational sampleAspectRatio) {

  static StreamTiming of(Demuxer input) {
    return new StreamTiming(
        copy(input.stream().time_base()),
        copy(input.frameRate()),
        copy(input.stream().codecpar().sample_aspect_ratio()));
  }

  /** JavaCPP's object is a place in the stream's memory, which this record may outlive. */
  private static AVRational copy(AVRational ratio) {
    return new AVRational().num(ratio.num()).den(ratio.den());
  }

  double seconds(long timestamp) {
    return (double) timestamp * timeBase.num() / timeBase.den();
  }
}
