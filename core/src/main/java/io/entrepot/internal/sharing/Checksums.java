package io.entrepot.internal.sharing;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Sums up bytes of views of one port, for its thread, that have been checked. What the JDK sums up
 * must be a byte buffer, so there is one for each buffer that was summed up before. It goes to the
 * JDK's own class alone, which nobody can extend and which keeps none: no importer ever sees one.
 */
final class Checksums {
  private final CRC32C own = new CRC32C();
  private final MemorySegment[] segments;
  private final ByteBuffer[] bytes;

  /** For a pool of so many buffers. */
  Checksums(int buffers) {
    this.segments = new MemorySegment[buffers];
    this.bytes = new ByteBuffer[buffers];
  }

  /** See {@link io.entrepot.sharing.View#crc32c(long, long)}. */
  int of(MappedView view, MemorySegment segment, long offset, long length) {
    own.reset();
    addTo(own, view, segment, offset, length);
    return (int) own.getValue();
  }

  /** See {@link io.entrepot.sharing.View#crc32c(CRC32C, long, long)}. */
  void addTo(CRC32C sum, MappedView view, MemorySegment segment, long offset, long length) {
    try {
      if (view.slot().isPart() || segment.byteSize() > Integer.MAX_VALUE) {
        addTo(sum, segment, offset, length);
      } else {
        addTo(sum, bytes(view.slot().buffer, segment), (int) offset, (int) length);
      }
    } catch (IllegalStateException e) {
      throw view.refused(e, offset, length);
    }
  }

  /** The bytes of a buffer: made anew when another attachment or access shows it. */
  private ByteBuffer bytes(int buffer, MemorySegment segment) {
    if (segments[buffer] != segment) {
      bytes[buffer] = segment.asByteBuffer();
      segments[buffer] = segment;
    }
    return bytes[buffer];
  }

  private static void addTo(CRC32C sum, ByteBuffer from, int offset, int length) {
    int end = offset + length;
    for (int at = offset; at < end; ) {
      int next = (int) Math.min(at + Bulk.CHUNK_BYTES, end);
      sum.update(from.limit(next).position(at));
      at = next;
    }
  }

  /** What no byte buffer shows as a whole, or what was made for a short time. */
  private static void addTo(CRC32C sum, MemorySegment from, long offset, long length) {
    for (long at = 0; at < length; at += Bulk.CHUNK_BYTES) {
      long chunk = Math.min(Bulk.CHUNK_BYTES, length - at);
      sum.update(from.asSlice(offset + at, chunk).asByteBuffer());
    }
  }
}
