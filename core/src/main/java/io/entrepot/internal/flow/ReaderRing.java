package io.entrepot.internal.flow;

import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.Words;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The frames that one reader has not read yet: a ring with one producer, whose entries each have a
 * hold on their buffer.
 *
 * <pre>
 *  producer's words   +0    head     entries pushed
 *                     +8    refused  frames that found no room
 *                     +128  floor    entries below it are dropped
 *                     +136  over     0, or why no more frames come: 1 ended, 2 failed
 *                     +144  closed   not 0: nobody reads any more; 2: and its port knows
 *                     +152  wake     changes when sleepers are woken, see {@link RingSleepers}
 *  entries            +256  64 bytes each, a cache line:
 *                     +0    stamp    position + 1, once the entry is complete
 *                     +8    handle   63           20 19      0
 *                                    generation     | buffer
 *                     +16   sequence
 *                     +24   time stamp
 *                     +32   valid range: offset, length
 *                     +48   number of the layout, for another process
 *  behind them        +0    length of the text that says why the writer has failed
 *                     +8    the text in UTF-8, cut where it is too long
 *  reader's words     +0    cursor   entries taken
 *                     +8    dropped  entries that were gone when the reader came
 *                     +16   left     not 0: reads no more, where the producer is another process
 *                     +64   sleepers threads that sleep, where the producer is another process
 *  keeper's words     +0    retired  entries whose hold was given back
 *                     +8    seen     the furthest cursor that was seen
 * </pre>
 *
 * <p><b>Three places.</b> Each side writes its own words alone, see {@link RingPlaces}; producer
 * and keeper are the exporter's process. The head is padded against the reader, who looks at the
 * stamp of the entry at its cursor instead: a frame costs it the one line that has all it needs.
 * The producer looks at the reader's line only where the cursor that was seen last leaves no room.
 *
 * <p><b>Trust.</b> The keeper's side reads a cursor once and takes no nonsense: one that goes back,
 * or beyond the head, closes the ring. What a reader takes is bounded by the pool it maps, and an
 * entry counts only under its own stamp.
 *
 * <p><b>Push.</b> All words of an entry, then the head, then the stamp by release, which is the
 * linearization point: a reader acquires it. The head comes before, so that no cursor is ever
 * beyond it. An entry that is being overwritten has the stamp of an entry one round before, which
 * nobody looks for any more but one who is late: he is told at the claim.
 *
 * <p><b>Take.</b> A reader looks at the entry at <i>p</i> = max(cursor, floor), stores its mapping
 * slot, claims <i>p</i> by CAS of the cursor, and looks at the floor again: if it is above <i>p</i>
 * the entry was dropped meanwhile, and the reader clears its slot and tries the next. The claim is
 * the linearization point of taking a frame.
 *
 * <p><b>A whole ring</b> has one port, and nothing of it is dropped: its reader's policy is
 * another. Then only a close can take an entry from under the port, and who closes is rare. So the
 * claim is a release store of the cursor. What it takes is safe if the port's slot is seen by
 * whoever retires more than is passed, of a closed ring, or the port sees the close behind its
 * claim:
 *
 * <ul>
 *   <li>In the producer's process the look at <em>closed</em> stays behind the slot by program
 *       order, and whoever retires all of a closed ring runs the heavy {@link Barrier} first.
 *   <li>In another process, where no barrier reaches, the port has a full fence between its slot
 *       and the claim in any case, for writers in place; a hold is taken by an atomic step.
 * </ul>
 *
 * What is passed is retired as ever, for the slot is stored before the cursor that was acquired.
 *
 * <p><b>Drop.</b> The producer raises the floor. Floor and cursor are volatile on both sides:
 * whoever retires reads the floor first and the cursor after it, a reader writes the cursor first
 * and reads the floor after it. If the retirer misses the claim, the reader sees the floor and lets
 * go.
 *
 * <p><b>Retire.</b> Entries below max(floor, cursor) are given back, several at once, by whoever
 * wins the CAS of the retired word. An entry is overwritten only when it is retired, so what was
 * read of an entry before a successful CAS of the cursor or of the retired word was of that entry.
 *
 * <p>The ring is twice as long as its depth at least: passed entries that nobody has retired yet
 * take no room from unread ones.
 *
 * <p>Longer than a page, so that the words of all three sides stand in one place.
 */
