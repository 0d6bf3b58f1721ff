package io.entrepot.internal.flow;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sharing.PoolWords;

/**
 * One reader's ring over a small pool: what models of a queue run on.
 *
 * <p>{@link ReaderRing} and what {@link PoolWords} puts together are called as they are. The lines
 * of {@link RingPort}, {@link RingWriter} and {@link RingBroadcast} that touch words are repeated
 * here in their order, without ports, views and waiting.
 */
public final class RingWords {
  /** No frame. */
  public static final long NONE = -1;

  private static final int REUSE_TRIES = 4;

  private final PoolWords pool;
  private final Words ringWords;
  private final ReaderRing ring;
  private ReaderRings rings;
  private ReaderRings.Member member;
  private final int buffers;
  private long sequence;

  private RingWords(PoolWords pool, Words ringWords, int buffers, int depth) {
    this.pool = pool;
    this.ringWords = ringWords;
    this.ring = new ReaderRing(ringWords, depth);
    this.buffers = buffers;
    count();
  }

  private void count() {
    rings = new ReaderRings();
    member = rings.add(ring);
    rings.portOpened(member);
  }

  /** A ring that a model checker can follow. */
  public static RingWords onHeap(int buffers, int lanes, int depth) {
    return new RingWords(
        PoolWords.onHeap(buffers, lanes), new HeapWords(ReaderRing.bytes(depth)), buffers, depth);
  }

  /** A ring as it is in use. */
  public static RingWords offHeap(int buffers, int lanes, int depth) {
    return new RingWords(
        PoolWords.offHeap(buffers, lanes), Words.offHeap(ReaderRing.bytes(depth)), buffers, depth);
  }

  /** Makes the words what they were at first. */
  public void reset() {
    for (long offset = 0; offset < ringWords.byteSize(); offset += Words.WORD_BYTES) {
      ringWords.setPlain(ringWords.base() + offset, 0);
    }
    sequence = 0;
    pool.reset();
    count();
  }

  public PoolWords pool() {
    return pool;
  }

  // ---------------------------------------------------------------- writer

  /**
   * {@link RingWriter#acquire} and {@link RingWriter#publish} of a feed with one DROP_OLDEST
   * reader: the frame's bytes are its sequence number plus 1. False when there is no buffer.
   */
  public boolean publish() {
    int buffer;
    long owned;
    do {
      buffer = -1;
      owned = 0;
      while (owned == 0 && ++buffer < buffers) {
        owned = pool.own(buffer);
      }
    } while (owned == 0 && (reclaim() > 0 || dropOldest()));
    if (owned == 0) {
      return false;
    }
    pool.bytes(buffer, sequence + 1);
    choose();
    pool.publish(buffer, owned, 1);
    ring.push(ReaderRing.handle(buffer, PoolWords.generation(owned)), sequence, 0);
    sequence++;
    return true;
  }

  /** Wrong: as {@link #publish} of a first frame, but the count is published before the entry. */
  public void publishCountBeforeEntry(int buffer) {
    long owned = pool.own(buffer);
    pool.bytes(buffer, 1);
    pool.publish(buffer, owned, 1);
    ringWords.setRelease(ringWords.base(), 1);
    pool.linger();
    ringWords.setOpaque(
        ringWords.base() + 3L * Words.PAD_BYTES,
        ReaderRing.handle(buffer, PoolWords.generation(owned)));
  }

  /** {@code RingWriter.choose}. */
  private void choose() {
    if (!ring.hasRoom()) {
      ring.drop(ring.position());
    }
    if (!ring.hasSpace()) {
      retirePassed();
    }
  }

  /** {@code RingWriter.dropOldest}. */
  private boolean dropOldest() {
    long position = ring.position();
    if (position >= ring.headAcquire()) {
      return false;
    }
    ring.drop(position);
    return true;
  }

  /** {@code PoolCore.reclaim}. */
  private int reclaim() {
    retirePassed();
    return pool.reclaim();
  }

  /** {@link RingBroadcast#retirePassed(ReaderRing)}. */
  public void retirePassed() {
    long handle;
    while ((handle = ring.retireNext()) != ReaderRing.NONE) {
      pool.unhold(ReaderRing.buffer(handle), ReaderRing.generation(handle));
    }
  }

  // ---------------------------------------------------------------- reader

