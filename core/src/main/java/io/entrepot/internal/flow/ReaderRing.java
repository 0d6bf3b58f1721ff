package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Words;

/**
 * The frames that one reader has not read yet: a ring with one producer, whose entries each have a
 * hold on their buffer.
 *
 * <pre>
 *  producer's words   +0    head     entries pushed
 *                     +8    floor    entries below it are dropped
 *                     +16   refused  frames that found no room
 *  reader's words     +128  cursor   entries taken
 *                     +136  dropped  entries that were gone when the reader came
 *  anybody's words    +256  retired  entries whose hold was given back
 *                     +264  closed   not 0: nobody reads any more
 *  entries            +384  32 bytes each: handle, sequence, time stamp, unused
 *
 *  handle   63           20 19      0
 *           generation     | buffer
 * </pre>
 *
 * <p><b>Take.</b> A reader looks at the entry at <i>p</i> = max(cursor, floor), stores its mapping
 * slot, claims <i>p</i> by CAS of the cursor, and looks at the floor again: if it is above <i>p</i>
 * the entry was dropped meanwhile, and the reader clears its slot and tries the next. The claim is
 * the linearization point of taking a frame.
 *
 * <p><b>Drop.</b> The producer raises the floor. Floor and cursor are volatile on both sides:
 * whoever retires reads the floor first and the cursor after it, a reader writes the cursor first
 * and reads the floor after it. If the retirer misses the claim, the reader sees the floor and lets
 * go.
 *
 * <p><b>Retire.</b> Entries below max(floor, cursor) are given back, each by whoever wins the CAS
 * of the retired word. An entry is overwritten only when it is retired, so what was read of an
 * entry before a successful CAS of the cursor or of the retired word was of that entry.
 *
 * <p>The ring is twice as long as its depth at least: passed entries that nobody has retired yet
 * take no room from unread ones.
 */
final class ReaderRing {
  static final long NONE = -1;

  private static final long HEAD = 0;
  private static final long FLOOR = HEAD + Words.WORD_BYTES;
  private static final long REFUSED = FLOOR + Words.WORD_BYTES;
  private static final long CURSOR = Words.PAD_BYTES;
  private static final long DROPPED = CURSOR + Words.WORD_BYTES;
  private static final long RETIRED = 2L * Words.PAD_BYTES;
  private static final long CLOSED = RETIRED + Words.WORD_BYTES;
  private static final long ENTRIES = 3L * Words.PAD_BYTES;

  private static final long ENTRY_BYTES = 4L * Words.WORD_BYTES;
  private static final long SEQUENCE = Words.WORD_BYTES;
  private static final long TIMESTAMP = SEQUENCE + Words.WORD_BYTES;

  private static final int BUFFER_BITS = 20;
  private static final long BUFFER_MASK = (1L << BUFFER_BITS) - 1;

  private final Words words;
  private final long base;
  private final int depth;
  private final long capacity;

  /** A ring over zeroed words of {@link #bytes(int)} bytes. */
  ReaderRing(Words words, int depth) {
    this.words = words;
    this.base = words.base();
    this.depth = depth;
    this.capacity = capacity(depth);
  }

  static ReaderRing offHeap(int depth) {
    return new ReaderRing(Words.offHeap(bytes(depth)), depth);
  }

  static long bytes(int depth) {
    return ENTRIES + capacity(depth) * ENTRY_BYTES;
  }

  private static long capacity(int depth) {
    return Math.max(2, Long.highestOneBit(2L * depth - 1) << 1);
  }

  static long handle(int buffer, long generation) {
    return generation << BUFFER_BITS | buffer;
  }

  static int buffer(long handle) {
    return (int) (handle & BUFFER_MASK);
  }

  static long generation(long handle) {
    return handle >>> BUFFER_BITS;
  }

  private long entryOffset(long position) {
    return base + ENTRIES + (position & (capacity - 1)) * ENTRY_BYTES;
  }

  // ---------------------------------------------------------------- producer

  /** Whether another frame fits in the reader's depth. Producer only. */
  boolean hasRoom() {
    return words.getPlain(base + HEAD) - position() < depth;
  }

