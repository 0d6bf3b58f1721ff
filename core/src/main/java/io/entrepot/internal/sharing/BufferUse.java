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
}
