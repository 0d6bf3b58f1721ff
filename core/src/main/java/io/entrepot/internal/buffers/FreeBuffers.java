package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.WaitList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Finds buffers to take, and makes buffers free.
 *
 * <p>Looking goes, in this order: over the state words from where the caller last found one; at
 * what can be reclaimed; at what ports keep for themselves. The taking decides, by a CAS of the
 * state word. Before all that a writer takes what small passes of its own have found, see {@link
 * ReadyBuffers}.
 */
public final class FreeBuffers {
  private static final int NONE = -1;

  private final String poolName;
  private final long[] classBytes;
  private final int[] classStart;
  private final BufferStates states;
  private final Lanes lanes;
  private final Reclaimer reclaimer;
  private final WaitList freed;
  private final PoolNumbers numbers;
  private final PoolMemories memories;
  private final AtomicReference<Reclaimer.Scratch> scratch = new AtomicReference<>();

  /** Odd while a close has buffers that nobody uses, and for ever after one that succeeded. */
  private volatile int closings;

  /** Whether the last pass left buffers to fences alone, whose signal wakes nobody here. */
  private volatile boolean keptByFences;

  // An array: the iterator of a list would be garbage of every reclaim that is not compiled yet.
  private volatile Retirer[] retirers = {};

  /** Something that holds published buffers and can let go of those that nobody will read. */
  public interface Retirer {
    /** Drops the holds on buffers that every reader has passed. Lock-free, any thread. */
    void retirePassed(Pass pass);

    /** One line about what is held, for dumps and refusals; empty when nothing is. */
    String describeHolds();

    /** The pool is closed: nothing will come any more. */
    void poolClosed();
  }

  /** Where holds are given back. */
  @FunctionalInterface
  public interface Holds {
    /** Drops a hold that the caller has. */
    void drop(int buffer, long generation);

    /** Whether more are not wanted now. */
    default boolean isFull() {
      return false;
    }
  }

  /** A look at all that can be reclaimed, which begins with what is dropped through it. */
  public interface Pass extends Holds {
    /** Room for handles, so that no pass allocates. */
    long[] room();
  }

  /**
   * Over size classes in ascending order.
   *
   * @param classBytes size of a buffer of each
   * @param classBuffers how many buffers each has
   */
  FreeBuffers(
      String poolName,
      long[] classBytes,
      int[] classBuffers,
      BufferStates states,
      Lanes lanes,
      Reclaimer reclaimer,
      WaitList freed,
      PoolNumbers numbers,
      PoolMemories memories) {
    this.poolName = poolName;
    this.classBytes = classBytes;
    this.states = states;
    this.lanes = lanes;
    this.reclaimer = reclaimer;
    this.freed = freed;
    this.numbers = numbers;
    this.memories = memories;
    this.classStart = new int[classBuffers.length + 1];
    for (int i = 0; i < classBuffers.length; i++) {
      classStart[i + 1] = classStart[i] + classBuffers[i];
    }
  }

  /** Index of the first buffer of a size class; one class more than there are is the end of all. */
  public int start(int sizeClass) {
    return classStart[sizeClass];
  }

  private int buffers() {
    return classStart[classBytes.length];
  }

  /** Index of the smallest size class whose buffers hold so many bytes. */
  public int classFor(long byteSize) {
    if (byteSize < 0) {
      throw new IllegalArgumentException("buffer size " + byteSize + " bytes is less than 0");
    }
    for (int i = 0; i < classBytes.length; i++) {
      if (classBytes[i] >= byteSize) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "no buffer of pool '"
            + poolName
            + "' holds "
            + byteSize
            + " bytes; the largest are of "
            + classBytes[classBytes.length - 1]);
  }

  /**
   * Takes a free buffer of a size class, or of a larger one when that class has nothing left.
   *
   * @param from where to look first
   * @param take takes a buffer, if it is free
   * @return its index, or -1 when there is none
   */
  public int tryTake(int sizeClass, int from, BufferTaking take) {
    if (!memories.isHandingOut()) {
      return NONE;
    }
    for (int i = sizeClass; i < classBytes.length; i++) {
      int start = classStart[i];
      int end = classStart[i + 1];
      int buffer = scan(start, end, from, take);
      if (buffer == NONE) {
        buffer = reclaim(start, end, take);
        if (buffer == NONE) {
          // Also when there was nothing to reclaim: another thread may have done it just now.
          buffer = scanBack(start, end, take);
        }
      }
      // Ports keep buffers of the smallest class alone. Again when this made none free, too:
      // another thread may have done it.
      if (buffer == NONE && i == 0 && recall() > 0) {
        buffer = scanBack(start, end, take);
      }
      if (buffer != NONE) {
        return buffer;
      }
    }
    return NONE;
  }

  private static int scan(int start, int end, int from, BufferTaking take) {
    int at = Math.max(from, start);
    for (int i = start; i < end; i++, at++) {
      if (at >= end) {
        at = start;
      }
      if (take.take(at)) {
        return at;
      }
    }
    return NONE;
  }

  /**
   * As {@link #scan}, in the other direction: two threads that go the same way can meet at each
   * buffer in turn, since the cache lines that they pass to each other keep them in step.
   */
  private static int scanBack(int start, int end, BufferTaking take) {
    for (int at = end - 1; at >= start; at--) {
      if (take.take(at)) {
        return at;
      }
    }
    return NONE;
  }

