package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.nio.charset.StandardCharsets;

/** What FFmpeg's functions answer, made into sentences. */
final class NativeCalls {
  private static final int TEXT_BYTES = 128;

  private NativeCalls() {}

  /** Passes a result on, or throws when it is an error: "cannot open 'a.mp4': No such file". */
  static int check(int result, String doing) {
    if (result < 0) {
      throw new VideoException("cannot " + doing + ": " + text(result));
    }
    return result;
  }

  /** Passes an allocated object on, or throws when there was no memory for it. */
  static <T> T checkAllocated(T object, String what) {
    if (object == null) {
      throw new VideoException("FFmpeg has no memory for " + what);
    }
    return object;
  }

  /** FFmpeg's own words for an error code. */
  static String text(int error) {
    byte[] text = new byte[TEXT_BYTES];
    av_strerror(error, text, text.length);
    int length = 0;
    while (length < text.length && text[length] != 0) {
      length++;
    }
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }
}
