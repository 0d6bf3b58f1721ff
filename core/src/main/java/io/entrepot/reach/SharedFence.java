package io.entrepot.reach;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The name of a fence of a pool, as one of the processes that use the pool exports it and another
 * imports it. It goes from the one to the other by any way they have: a message, a frame's own
 * bytes, a file. To know it gives no rights.
 *
 * <pre>
 *   0        4            8            16            24
 *  +--------+------------+------------+-------------+
 *  | 'ENF1' | i32        | i64        | i64 point   |   little endian
 *  |        | timeline   | domain     |             |
 *  +--------+------------+------------+-------------+
 * </pre>
 *
 * @param domain number of the exporting process's part of the pool, never 0
 * @param timeline number of the timeline in it, from 0
 * @param point on the timeline, from 1
 */
public record SharedFence(long domain, int timeline, long point) {
  /** Size of {@link #toBytes()}. */
  public static final int BYTES = 24;

  private static final int MAGIC = 'E' | 'N' << 8 | 'F' << 16 | '1' << 24;

  /**
   * Checks the numbers as far as they can be without the pool.
   *
   * @throws IllegalArgumentException when a number is out of its range
   */
  public SharedFence {
    if (domain == 0 || timeline < 0 || point < 1) {
      throw new IllegalArgumentException(
          "point "
              + point
              + " of timeline "
              + timeline
              + " of domain "
              + domain
              + " names no fence: points begin at 1, timelines at 0, and no domain is 0");
    }
  }

  /** {@return the name as {@value #BYTES} bytes} */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(MAGIC)
        .putInt(timeline)
        .putLong(domain)
        .putLong(point)
        .array();
  }

  /**
   * Reads what {@link #toBytes()} has made.
   *
   * @param bytes all of them
   * @return the name
   * @throws IllegalArgumentException when these bytes are no such name
   */
  public static SharedFence of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "the name of a fence has " + BYTES + " bytes, not " + bytes.length);
    }
    ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int magic = from.getInt();
    if (magic != MAGIC) {
      throw new IllegalArgumentException(
          String.format("the name of a fence begins with %08x, not %08x", MAGIC, magic));
    }
    int timeline = from.getInt();
    return new SharedFence(from.getLong(), timeline, from.getLong());
  }
}