final class ReaderRing {
  /** More frames may come. */
  static final long OPEN = 0;

  static final long ENDED = 1;
  static final long FAILED = 2;

  private static final long CLOSED_NOW = 1;
  static final long SETTLED = 2;

  private static final long LEAVING = 1;
  private static final long LEFT = 2;
  private static final long RELEASED = 3;

  private static final long HEAD = 0;
  private static final long REFUSED = HEAD + Words.WORD_BYTES;
  private static final long FLOOR = Words.PAD_BYTES;
  private static final long OVER = FLOOR + Words.WORD_BYTES;
  static final long CLOSED = OVER + Words.WORD_BYTES;
  private static final long WAKE = CLOSED + Words.WORD_BYTES;
  static final long ENTRIES = 2L * Words.PAD_BYTES;

  static final long ENTRY_BYTES = Words.PAD_BYTES / 2;
  private static final long HANDLE = Words.WORD_BYTES;
  private static final long SEQUENCE = HANDLE + Words.WORD_BYTES;
  private static final long TIMESTAMP = SEQUENCE + Words.WORD_BYTES;
  private static final long VALID_OFFSET = TIMESTAMP + Words.WORD_BYTES;
  private static final long VALID_LENGTH = VALID_OFFSET + Words.WORD_BYTES;
  private static final long LAYOUT = VALID_LENGTH + Words.WORD_BYTES;

  /** In the reader's words: far from the cursor, since the producer looks at it with each frame. */
  private static final long SLEEPERS = Words.PAD_BYTES / 2;

  /** Bytes behind the entries for what a failed writer says. */
  static final long FAILURE_BYTES = 4L * Words.PAD_BYTES;

  private static final int FAILURE_TEXT_BYTES = (int) FAILURE_BYTES - Words.WORD_BYTES;

  /** A look at all mapping slots is paid for by so many buffers. */
  private static final int WORTH_RETIRING = 8;

  private static final int BUFFER_BITS = 20;
  private static final long BUFFER_MASK = (1L << BUFFER_BITS) - 1;

  private final Words producer;
  private final long head;
  private final long refused;
  private final long floor;
  private final long over;
  private final long closed;
  private final long entries;
  private final Words reader;
  private final long cursor;
  private final long dropped;
  private final long left;
  private final Words keeper;
  private final long retired;
  private final long seen;
  private final int depth;
  private final long capacity;
  private final long failure;

  private final RingSleepers sleepers;

  /** What the producer knows by itself, so that it need not look at words of others. */
  private final RingProgress known = new RingProgress();

  /** How a reader reaches its producer in another process; {@code null} elsewhere. */
  private final FarFeed.FarRing far;

  /** Whether one port takes all there is, and nothing is ever dropped. */
  private final boolean isWhole;

  /** What the reader did wrong; {@code null} as long as it is right. */
  private volatile String fault;

  /** A ring over zeroed words. */
  ReaderRing(RingPlaces places, int depth) {
    this(places, depth, false, null);
  }

  private ReaderRing(RingPlaces places, int depth, boolean isWhole, FarFeed.FarRing far) {
    this.isWhole = isWhole;
    this.far = far;
    this.producer = places.producer();
    this.head = places.producerPlace() + HEAD;
    this.refused = places.producerPlace() + REFUSED;
    this.floor = places.producerPlace() + FLOOR;
    this.over = places.producerPlace() + OVER;
    this.closed = places.producerPlace() + CLOSED;
    this.entries = places.producerPlace() + ENTRIES;
    this.reader = places.reader();
    this.cursor = places.readerPlace();
    this.dropped = cursor + Words.WORD_BYTES;
    this.left = dropped + Words.WORD_BYTES;
    this.sleepers =
        new RingSleepers(producer, places.producerPlace() + WAKE, reader, cursor + SLEEPERS);
    this.keeper = places.keeper();
    this.retired = places.keeperPlace();
    this.seen = retired + Words.WORD_BYTES;
    this.depth = depth;
    this.capacity = capacity(depth);
    this.failure = entries + capacity * ENTRY_BYTES;
  }

