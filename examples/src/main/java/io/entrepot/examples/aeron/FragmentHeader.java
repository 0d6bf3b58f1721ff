package io.entrepot.examples.aeron;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The words of a {@link FragmentDescriptor}, written to the wire or read from it. Each is read once
 * and checked before anything is done with it: what comes off a network is anybody's.
 */
final class FragmentHeader {
  boolean isEnd;
  long sequence;
  long timestamp;
  long validOffset;
  long validLength;

  /** Of the fragment's first byte in the valid ones, and how many it has. */
  long offset;

  int byteSize;

  /** Puts these words at an index. */
  void write(MutableDirectBuffer to, int index) {
    to.putInt(index + FragmentDescriptor.MAGIC_OFFSET, FragmentDescriptor.MAGIC, LITTLE_ENDIAN);
    to.putInt(
        index + FragmentDescriptor.TYPE_OFFSET,
        isEnd ? FragmentDescriptor.END : FragmentDescriptor.FRAME,
        LITTLE_ENDIAN);
    to.putLong(index + FragmentDescriptor.SEQUENCE_OFFSET, sequence, LITTLE_ENDIAN);
    to.putLong(index + FragmentDescriptor.TIMESTAMP_OFFSET, timestamp, LITTLE_ENDIAN);
    to.putLong(index + FragmentDescriptor.VALID_OFFSET_OFFSET, validOffset, LITTLE_ENDIAN);
    to.putLong(index + FragmentDescriptor.VALID_LENGTH_OFFSET, validLength, LITTLE_ENDIAN);
    to.putLong(index + FragmentDescriptor.FRAGMENT_OFFSET_OFFSET, offset, LITTLE_ENDIAN);
  }

  /**
   * Takes the words of a message.
   *
   * @return {@code null} when they make sense by themselves; otherwise in what way not
   */
  String read(DirectBuffer from, int index, int length) {
    if (length < FragmentDescriptor.HEADER_BYTES) {
      return "it has " + length + " bytes, a header has " + FragmentDescriptor.HEADER_BYTES;
    }
    int magic = from.getInt(index + FragmentDescriptor.MAGIC_OFFSET, LITTLE_ENDIAN);
    if (magic != FragmentDescriptor.MAGIC) {
      return "it begins with %08x, a fragment of ours with %08x"
          .formatted(magic, FragmentDescriptor.MAGIC);
    }
    int type = from.getInt(index + FragmentDescriptor.TYPE_OFFSET, LITTLE_ENDIAN);
    isEnd = type == FragmentDescriptor.END;
    sequence = from.getLong(index + FragmentDescriptor.SEQUENCE_OFFSET, LITTLE_ENDIAN);
    timestamp = from.getLong(index + FragmentDescriptor.TIMESTAMP_OFFSET, LITTLE_ENDIAN);
    validOffset = from.getLong(index + FragmentDescriptor.VALID_OFFSET_OFFSET, LITTLE_ENDIAN);
    validLength = from.getLong(index + FragmentDescriptor.VALID_LENGTH_OFFSET, LITTLE_ENDIAN);
    offset = from.getLong(index + FragmentDescriptor.FRAGMENT_OFFSET_OFFSET, LITTLE_ENDIAN);
    byteSize = length - FragmentDescriptor.HEADER_BYTES;
    if (!isEnd && type != FragmentDescriptor.FRAME) {
      return "its type is " + type;
    }
    if (sequence < 0) {
      return "its sequence is " + sequence;
    }
    return isEnd ? wrongInEnd() : wrongInFrame();
  }

  private String wrongInEnd() {
    return (timestamp | validOffset | validLength | offset | byteSize) == 0
        ? null
        : "it is an end, and has words or bytes of a frame";
  }

  private String wrongInFrame() {
    // Compared without adding: any of these may be the largest long.
    if (validOffset < 0 || validLength < 0 || validLength > Long.MAX_VALUE - validOffset) {
      return "its valid range is " + validLength + " bytes from " + validOffset + " on";
    }
    if (offset < 0 || offset > validLength || byteSize > validLength - offset) {
      return byteSize + " bytes at " + offset + " are not within " + validLength + " valid ones";
    }
    if (byteSize == 0 && validLength > 0) {
      return "it has no byte of " + validLength;
    }
    return null;
  }

  /** Whether a fragment is of the frame of another, and follows so many of its bytes. */
  boolean follows(FragmentHeader first, long received) {
    return sequence == first.sequence
        && timestamp == first.timestamp
        && validOffset == first.validOffset
        && validLength == first.validLength
        && offset == received;
  }

  /** The words of an end after so many frames. */
  void setEnd(long frames) {
    isEnd = true;
    sequence = frames;
    timestamp = 0;
    validOffset = 0;
    validLength = 0;
    offset = 0;
    byteSize = 0;
  }

  /** Takes over the words of another one. */
  void set(FragmentHeader other) {
    isEnd = other.isEnd;
    sequence = other.sequence;
    timestamp = other.timestamp;
    validOffset = other.validOffset;
    validLength = other.validLength;
    offset = other.offset;
    byteSize = other.byteSize;
  }
}
