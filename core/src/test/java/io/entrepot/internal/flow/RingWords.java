package io.entrepot.internal.flow;

import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.internal.buffers.PoolWords;
import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import java.util.function.Consumer;
import java.util.function.LongFunction;

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
  private final RingPlaces places;
  private final int depth;
  private ReaderRing ring;
  private final long[] room = new long[RingBroadcast.RETIRED_AT_ONCE];
  private ReaderRings rings;
  private ReaderRings.Member member;
  private final int buffers;
  private boolean isWhole;
  private long sequence;

  private RingWords(PoolWords pool, RingPlaces places, int buffers, int depth) {
    this.pool = pool;
    this.places = places;
    this.depth = depth;
    this.ring = new ReaderRing(places, depth);
    this.buffers = buffers;
  }

  /** Has one port alone, of which nothing is dropped. */
  public RingWords whole() {
    isWhole = true;
    ring = ReaderRing.whole(places, depth);
    return this;
  }

  /**
   * Counts as a reader does that may leave: by {@link ReaderRings}, of which the ring is one.
   * Without it the ring's own counts are told, for a model checker takes as long to follow the
   * making of it as a reader and a writer.
   */
  public RingWords counted() {
    rings = new ReaderRings();
    member = rings.add(ring);
    rings.portOpened(member);
    return this;
  }

  /** A ring that a model checker can follow. */
  public static RingWords onHeap(int buffers, int lanes, int depth) {
    // Three memories, as a reader in another process has them.
    RingPlaces places =
        new RingPlaces(
            new HeapWords(RingPlaces.producerBytes(depth)),
            0,
            new HeapWords(RingPlaces.READER_BYTES),
            0,
            new HeapWords(RingPlaces.KEEPER_BYTES),
            0);
    return new RingWords(PoolWords.onHeap(buffers, lanes), places, buffers, depth);
  }

  /** As {@link #onHeap}, over words on the heap that are made by their size in bytes. */
  public static RingWords on(LongFunction<Words> make, int buffers, int lanes, int depth) {
    Words producer = make.apply(RingPlaces.producerBytes(depth));
    Words reader = make.apply(RingPlaces.READER_BYTES);
    Words keeper = make.apply(RingPlaces.KEEPER_BYTES);
    RingPlaces places =
        new RingPlaces(producer, producer.base(), reader, reader.base(), keeper, keeper.base());
    return new RingWords(PoolWords.on(make, buffers, lanes), places, buffers, depth);
  }

  /** A ring as it is in use. */
  public static RingWords offHeap(int buffers, int lanes, int depth) {
    return new RingWords(
        PoolWords.offHeap(buffers, lanes), RingPlaces.offHeap(depth), buffers, depth);
  }

  /** Makes the words what they were at first. */
  public void reset() {
    clear(places.producer());
    clear(places.reader());
    clear(places.keeper());
    ring = isWhole ? ReaderRing.whole(places, depth) : new ReaderRing(places, depth);
    sequence = 0;
    pool.reset();
    if (rings != null) {
      counted();
    }
  }

  private static void clear(Words words) {
    for (long offset = 0; offset < words.byteSize(); offset += Words.WORD_BYTES) {
      words.setPlain(words.base() + offset, 0);
    }
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
    return publish(pool::takeByPass);
  }

  /** Wrong: as {@link #publish()}, by a pass that looks at slots before it retires. */
  public boolean publishLookingBeforeRetiring() {
    return publish(pool::takeByPassSlotsFirst);
  }

  /** As {@link #publish()}, of a buffer that a small pass has found, where that finds one. */
  public boolean publishReady() {
    return publish(pool::takeReady);
  }

  /** Wrong: as {@link #publishReady}, of whatever a small pass has dropped. */
  public boolean publishReadyWithoutLook() {
    return publish(pool::takeReadyWithoutLook);
  }

  /** How a buffer is had that is not free yet. */
  private interface Reuse {
    int take(Consumer<FreeBuffers.Pass> retire, long[] owned);
  }

  private boolean publish(Reuse reuse) {
    if (isWhole && !ring.hasRoom()) {
      return false;
    }
    long[] owned = new long[1];
    int buffer;
    do {
      buffer = -1;
      while (owned[0] == 0 && ++buffer < buffers) {
        owned[0] = pool.own(buffer);
      }
      if (owned[0] == 0) {
        buffer = reuse.take(this::retirePassed, owned);
      }
    } while (owned[0] == 0 && !isWhole && dropOldest());
    if (owned[0] == 0) {
      return false;
    }
    pool.bytes(buffer, sequence + 1);
    choose();
    pool.publish(buffer, owned[0], 1);
    ring.push(RingDescriptor.handle(buffer, PoolWords.generation(owned[0])), sequence, 0, 0, 0, 0);
    sequence++;
    return true;
  }

  /** Wrong: as {@link #publish} of a first frame, but the stamp is published before the entry. */
  public void publishStampBeforeEntry(int buffer) {
    long owned = pool.own(buffer);
    pool.bytes(buffer, 1);
    pool.publish(buffer, owned, 1);
    long entry = places.producerPlace() + RingDescriptor.ENTRIES;
    places.producer().setRelease(entry, 1);
    pool.linger();
    places
        .producer()
        .setOpaque(
            entry + Words.WORD_BYTES, RingDescriptor.handle(buffer, PoolWords.generation(owned)));
  }

  /** {@code RingWriter.choose}. */
  private void choose() {
    if (!ring.hasRoom()) {
      ring.makeRoom();
    }
    if (!ring.hasSpace()) {
      RingBroadcast.retirePassed(ring, room, pool::unhold);
    }
  }

  /** {@code Dropping.dropOldest}. */
  private boolean dropOldest() {
    long position = ring.passed();
    if (position >= ring.headAcquire()) {
      return false;
    }
    ring.drop(position);
    return true;
  }

  /** {@code FreeBuffers.reclaim}. */
  private int reclaim() {
    return pool.reclaim(this::retirePassed);
  }

  /** {@link RingBroadcast#retirePassed(FreeBuffers.Pass)}. */
  private void retirePassed(FreeBuffers.Pass pass) {
    RingBroadcast.retirePassed(ring, pass.room(), pass);
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
    Look look = new Look();
    while (look.found()) {
      int taken = look.entry.buffer;
      if (fault == Fault.CURSOR_BEFORE_SLOT) {
        if (!ring.claim(look.cursor, look.position) || ring.wasDropped(look.position)) {
          continue;
        }
        pool.linger();
        pool.storeSlot(lane, taken);
      } else {
        pool.storeSlot(lane, taken);
        if (!claim(look.cursor, look.position, fault)
            || fault != Fault.FLOOR_NOT_LOOKED_AT_AGAIN && ring.wasDropped(look.position)) {
          pool.clearSlot(lane);
          continue;
        }
      }
      long bytes = read(taken, look.entry.sequence + 1);
      pool.clearSlot(lane);
      return bytes;
    }
    return NONE;
  }

  /** {@code RingPort.look}. */
  private final class Look {
    private final RingEntry entry = new RingEntry();
    private long cursor;
    private long position;

    boolean found() {
      while (!ring.isClosed()) {
        cursor = ring.cursor();
        position = ring.next(cursor);
        if (ring.isPublished(position)) {
          entry.read(ring, position);
          if (entry.buffer < buffers) {
            return true;
          }
        } else if (ring.next() == position) {
          return false;
        }
      }
      return false;
    }
  }

  private boolean claim(long cursor, long position, Fault fault) {
    if (fault == Fault.CURSOR_WITHOUT_CAS) {
      places.reader().setVolatile(places.readerPlace(), position + 1);
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
    Look look = new Look();
    while (look.found()) {
      int taken = look.entry.buffer;
      long generation = look.entry.generation;
      if (!pool.hold(taken, generation)) {
        continue;
      }
      if (!ring.claim(look.cursor, look.position) || ring.wasDropped(look.position)) {
        pool.unhold(taken, generation);
        continue;
      }
      long bytes = read(taken, look.entry.sequence + 1);
      pool.unhold(taken, generation);
      return bytes;
    }
    return NONE;
  }

  /** Puts a word into the reader's cursor, as no honest reader does. */
  public void cursor(long word) {
    places.reader().setVolatile(places.readerPlace(), word);
  }

  // ---------------------------------------------------------------- anybody

  /** What the keeper says that the reader did wrong, or {@code null}. */
  public String fault() {
    return ring.fault();
  }

  /** Gives back what the reader has passed; how many buffers are free by that. */
  public int retireAndReclaim() {
    return reclaim();
  }

  /** Whether the ring is closed. */
  public boolean isClosed() {
    return ring.isClosed();
  }

  /** Wrong: the keeper's look at the cursor that reads the head first; whether it finds fault. */
  public boolean findsFaultLookingAtHeadFirst() {
    long pushed = ring.headAcquire();
    pool.linger();
    return ring.cursor() > pushed;
  }

  /** {@link ReaderRing#close}. */
  public void close() {
    ring.close();
  }

  /** Wrong: as {@link #close} of a whole ring, as if its port knew of it. */
  public void closeWithoutBarrier() {
    places
        .producer()
        .setVolatile(places.producerPlace() + RingDescriptor.CLOSED, RingDescriptor.SETTLED);
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

  /** {@link ReaderRings#portClosed}, of a ring that is {@linkplain #counted() counted}. */
  public void portClosed() {
    rings.portClosed(member);
  }

  /** {@link ReaderRings#leftFeed}, of a ring that is {@linkplain #counted() counted}. */
  public void leftFeed() {
    rings.leftFeed(member);
  }

  /** Frames that were neither taken nor are there to be taken. */
  public long dropped() {
    return rings == null ? ring.dropped() : rings.dropped();
  }

  /** Frames that are there to be taken. */
  public long unread() {
    return rings == null ? ring.unread() : rings.unread();
  }
}
