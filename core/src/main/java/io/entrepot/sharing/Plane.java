package io.entrepot.sharing;

/**
 * One plane of a frame.
 *
 * @param offsetBytes of its first byte within the buffer
 * @param strideBytes from the start of one row to the start of the next
 * @param rowBytes bytes of a row that carry samples, at most the stride
 * @param rows number of rows
 */
public record Plane(long offsetBytes, long strideBytes, long rowBytes, int rows) {

  /** Refuses planes that overlap themselves or lie before the buffer. */
  public Plane {
    if (offsetBytes < 0 || rows < 1 || rowBytes < 1 || strideBytes < rowBytes) {
      throw new IllegalArgumentException(
          "no plane: offset "
              + offsetBytes
              + ", stride "
              + strideBytes
              + ", row "
              + rowBytes
              + " bytes, "
              + rows
              + " rows");
    }
  }

  /**
   * {@return offset in bytes, within the buffer, of the first byte of a row}
   *
   * @param row from 0 to {@code rows() - 1}
   */
  public long rowOffset(int row) {
    if (row < 0 || row >= rows) {
      throw new IndexOutOfBoundsException("row " + row + " is not within 0 to " + (rows - 1));
    }
    return offsetBytes + row * strideBytes;
  }

  /** {@return bytes from the first of the first row to the last of the last} */
  public long byteSize() {
    return Math.addExact(Math.multiplyExact(strideBytes, (long) rows - 1), rowBytes);
  }
}
