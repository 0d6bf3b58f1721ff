package io.entrepot.sharing;

/**
 * So many buffers of one size.
 *
 * @param bufferBytes size of each buffer in bytes, 1 or more
 * @param buffers how many, 1 or more
 */
public record SizeClass(long bufferBytes, int buffers) {

  /** Refuses sizes and counts that make no buffer. */
  public SizeClass {
    if (bufferBytes < 1) {
      throw new IllegalArgumentException("buffer size " + bufferBytes + " bytes is less than 1");
    }
    if (buffers < 1) {
      throw new IllegalArgumentException("number of buffers " + buffers + " is less than 1");
    }
  }
}