  /**
   * Whether what is free can be had: else it is withheld, since a process that was cut off may see
   * it or write to it.
   */
  public boolean isHandingOut() {
    return memories.isHandingOut();
  }

  /** Makes free what was retired and is not used any more; how many buffers that were. */
  public int reclaim() {
    Reclaimer.Scratch room = retirePassed();
    int made = reclaimer.reclaim(room);
    reclaimed(room, made);
    return made;
  }

  /** As {@link #reclaim()}, taking one of some buffers; its index, or -1. */
  private int reclaim(int start, int end, BufferTaking take) {
    Reclaimer.Scratch room = retirePassed();
    int made = reclaimer.reclaim(room, start, end, take);
    int taken = room.taken;
    reclaimed(room, made);
    return taken;
  }

  /** Room for what a port finds by {@link #refill}. */
  public ReadyBuffers ready() {
    return reclaimer.ready();
  }

  /**
   * Looks for buffers of the smallest size class that a port can take one by one: by a small pass,
   * over what it drops itself and nothing else. Where somebody waits for a buffer it leaves that to
   * a pass which makes them free for all.
   */
  public void refill(ReadyBuffers ready) {
    if (freed.armed() != 0 || reclaimer.cleans()) {
      return;
    }
    ready.dropped = 0;
    for (Retirer retirer : retirers) {
      retirer.retirePassed(ready);
    }
    if (ready.dropped == 0) {
      return;
    }
    int made = reclaimer.look(ready, start(1));
    if (ready.keptByFences) {
      keptByFences = true;
    }
    freed.wake();
    numbers.count(PoolCounter.RECLAIMS, made > 0 ? 1 : 0);
    // What is ready may be made free by another pass yet: it counts when it is taken.
    numbers.count(PoolCounter.RECLAIMED, made - ready.count + ready.takenSince());
  }

  /** Makes what a port has found by {@link #refill}, and not taken, free for anybody. */
  public void letGo(ReadyBuffers ready) {
    ready.letGo();
    numbers.count(PoolCounter.RECLAIMED, ready.takenSince());
  }

  private Reclaimer.Scratch retirePassed() {
    Reclaimer.Scratch room = scratch();
    for (Retirer retirer : retirers) {
      retirer.retirePassed(room);
    }
    return room;
  }

  private void reclaimed(Reclaimer.Scratch room, int made) {
    if (keptByFences != room.keptByFences) {
      keptByFences = room.keptByFences;
    }
    // Who has found a buffer in the hands of this pass sleeps by now.
    boolean madeForOthers = made > (room.taken == NONE ? 0 : 1);
    if (room.dropped > 0 || madeForOthers) {
      room.dropped = 0;
      freed.wake();
    }
    scratch.set(room);
    if (made > 0) {
      numbers.count(PoolCounter.RECLAIMS, 1);
      numbers.count(PoolCounter.RECLAIMED, made);
    }
    noteInUse();
  }

  /** Whether buffers are kept by fences of this process alone, as far as is known. */
  public boolean isAnyKeptByFences() {
    return keptByFences;
  }

  /** Notes how many buffers are in use, unless a close took some meanwhile: nobody uses those. */
  private void noteInUse() {
    int before = closings;
    if (before % 2 == 0 && numbers.maxInUse() < buffers()) {
      int inUse = buffers() - count();
      if (closings == before) {
        numbers.noteInUse(inUse);
      }
    }
  }

  /** Makes free what ports keep and do not use now; how many buffers were kept. */
  public int recall() {
    Reclaimer.Scratch room = scratch();
    int made = reclaimer.recall(room);
    int kept = room.kept;
    scratch.set(room);
    if (made > 0) {
      numbers.count(PoolCounter.RECALLED, made);
    }
    return kept;
  }

  private Reclaimer.Scratch scratch() {
    Reclaimer.Scratch room = scratch.getAndSet(null);
    return room != null ? room : reclaimer.scratch();
  }

  /** Has a queue's holds looked at by every reclaim. */
  public synchronized void register(Retirer retirer) {
    Retirer[] more = Arrays.copyOf(retirers, retirers.length + 1);
    more[more.length - 1] = retirer;
    retirers = more;
  }

  /** Ends {@link #register}. */
  public synchronized void unregister(Retirer retirer) {
    retirers = Arrays.stream(retirers).filter(kept -> kept != retirer).toArray(Retirer[]::new);
  }

  public List<Retirer> retirers() {
    return List.of(retirers);
  }

  /** Whether a buffer is free now, for anybody or for its keeper first. */
  public boolean isFree(int buffer) {
    long state = states.acquire(buffer);
    return BufferStates.kind(state) == BufferStates.FREE
        || (BufferStates.isKept(state) && !lanes.isUsedByKeeper(buffer, state));
  }

  /** Buffers that are free now; counts no instant, only what each word said when it was read. */
  public int count() {
    int free = 0;
    for (int i = 0; i < buffers(); i++) {
      free += isFree(i) ? 1 : 0;
    }
    return free;
  }

  /**
   * Takes every buffer, so that no acquire that is under way can get one; all or none. From here on
   * a buffer cannot be had, mapped or published by anybody. One thread at a time.
   */
  public boolean takeAll() {
    recall();
    closings++;
    long[] taken = new long[buffers()];
    for (int i = 0; i < taken.length; i++) {
      if ((taken[i] = states.free2owned(i)) == 0) {
        while (--i >= 0) {
          states.owned2free(i, taken[i]);
        }
        closings++;
        freed.signal();
        return false;
      }
    }
    return true;
  }
}
