package io.entrepot.internal.buffers;

/** Makes a buffer the own one of whoever looks for one. */
public interface BufferTaking {
  /** Takes a buffer if it is free. */
  boolean take(int buffer);

  /** Takes a candidate of the calling thread's own pass, if it still is that. */
  boolean take(int buffer, long candidate);
}