  /** Whether another entry fits in the ring without overwriting one that is not retired. */
  boolean hasSpace() {
    return words.getPlain(base + HEAD) - words.getAcquire(base + RETIRED) < capacity;
  }

  /** Appends an entry; there is {@linkplain #hasSpace() space}. Producer only. */
  void push(long handle, long sequence, long timestamp) {
    long head = words.getPlain(base + HEAD);
    long entry = entryOffset(head);
    // Released, so that a reader of an entry that is being overwritten sees PUBLISHED with it.
    words.setRelease(entry, handle);
    words.setPlain(entry + SEQUENCE, sequence);
    words.setPlain(entry + TIMESTAMP, timestamp);
    words.setRelease(base + HEAD, head + 1);
  }

  /** Drops the entry at a position and all before it. Producer only. */
  void drop(long position) {
    words.setVolatile(base + FLOOR, position + 1);
  }

  /** Counts a frame that was not delivered. Producer only. */
  void refuse() {
    words.addOwned(base + REFUSED, 1);
  }

  // ---------------------------------------------------------------- reader

  /** Entries pushed. */
  long headAcquire() {
    return words.getAcquire(base + HEAD);
  }

  /** Entries taken. */
  long cursor() {
    return words.getVolatile(base + CURSOR);
  }

  /** Position of the oldest unread entry; the floor is read first, see above. */
  long position() {
    long floor = words.getVolatile(base + FLOOR);
    return Math.max(floor, words.getVolatile(base + CURSOR));
  }

  long floor() {
    return words.getVolatile(base + FLOOR);
  }

  long handle(long position) {
    return words.getAcquire(entryOffset(position));
  }

  long sequence(long position) {
    return words.getOpaque(entryOffset(position) + SEQUENCE);
  }

  long timestamp(long position) {
    return words.getOpaque(entryOffset(position) + TIMESTAMP);
  }

  /** Claims the entry at {@code position}, from the cursor that was read before. */
  boolean claim(long cursor, long position) {
    if (!words.compareAndSet(base + CURSOR, cursor, position + 1)) {
      return false;
    }
    if (position > cursor) {
      words.getAndAdd(base + DROPPED, position - cursor);
    }
    return true;
  }

  /**
   * Whether a claimed entry was dropped, or the ring closed, before the claim; counts it if so. A
   * closed ring gives back everything up to its head, so closing is a drop of all there is.
   */
  boolean wasDropped(long position) {
    if (words.getVolatile(base + FLOOR) <= position && !isClosed()) {
      return false;
    }
    words.getAndAdd(base + DROPPED, 1);
    return true;
  }

  /**
   * Frames that this reader did not see and never will: with those that were taken, and those that
   * are {@linkplain #unread() unread}, all that were meant for it. Of a closed ring that is
   * everything that was not taken, pushed before the writer noticed or after.
   */
  long dropped() {
    long behind =
        words.getVolatile(base + (isClosed() ? HEAD : FLOOR)) - words.getVolatile(base + CURSOR);
    return words.getOpaque(base + DROPPED) + words.getOpaque(base + REFUSED) + Math.max(0, behind);
  }

  /** Frames that are there to be taken. */
  long unread() {
    return isClosed() ? 0 : Math.max(0, words.getAcquire(base + HEAD) - position());
  }

  // ---------------------------------------------------------------- anybody

  void close() {
    words.setVolatile(base + CLOSED, 1);
  }

  boolean isClosed() {
    return words.getVolatile(base + CLOSED) != 0;
  }

  /** Takes over the hold of the oldest entry that is passed; its handle, or {@link #NONE}. */
  long retireNext() {
    while (true) {
      long retired = words.getAcquire(base + RETIRED);
      boolean all = isClosed();
      // Read in any case: it is what the slot of a taken frame comes before.
      long passed = position();
      long limit = all ? words.getVolatile(base + HEAD) : passed;
      if (retired >= limit) {
        return NONE;
      }
      long handle = words.getOpaque(entryOffset(retired));
      if (words.compareAndSet(base + RETIRED, retired, retired + 1)) {
        return handle;
      }
    }
  }

  /** Whether nothing is left to retire. */
  boolean isDrained() {
    return words.getAcquire(base + RETIRED) >= words.getVolatile(base + HEAD);
  }
}