  /**
   * A ring whose producer is another process, as its reader has it.
   *
   * @param isWhole whether one port takes all there is, and nothing is ever dropped
   */
  static ReaderRing far(FarFeed.FarRing ring, int depth, boolean isWhole) {
    Words none = Words.offHeap(RingPlaces.KEEPER_BYTES);
    return new ReaderRing(
        new RingPlaces(
            ring.producer(),
            ring.producerPlace(),
            ring.reader(),
            ring.readerPlace(),
            none,
            none.base()),
        depth,
        isWhole,
        ring);
  }

  /** A ring over zeroed words of this process, of which one port takes all there is. */
  static ReaderRing whole(RingPlaces places, int depth) {
    return new ReaderRing(places, depth, true, null);
  }

  /** Whether rings of such a reader are whole. */
  static boolean isWhole(Division division, Overflow overflow) {
    return division == Division.EACH && overflow != Overflow.DROP_OLDEST;
  }

  static long capacity(int depth) {
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

  /** Threads that sleep at this ring, where its two sides are of different processes. */
  RingSleepers sleepers() {
    return sleepers;
  }

  private long entry(long position) {
    return entries + (position & (capacity - 1)) * ENTRY_BYTES;
  }

  // ---------------------------------------------------------------- producer

  /**
   * Whether another frame fits in the reader's depth. Looks at the reader's own word only when what
   * was seen of it leaves no room. Producer only.
   */
  boolean hasRoom() {
    return known.pushed - known.passed < depth || known.pushed - (known.passed = passed()) < depth;
  }

  /**
   * Whether another frame is known to fit, in depth and ring, and nothing to be worth retiring. No
   * look at any word. Producer only.
   */
  boolean isRoomKnown() {
    long passed = known.passed;
    long retired = known.retired;
    return known.pushed - passed < depth
        && known.pushed - retired < capacity
        && passed - retired < WORTH_RETIRING;
  }

  /** Whether another entry fits in the ring without overwriting one that is not retired. */
  boolean hasSpace() {
    return known.pushed - known.retired < capacity
        || known.pushed - (known.retired = keeper.getAcquire(retired)) < capacity;
  }

  /** Whether so many entries are known to be passed that a pass over them is worth it. */
  boolean isWorthRetiring() {
    return known.passed - known.retired >= WORTH_RETIRING
        && known.passed - (known.retired = keeper.getAcquire(retired)) >= WORTH_RETIRING;
  }

  /** Appends an entry; there is {@linkplain #hasSpace() space}. Producer only. */
  void push(
      long handle,
      long sequence,
      long timestamp,
      long validOffset,
      long validLength,
      long layoutNumber) {
    long position = known.pushed;
    long entry = entry(position);
    // Released, so that a reader of an entry that is being overwritten sees PUBLISHED with it.
    producer.setRelease(entry + HANDLE, handle);
    producer.setOpaque(entry + SEQUENCE, sequence);
    producer.setOpaque(entry + TIMESTAMP, timestamp);
    producer.setOpaque(entry + VALID_OFFSET, validOffset);
    producer.setOpaque(entry + VALID_LENGTH, validLength);
    producer.setOpaque(entry + LAYOUT, layoutNumber);
    known.pushed = position + 1;
    producer.setRelease(head, position + 1);
    producer.setRelease(entry, position + 1);
  }

  /** Drops the entry at a position, which is there, and all before it. Producer only. */
  void drop(long position) {
    producer.setVolatile(floor, position + 1);
    known.passed = Math.max(known.passed, position + 1);
  }

  /**
   * Drops the oldest entry when the reader has no room for another. It may have read since it was
   * asked for room, and then nothing is dropped: the floor is never above the head, for what lies
   * between them would be given back before it is pushed. Producer only.
   */
  void makeRoom() {
    long oldest = passed();
    if (known.pushed - oldest >= depth) {
      drop(oldest);
    }
  }

  /** Counts a frame that was not delivered. Producer only. */
  void refuse() {
    producer.addOwned(refused, 1);
  }

  /**
   * Says why the writer has failed; {@link #over} publishes it. Whoever reads it while the next
   * failure is written may see a mixture of both: it is for people.
   */
  void failure(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer padded = ByteBuffer.wrap(Arrays.copyOf(utf8, FAILURE_TEXT_BYTES));
    for (int i = 0; i < FAILURE_TEXT_BYTES; i += Words.WORD_BYTES) {
      producer.setOpaque(failure + Words.WORD_BYTES + i, padded.getLong(i));
    }
    producer.setOpaque(failure, Math.min(utf8.length, FAILURE_TEXT_BYTES));
  }

  /** Tells the reader, behind what was pushed, whether more frames may come. */
  void over(long why) {
    producer.setRelease(over, why);
  }

  // ---------------------------------------------------------------- reader

  /** Entries pushed; the newest of them may not be complete yet. */
  long headAcquire() {
    return producer.getAcquire(head);
  }

  /** Entries taken. */
  long cursor() {
    return reader.getVolatile(cursor);
  }

  long floor() {
    return producer.getVolatile(floor);
  }

  /** Position of the entry to take next, which may not be there yet. */
  long next() {
    return next(cursor());
  }

  /** As {@link #next()}, behind a cursor that was read. */
  long next(long from) {
    return isWhole ? from : Math.max(from, floor());
  }

  /** Whether the entry at a position is there; acquires what it says. */
  boolean isPublished(long position) {
    return producer.getAcquire(entry(position)) == position + 1;
  }

  /** Whether there is an entry to take. */
  boolean hasNext() {
    return isPublished(next());
  }

  /** Whether the entry at {@code position} is still the one to take next. */
  boolean isNext(long position) {
    return next() == position && !isClosed();
  }

  /** Whether no more frames come, for now, behind those that are there when this is asked. */
  boolean isOver() {
    return producer.getAcquire(over) != OPEN;
  }

  /** Whether it is over because the writer has failed. */
  boolean isFailed() {
    return producer.getAcquire(over) == FAILED;
  }

  /** What the writer said of its failure; bounded, whatever the words are. */
  String failure() {
    ByteBuffer utf8 = ByteBuffer.allocate(FAILURE_TEXT_BYTES);
    for (int i = 0; i < FAILURE_TEXT_BYTES; i += Words.WORD_BYTES) {
      utf8.putLong(i, producer.getOpaque(failure + Words.WORD_BYTES + i));
    }
    int length = Math.clamp(producer.getOpaque(failure), 0, FAILURE_TEXT_BYTES);
    return new String(utf8.array(), 0, length, StandardCharsets.UTF_8);
  }

  long handle(long position) {
    return producer.getAcquire(entry(position) + HANDLE);
  }

  long sequence(long position) {
    return producer.getOpaque(entry(position) + SEQUENCE);
  }

  long timestamp(long position) {
    return producer.getOpaque(entry(position) + TIMESTAMP);
  }

  long validOffset(long position) {
    return producer.getOpaque(entry(position) + VALID_OFFSET);
  }

  long validLength(long position) {
    return producer.getOpaque(entry(position) + VALID_LENGTH);
  }

  long layoutNumber(long position) {
    return producer.getOpaque(entry(position) + LAYOUT);
  }

  /** Claims the entry at {@code position}, from the cursor that was read before. */
  boolean claim(long from, long position) {
    if (isWhole) {
      reader.setRelease(cursor, position + 1);
      return true;
    }
    if (!reader.compareAndSet(cursor, from, position + 1)) {
      return false;
    }
    if (position > from) {
      reader.getAndAdd(dropped, position - from);
    }
    return true;
  }

  /**
   * Whether a claimed entry was dropped, or the ring closed, before the claim; counts it if so. A
   * closed ring gives back everything up to its head, so closing is a drop of all there is.
   */
  boolean wasDropped(long position) {
    if ((isWhole || floor() <= position) && !isClosed()) {
      return false;
    }
    reader.getAndAdd(dropped, 1);
    return true;
  }

  /**
   * Frames that this reader did not see and never will: with those that were taken, and those that
   * are {@linkplain #unread() unread}, all that were meant for it. Of a closed ring that is
   * everything that was not taken, pushed before the writer noticed or after.
   */
  long dropped() {
    long behind = producer.getVolatile(isClosed() ? head : floor) - reader.getVolatile(cursor);
    return reader.getOpaque(dropped) + producer.getOpaque(refused) + Math.max(0, behind);
  }

  /** Frames that are there to be taken. */
  long unread() {
    return isClosed() ? 0 : Math.max(0, producer.getAcquire(head) - next());
  }

  // ---------------------------------------------------------------- keeper

  /**
   * Whether the entry at a position may have been overwritten: if not, what the caller has read of
   * it before this was of that entry.
   */
  boolean isRetired(long position) {
    VarHandle.acquireFence();
    return keeper.getVolatile(retired) > position;
  }

  /**
   * Position of the oldest entry that is neither taken nor dropped, or of the next one; the floor
   * is read first, see above. Keeper's side only, as all below.
   */
  long passed() {
    return Math.max(producer.getVolatile(floor), cursorSeen());
  }

  /**
   * The reader's cursor, read once; the last good one when it is nonsense, which closes the ring.
   *
   * <p>What was seen is read before the cursor and the head after it. An honest cursor only grows
   * and follows the head, so it lies between the two, whoever else looks meanwhile.
   */
  private long cursorSeen() {
    long before = keeper.getVolatile(seen);
    long now = reader.getVolatile(cursor);
    long most = producer.getVolatile(head);
    if (now < before || now > most) {
      if (isClosed()) {
        // Nobody reads any more, and another ring may have the reader's words by now.
        return before;
      }
      fault =
          "the reader's cursor says that "
              + now
              + " entries are taken, which is not within "
              + before
              + ", seen before, to "
              + most
              + ", pushed";
      close();
      return before;
    }
    if (now > before) {
      // Where another look was faster, this one is known by it, or by the next.
      keeper.compareAndSet(seen, before, now);
    }
    return now;
  }

  /** What the reader did wrong, for which the ring was closed; {@code null} if it did not. */
  String fault() {
    return fault;
  }

  /**
   * Ends the reading.
   *
   * @throws RuntimeException when a producer in another process does not say in time that it knows:
   *     the reader's words are kept until it does
   */
  void close() {
    if (far == null) {
      producer.compareAndSet(closed, OPEN, CLOSED_NOW);
    } else if (reader.compareAndSet(left, 0, LEAVING)) {
      far.leave().accept(this::hasBeenLeft);
      hasBeenLeft();
    }
  }

  private void hasBeenLeft() {
    reader.compareAndSet(left, LEAVING, LEFT);
  }

  /** Whether this process has ended the reading from a producer in another, which knows it. */
  boolean hasLeft() {
    return far != null && reader.getVolatile(left) == LEFT;
  }

  /** Gives the reader's words back, when no port will look at them any more; once. */
  void release() {
    if (far != null && reader.compareAndSet(left, LEFT, RELEASED)) {
      far.release().run();
    }
  }

  /** Whether nobody reads any more; both sides. */
  boolean isClosed() {
    return producer.getVolatile(closed) != 0 || (far != null && reader.getVolatile(left) != 0);
  }

  /**
   * Whether a producer in another process has ended the reading: it has closed the feed or cut the
   * reader off, or knows that the reader has left.
   */
  boolean isCutOff() {
    return far != null && producer.getVolatile(closed) != 0;
  }

  /**
   * Takes over the holds of the oldest entries that are passed, as many as there is room for. The
   * linearization point is the CAS of the retired word: handles that were read before it are of
   * entries that nobody could overwrite yet.
   *
   * @param handles where to put their handles
   * @return how many
   */
  int retire(long[] handles) {
    while (true) {
      long from = keeper.getAcquire(retired);
      boolean all = isClosed();
      if (all && isWhole) {
        settleClose();
      }
      // Read in any case: it is what the slot of a taken frame comes before.
      long passed = passed();
      long limit = all ? producer.getVolatile(head) : passed;
      int count = (int) Math.min(handles.length, limit - from);
      if (count <= 0) {
        return 0;
      }
      for (int i = 0; i < count; i++) {
        handles[i] = producer.getOpaque(entry(from + i) + HANDLE);
      }
      if (keeper.compareAndSet(retired, from, from + count)) {
        return count;
      }
    }
  }

  /** Of a whole ring: makes sure that its port knows of the close, or is seen by its slot. */
  private void settleClose() {
    if (producer.getVolatile(closed) != SETTLED) {
      Barrier.heavy();
      producer.setVolatile(closed, SETTLED);
    }
  }

  /** Whether nothing is left to retire. */
  boolean isDrained() {
    return keeper.getAcquire(retired) >= producer.getVolatile(head);
  }
}
