package io.entrepot.internal.flow;

import io.entrepot.internal.buffers.PoolWords;
import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * A feed that retains all its frames, which one reader joins: what models of late joiners run on.
 *
 * <p>{@link ReaderRing}, {@link Publishing} and {@link Backlog#fill} are called as they are. The
 * lines of {@link RingWriter}, {@link RingReader} and {@link RingBroadcast} that touch words are
 * repeated here in their order.
 */
public final class LateJoin {
  private static final int TRIES = 8;

  private final PoolWords pool;
  private final int frames;
  private final Words words = new HeapWords(Words.PAD_BYTES);
  private final Publishing publishing = new Publishing(new HeapWords(Publishing.BYTES));
  private final ReaderRing history;
  private final ReaderRing joined;
  private final ReaderRing backlog;
  private int sequence;

  /** What a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** The reader does not wait for a publication that is under way. */
    NOT_AWARE,
    /** The history is pushed to before the reader's ring. */
    HISTORY_FIRST,
    /** The history is copied before the reader's ring is in the feed. */
    COPIED_BEFORE_ADDED
  }

  /** Room for as many frames, none of which is published. */
  public LateJoin(int frames) {
    this.frames = frames;
    this.pool = PoolWords.onHeap(frames, 1);
    this.history = onHeap(frames);
    this.joined = onHeap(frames);
    this.backlog = onHeap(frames);
  }

  private static ReaderRing onHeap(int depth) {
    return new ReaderRing(
        new RingPlaces(
            new HeapWords(RingPlaces.producerBytes(depth)),
            0,
            new HeapWords(RingPlaces.READER_BYTES),
            0,
            new HeapWords(RingPlaces.KEEPER_BYTES),
            0),
        depth);
  }

  /** {@link RingWriter#publish}: the frame's buffer has its number. */
  public void publish(Fault fault) {
    int buffer = sequence;
    long owned = pool.own(buffer);
    publishing.begin();
    boolean isJoined = words.getVolatile(words.base()) != 0;
    pool.publish(buffer, owned, isJoined ? 2 : 1);
    long handle = RingDescriptor.handle(buffer, PoolWords.generation(owned));
    if (fault == Fault.HISTORY_FIRST) {
      history.push(handle, sequence, 0, 0, 0, 0);
    }
    if (isJoined) {
      joined.push(handle, sequence, 0, 0, 0, 0);
    }
    if (fault != Fault.HISTORY_FIRST) {
      history.push(handle, sequence, 0, 0, 0, 0);
    }
    publishing.end();
    sequence++;
  }

  /** {@code Dropping.dropOldest}, and the frame's buffer is used again if it can be. */
  public void dropOldestAndReuse() {
    int buffer = (int) history.passed();
    history.drop(buffer);
    RingBroadcast.retirePassed(history, new long[1], pool::unhold);
    pool.reclaim();
    if (pool.own(buffer) != 0) {
      pool.bytes(buffer, -1);
    }
  }

  /** Has the next frames hold a mark, by which a reuse of their buffers is seen. */
  public void mark(int from) {
    for (int buffer = from; buffer < frames; buffer++) {
      pool.bytes(buffer, buffer);
    }
  }

  /**
   * {@code RingReader.subscribe}: false when a publication did not come to an end, and there is no
   * backlog.
   */
  public boolean join(int most, Fault fault) {
    if (fault == Fault.COPIED_BEFORE_ADDED) {
      fill(most);
      return add(fault);
    }
    if (!add(fault)) {
      return false;
    }
    fill(most);
    return true;
  }

  /** {@code RingBroadcast.add}, and {@link Publishing#awaitAware}. */
  public boolean add(Fault fault) {
    words.setVolatile(words.base(), 1);
    if (fault == Fault.NOT_AWARE) {
      return true;
    }
    long at = publishing.changed();
    for (int i = 0; publishing.isUnderWay(at); i++) {
      if (i == TRIES) {
        return false;
      }
      pool.linger();
    }
    return true;
  }

  /** {@link Backlog#fill}. */
  public void fill(int most) {
    fill(most, pool::hold);
  }

  /** As {@link #fill}, which is stopped before it takes a hold. */
  public void fillStopped(int most, Runnable meanwhile) {
    fill(
        most,
        (buffer, generation) -> {
          meanwhile.run();
          return pool.hold(buffer, generation);
        });
  }

  private void fill(int most, Backlog.Holding holding) {
    Backlog.fill(history, joined, backlog, most, holding, pool::unhold, buffer -> 0);
  }

  /** Takes a reference to the first frame's buffer, before it is dropped. */
  public void own() {
    pool.hold(0, RingDescriptor.generation(history.handle(0)));
  }

  /** Whether who has that reference is told that nobody else uses the buffer. */
  public boolean isExclusive() {
    return pool.isExclusive(0);
  }

  /** {@code Dropping.dropOldest}; the owner of its buffer writes to it as soon as it may. */
  public void dropOldestAndWriteAgain() {
    history.drop(history.passed());
    RingBroadcast.retirePassed(history, new long[1], pool::unhold);
    if (isExclusive()) {
      pool.bytes(0, -1);
    }
  }

  /** The numbers of all frames that are there for the reader, in its order. */
  public List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>();
    add(backlog, numbers);
    add(joined, numbers);
    return numbers;
  }

  /** Whether the buffers of the backlog are still those of its frames. */
  public boolean isBacklogWhole() {
    boolean whole = true;
    for (long at = 0; at < backlog.headAcquire(); at++) {
      long handle = backlog.handle(at);
      int buffer = RingDescriptor.buffer(handle);
      whole &=
          pool.bytes(buffer) == buffer && pool.isLive(buffer, RingDescriptor.generation(handle));
    }
    return whole;
  }

  private static void add(ReaderRing ring, List<Integer> numbers) {
    for (long at = 0; at < ring.headAcquire(); at++) {
      numbers.add((int) ring.sequence(at));
    }
  }
}
