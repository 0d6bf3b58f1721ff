package io.entrepot.internal.sharing;

/**
 * Hints of one thread at buffers that it gave back itself and that are likely still free and in its
 * caches, each with the state word that it left. Only hints: the word decides, and anybody may take
 * the buffer meanwhile.
 */
public final class Magazine {
  /** The OWNED state of the buffer that was taken last. */
  public long state;

  int next;
  private final int[] buffers;
  private final long[] states;
  private int count;

  /** A magazine with room for so many hints. */
  public Magazine(int capacity) {
    buffers = new int[capacity];
    states = new long[capacity];
  }

  /** Notes a buffer that was made free with that word; forgotten when there is no room. */
  void push(int buffer, long free) {
    if (count < buffers.length) {
      buffers[count] = buffer;
      states[count++] = free;
    }
  }

  /**
   * Takes the latest buffer noted with an index of at least {@code from}; -1 when there is none.
   */
  int take(BufferStates all, int from) {
    while (count > 0 && buffers[count - 1] >= from) {
      count--;
      long owned = all.free2owned(buffers[count], states[count]);
      if (owned != 0) {
        state = owned;
        return buffers[count];
      }
    }
    return -1;
  }
}
