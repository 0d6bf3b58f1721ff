package io.entrepot.internal.sharing;

/**
 * Hints of one thread at buffers that it gave back itself and that are likely still free and in its
 * caches. Only hints: the buffer's state word decides, and anybody may take the buffer meanwhile.
 */
public final class Magazine {
  /** The OWNED state of the buffer that was taken last. */
  public long state;

  int next;
  private final int[] hints;
  private int count;

  /** A magazine with room for so many hints. */
  public Magazine(int capacity) {
    hints = new int[capacity];
  }

  /** Notes a buffer that was made free; forgotten when there is no room. */
  public void push(int buffer) {
    if (count < hints.length) {
      hints[count++] = buffer;
    }
  }

  /** The latest hint at a buffer with an index of at least {@code from}, or -1. */
  int pop(int from) {
    return count > 0 && hints[count - 1] >= from ? hints[--count] : -1;
  }
}
