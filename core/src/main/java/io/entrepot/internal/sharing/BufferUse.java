package io.entrepot.internal.sharing;

/**
 * A use of a buffer that does not run on the importer's arena and so cannot be ended by closing it:
 * it has a hold on the buffer and is listed with the attachment.
 */
interface BufferUse {
  /** Index of the buffer. */
  int bufferIndex();

  /** Generation on which the hold is. */
  long generation();

  /**
   * Whether it may look at a memory in which, the exporter says, no buffer lies any more, by ways
   * that the JVM knows nothing of. One that looks where its buffer lies behind its being listed,
   * and a full fence, is seen here or does not find the memory.
   */
  boolean mayLookAt(long memory);
}