  /**
   * {@code RingPort.takeView}, in a lane: the bytes of the next frame, read before anything else
   * can be taken, or {@link #NONE}; negative below that when they were not those of the frame.
   */
  public long take(int lane) {
    return take(lane, Fault.NONE);
  }

  /** Steps of taking a frame that a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** The cursor is advanced before the slot is stored. */
    CURSOR_BEFORE_SLOT,
    /** The floor is not looked at again behind the claim. */
    FLOOR_NOT_LOOKED_AT_AGAIN,
    /** The cursor is advanced by a store, so two readers may take the same frame. */
    CURSOR_WITHOUT_CAS
  }

  /** As {@link #take(int)}, with a fault. */
  public long take(int lane, Fault fault) {
    while (true) {
      long cursor = ring.cursor();
      long position = Math.max(cursor, ring.floor());
      if (position >= ring.headAcquire() || ring.isClosed()) {
        return NONE;
      }
      long handle = ring.handle(position);
      int taken = ReaderRing.buffer(handle);
      long generation = ReaderRing.generation(handle);
      long takenSequence = ring.sequence(position);
      if (taken >= buffers) {
        continue;
      }
      if (fault == Fault.CURSOR_BEFORE_SLOT) {
        if (!ring.claim(cursor, position) || ring.wasDropped(position)) {
          continue;
        }
        pool.linger();
        pool.storeSlot(lane, taken);
      } else {
        pool.storeSlot(lane, taken);
        if (!claim(cursor, position, fault)
            || fault != Fault.FLOOR_NOT_LOOKED_AT_AGAIN && ring.wasDropped(position)) {
          pool.clearSlot(lane);
          continue;
        }
      }
      long bytes = read(taken, takenSequence + 1);
      pool.clearSlot(lane);
      return bytes;
    }
  }

  private boolean claim(long cursor, long position, Fault fault) {
    if (fault == Fault.CURSOR_WITHOUT_CAS) {
      ringWords.setVolatile(ringWords.base() + Words.PAD_BYTES, position + 1);
      return true;
    }
    return ring.claim(cursor, position);
  }

  private long read(int buffer, long expected) {
    long first = pool.bytes(buffer);
    pool.linger();
    long second = pool.bytes(buffer);
    return first == expected && second == expected ? first : -1 - Math.max(first, second);
  }

  /**
   * {@code RingPort.takeHold}: the bytes of the next frame, read under a hold of the reader's own.
   */
  public long takeHold() {
    while (true) {
      long cursor = ring.cursor();
      long position = Math.max(cursor, ring.floor());
      if (position >= ring.headAcquire() || ring.isClosed()) {
        return NONE;
      }
      long handle = ring.handle(position);
      int taken = ReaderRing.buffer(handle);
      long generation = ReaderRing.generation(handle);
      long takenSequence = ring.sequence(position);
      if (taken >= buffers || !pool.hold(taken, generation)) {
        continue;
      }
      if (!ring.claim(cursor, position) || ring.wasDropped(position)) {
        pool.unhold(taken, generation);
        continue;
      }
      long bytes = read(taken, takenSequence + 1);
      pool.unhold(taken, generation);
      return bytes;
    }
  }

  // ---------------------------------------------------------------- anybody

  /** {@link ReaderRing#close}. */
  public void close() {
    ring.close();
  }

  /** Drops all that is unread. */
  public void dropAll() {
    ring.drop(ring.headAcquire() - 1);
  }

  /** As {@link #reuse}, tried a few times. */
  public void reuseSoon(int buffer, long mark) {
    for (int i = 0; i < REUSE_TRIES && !reuse(buffer, mark); i++) {
      pool.linger();
    }
  }

  /** Frees what can be freed and acquires a buffer, whose bytes become {@code mark}. */
  public boolean reuse(int buffer, long mark) {
    reclaim();
    boolean reused = pool.own(buffer) != 0;
    if (reused) {
      pool.bytes(buffer, mark);
    }
    return reused;
  }

  /** {@link ReaderRings#portClosed}. */
  public void portClosed() {
    rings.portClosed(member);
  }

  /** {@link ReaderRings#leftFeed}. */
  public void leftFeed() {
    rings.leftFeed(member);
  }

  /** Frames that were neither taken nor are there to be taken. */
  public long dropped() {
    return rings.dropped();
  }

  /** Frames that are there to be taken. */
  public long unread() {
    return rings.unread();
  }
}
