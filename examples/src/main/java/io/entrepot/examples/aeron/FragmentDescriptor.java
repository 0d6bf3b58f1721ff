package io.entrepot.examples.aeron;

/**
 * What stands at the beginning of each message on the wire, little endian:
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |  Magic and version                                            |
 *  +---------------------------------------------------------------+
 *  |  Type                                                         |
 *  +---------------------------------------------------------------+
 *  |  Sequence                                                     |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |  Time stamp                                                   |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |  Valid offset                                                 |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |  Valid length                                                 |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |  Fragment offset                                              |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |  Bytes of the frame, to the end of the message              ...
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Only the valid bytes of a frame travel, in fragments one behind the other; a frame without any
 * is one message without bytes. The length of a fragment is that of the message less the header.
 * How the bytes make a picture, the frame's layout, does not travel.
 */
final class FragmentDescriptor {
  /** The letters EPF and the version of this layout, from the first byte on. */
  static final int MAGIC = 'E' | 'P' << 8 | 'F' << 16 | 1 << 24;

  /** A fragment of a frame. */
  static final int FRAME = 1;

  /** The feed has ended: the sequence is the number of frames that were sent, all else is 0. */
  static final int END = 2;

  static final int MAGIC_OFFSET = 0;
  static final int TYPE_OFFSET = MAGIC_OFFSET + Integer.BYTES;

  /** Number of the frame in the sender's feed, 0 or more; each greater than the one before. */
  static final int SEQUENCE_OFFSET = TYPE_OFFSET + Integer.BYTES;

  /** Of the frame, in the producer's unit. */
  static final int TIMESTAMP_OFFSET = SEQUENCE_OFFSET + Long.BYTES;

  /** Where in its buffer the valid bytes of the frame begin, there and here. */
  static final int VALID_OFFSET_OFFSET = TIMESTAMP_OFFSET + Long.BYTES;

  /** All bytes of the frame that travel. */
  static final int VALID_LENGTH_OFFSET = VALID_OFFSET_OFFSET + Long.BYTES;

  /** Where this fragment begins, counted from the first valid byte. */
  static final int FRAGMENT_OFFSET_OFFSET = VALID_LENGTH_OFFSET + Long.BYTES;

  static final int HEADER_BYTES = FRAGMENT_OFFSET_OFFSET + Long.BYTES;

  private FragmentDescriptor() {}
}
