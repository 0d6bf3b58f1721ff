package io.entrepot.internal.flow;

/**
 * What an entry of a ring said when it was read. Copied out of the ring before the claim, for
 * behind it the entry may be overwritten.
 */
final class RingEntry {
  int buffer = -1;
  long generation;
  long sequence = -1;
  long timestamp;
  long validOffset;
  long validLength;

  /** Reads the entry at a position, which may be overwritten meanwhile: a claim tells. */
  void read(ReaderRing ring, long position) {
    long handle = ring.handle(position);
    buffer = RingDescriptor.buffer(handle);
    generation = RingDescriptor.generation(handle);
    sequence = ring.sequence(position);
    timestamp = ring.timestamp(position);
    validOffset = ring.validOffset(position);
    validLength = ring.validLength(position);
  }

  void set(RingEntry other) {
    buffer = other.buffer;
    generation = other.generation;
    sequence = other.sequence;
    timestamp = other.timestamp;
    validOffset = other.validOffset;
    validLength = other.validLength;
  }

  /** Whether the valid range lies within so many bytes. */
  boolean isWithin(long byteSize) {
    return validOffset >= 0 && validLength >= 0 && validOffset <= byteSize - validLength;
  }
}
