package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.Words;
import java.lang.invoke.VarHandle;

/**
 * The frames that one reader has not read yet: a ring with one producer, whose entries each have a
 * hold on their buffer.
 *
 * <p><b>Three places.</b> Each side writes its own words alone, see {@link RingDescriptor} for what
 * they are and {@link RingPlaces} for where; producer and keeper are the exporter's process. The
 * head is padded against the reader, who looks at the stamp of the entry at its cursor instead: a
 * frame costs it the one line that has all it needs. The producer looks at the reader's line only
 * where the cursor that was seen last leaves no room.
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
 */
final class ReaderRing {
  /** A look at all mapping slots is paid for by so many buffers. */
  private static final int WORTH_RETIRING = 8;

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
  private final FailureText failure;
  private final RingSleepers sleepers;

  /** What the producer knows by itself, so that it need not look at words of others. */
  private final RingProgress known = new RingProgress();

  /** How a reader leaves its producer in another process; {@code null} elsewhere. */
  private final Departure departure;

  /** Whether one port takes all there is, and nothing is ever dropped. */
  private final boolean isWhole;

  /** What the reader did wrong; {@code null} as long as it is right. */
  private volatile String fault;

  /** A ring over zeroed words. */
  ReaderRing(RingPlaces places, int depth) {
    this(places, depth, false, null);
  }

  private ReaderRing(RingPlaces places, int depth, boolean isWhole, Departure departure) {
    this.isWhole = isWhole;
    this.departure = departure;
    this.producer = places.producer();
    this.head = places.producerPlace() + RingDescriptor.HEAD;
    this.refused = places.producerPlace() + RingDescriptor.REFUSED;
    this.floor = places.producerPlace() + RingDescriptor.FLOOR;
    this.over = places.producerPlace() + RingDescriptor.OVER;
    this.closed = places.producerPlace() + RingDescriptor.CLOSED;
    this.entries = places.producerPlace() + RingDescriptor.ENTRIES;
    this.reader = places.reader();
    this.cursor = places.readerPlace() + RingDescriptor.CURSOR;
    this.dropped = places.readerPlace() + RingDescriptor.DROPPED;
    this.left = places.readerPlace() + RingDescriptor.LEFT;
    this.sleepers =
        new RingSleepers(
            producer,
            places.producerPlace() + RingDescriptor.WAKE,
            reader,
            places.readerPlace() + RingDescriptor.SLEEPERS);
    this.keeper = places.keeper();
    this.retired = places.keeperPlace() + RingDescriptor.RETIRED;
    this.seen = places.keeperPlace() + RingDescriptor.SEEN;
    this.depth = depth;
    this.capacity = RingDescriptor.capacity(depth);
    this.failure =
        new FailureText(producer, places.producerPlace() + RingDescriptor.failure(depth));
  }

  /**
   * A ring whose producer is another process, as its reader has it.
   *
   * @param isWhole whether one port takes all there is, and nothing is ever dropped
   */
  static ReaderRing far(FarFeed.FarRing ring, int depth, boolean isWhole) {
    return new ReaderRing(ring.places(), depth, isWhole, new Departure(ring));
  }

  /** A ring over zeroed words of this process, of which one port takes all there is. */
  static ReaderRing whole(RingPlaces places, int depth) {
    return new ReaderRing(places, depth, true, null);
  }

  /** Threads that sleep at this ring, where its two sides are of different processes. */
  RingSleepers sleepers() {
    return sleepers;
  }

  private long entry(long position) {
    return entries + (position & (capacity - 1)) * RingDescriptor.ENTRY_BYTES;
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
    producer.setRelease(entry + RingDescriptor.HANDLE, handle);
    producer.setOpaque(entry + RingDescriptor.SEQUENCE, sequence);
    producer.setOpaque(entry + RingDescriptor.TIMESTAMP, timestamp);
    producer.setOpaque(entry + RingDescriptor.VALID_OFFSET, validOffset);
    producer.setOpaque(entry + RingDescriptor.VALID_LENGTH, validLength);
    producer.setOpaque(entry + RingDescriptor.LAYOUT, layoutNumber);
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
    return producer.getAcquire(over) != RingDescriptor.OPEN;
  }

  /** Whether it is over because the writer has failed. */
  boolean isFailed() {
    return producer.getAcquire(over) == RingDescriptor.FAILED;
  }

  /** What the writer says, or said, of its failure. */
  FailureText failure() {
    return failure;
  }

  long handle(long position) {
    return producer.getAcquire(entry(position) + RingDescriptor.HANDLE);
  }

  long sequence(long position) {
    return producer.getOpaque(entry(position) + RingDescriptor.SEQUENCE);
  }

  long timestamp(long position) {
    return producer.getOpaque(entry(position) + RingDescriptor.TIMESTAMP);
  }

  long validOffset(long position) {
    return producer.getOpaque(entry(position) + RingDescriptor.VALID_OFFSET);
  }

  long validLength(long position) {
    return producer.getOpaque(entry(position) + RingDescriptor.VALID_LENGTH);
  }

  long layoutNumber(long position) {
    return producer.getOpaque(entry(position) + RingDescriptor.LAYOUT);
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
    if (departure == null) {
      producer.compareAndSet(closed, RingDescriptor.OPEN, RingDescriptor.CLOSED_NOW);
    } else {
      departure.leave();
    }
  }

  /** Whether this process has ended the reading from a producer in another, which knows it. */
  boolean hasLeft() {
    return departure != null && departure.isKnown();
  }

  /** Gives the reader's words back, when no port will look at them any more; once. */
  void release() {
    if (departure != null) {
      departure.release();
    }
  }

  /** Whether nobody reads any more; both sides. */
  boolean isClosed() {
    return producer.getVolatile(closed) != 0
        || (departure != null && reader.getVolatile(left) != 0);
  }

  /**
   * Whether a producer in another process has ended the reading: it has closed the feed or cut the
   * reader off, or knows that the reader has left.
   */
  boolean isCutOff() {
    return departure != null && producer.getVolatile(closed) != 0;
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
        handles[i] = producer.getOpaque(entry(from + i) + RingDescriptor.HANDLE);
      }
      if (keeper.compareAndSet(retired, from, from + count)) {
        return count;
      }
    }
  }

  /** Of a whole ring: makes sure that its port knows of the close, or is seen by its slot. */
  private void settleClose() {
    if (producer.getVolatile(closed) != RingDescriptor.SETTLED) {
      Barrier.heavy();
      producer.setVolatile(closed, RingDescriptor.SETTLED);
    }
  }

  /** Whether nothing is left to retire. */
  boolean isDrained() {
    return keeper.getAcquire(retired) >= producer.getVolatile(head);
  }
}
