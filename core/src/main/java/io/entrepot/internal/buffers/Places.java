package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;

/**
 * Where buffers lie: in most pools all in one memory, whose number is 0, for ever. Of a pool whose
 * memory was replaced each buffer lies where the word of its record says:
 *
 * <pre>
 *   63                     20 19        0
 *  +-------------------------+-----------+
 *  |   number of a memory    |  buffer   |
 *  +-------------------------+-----------+
 * </pre>
 *
 * <p>The word is written by who owns the buffer alone, before anybody is told of it, and by nobody
 * while it is in use. So whoever protects a buffer (a mapping behind its claim, a hold) reads it
 * without an order of its own: it acquired the buffer's entry, or its state, before.
 */
public final class Places {
  private static final int MEMORY_SHIFT = 20;

  /** Of a buffer that lies nowhere. */
  public static final long NOWHERE = -1;

  private final Words words;
  private final long first;

  /** By the words of the process that exports the pool. */
  Places(Words words, PoolDescriptor layout) {
    this.words = words;
    this.first = layout.buffer(0) + PoolDescriptor.MEMORY;
  }

  /** Where a buffer lies. */
  public long of(int buffer) {
    return place(words.getOpaque(first + buffer * PoolDescriptor.BUFFER_BYTES), buffer);
  }

  /** Has a buffer, which the caller owns alone, lie in a memory. */
  void put(int buffer, long memory) {
    words.setOpaque(first + buffer * PoolDescriptor.BUFFER_BYTES, memory);
  }

  /** The place of a buffer in a memory, whatever number that is said to have. */
  static long place(long memory, int buffer) {
    return memory << MEMORY_SHIFT | buffer;
  }

  public static long memory(long place) {
    return place >>> MEMORY_SHIFT;
  }

  public static int buffer(long place) {
    return (int) (place & Lanes.MAX_BUFFERS - 1);
  }
}
