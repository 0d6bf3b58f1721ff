package io.entrepot.sharing;

import java.util.List;

/**
 * How the bytes of a buffer make a picture. Immutable; one object serves all frames of a stream.
 *
 * @param fourcc the DRM four-character code of the pixel format, first character in the low byte; 0
 *     when it has none
 * @param modifier the DRM format modifier; 0 is linear
 * @param width in pixels
 * @param height in pixels
 * @param planes one to eight planes, in the order of the format
 * @param color how sample values mean colours
 */
public record FrameLayout(
    int fourcc, long modifier, int width, int height, List<Plane> planes, ColorDescription color) {

  /** The modifier of rows that follow each other in memory. */
  public static final long LINEAR = 0;

  /** Checks and copies. */
  public FrameLayout {
    planes = List.copyOf(planes);
    if (planes.isEmpty() || planes.size() > 8 || width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "no frame: " + width + "x" + height + " with " + planes.size() + " planes");
    }
  }

  /**
   * {@return the code of four ASCII characters, the first one in the low byte}
   *
   * @param code such as {@code "YU12"}
   * @throws IllegalArgumentException when there are not four
   */
  public static int fourcc(String code) {
    if (code.length() != 4) {
      throw new IllegalArgumentException("'" + code + "' has not four characters");
    }
    return code.charAt(0) | code.charAt(1) << 8 | code.charAt(2) << 16 | code.charAt(3) << 24;
  }

  /** {@return the code as four characters, such as {@code YU12}} */
  public String fourccText() {
    return ""
        + (char) (fourcc & 0xFF)
        + (char) (fourcc >> 8 & 0xFF)
        + (char) (fourcc >> 16 & 0xFF)
        + (char) (fourcc >>> 24);
  }

  /** {@return bytes that a buffer must have at least to hold the frame} */
  public long byteSize() {
    return planes.stream()
        .mapToLong(plane -> Math.addExact(plane.offsetBytes(), plane.byteSize()))
        .max()
        .orElse(0);
  }
}
