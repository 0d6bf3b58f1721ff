package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.Places;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The buffers of a pool, in each memory that they lie in, as one importer sees them: slices
 * re-scoped to a shared arena of each memory, whose close ends all access while the exporter's
 * memory lives on.
 *
 * <p>A slice is made when it is first mapped for that access, and cached. A racing pair of threads
 * may make the same slice twice; both are good, and segments are safe to publish by a plain store
 * since all their fields are final.
 *
 * <p><b>A memory that is gone</b> may be unmapped when {@link #letGoOf} has answered true. Who
 * makes a slice has room for it, with its arena, before it looks the memory up; whoever lets go has
 * had the pool forget the memory before it closes the arena. So one that has found the memory finds
 * its arena closed.
 */
final class AttachedMemory {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
  private static final long CLOSE_RETRY_NS = 50_000;

  /** A few chunks of a bulk operation: whoever lets go of a memory comes again. */
  private static final long LET_GO_LIMIT_NS = 10_000_000;

  private final PoolCore pool;
  private final Map<Long, Slices> all = new ConcurrentHashMap<>();

  /** Of the memory that was asked for last, by whichever thread. */
  private Slices latest;

  /** Whether none is made any more but such as are closed; under the lock. */
  private boolean closed;

  /** What was made of one memory, each by its buffer. */
  private static final class Slices {
    private final long memory;
    private final MemorySegment[] forReading;
    private final MemorySegment[] forWriting;
    private final Arena arena = Arena.ofShared();
    private volatile boolean closed;

    Slices(long memory, int buffers) {
      this.memory = memory;
      this.forReading = new MemorySegment[buffers];
      this.forWriting = new MemorySegment[buffers];
    }

    /**
     * Closes the arena. A bulk operation that holds the session for one chunk makes the JVM refuse:
     * then try again, for the chunks are short. Returns only when a close has returned, which is
     * when no thread can touch the slices: the scope says that it is dead before that.
     *
     * @throws IllegalStateException when it was refused for that long
     */
    void close(long limitNs) {
      long startNs = System.nanoTime();
      while (!closed) {
        try {
          arena.close();
          closed = true;
        } catch (IllegalStateException heldOrBeingClosed) {
          if (System.nanoTime() - startNs > limitNs) {
            throw heldOrBeingClosed;
          }
          LockSupport.parkNanos(CLOSE_RETRY_NS);
        }
      }
    }
  }

  AttachedMemory(PoolCore pool) {
    this.pool = pool;
    this.latest = makeRoom(0);
  }

  /** The bytes of a buffer, which the caller protects, at its place, for that access. */
  MemorySegment slice(long place, boolean write) {
    Slices slices = latest;
    if (slices.memory != Places.memory(place)) {
      latest = slices = room(place);
    }
    int buffer = Places.buffer(place);
    MemorySegment slice = (write ? slices.forWriting : slices.forReading)[buffer];
    return slice != null ? slice : makeSlice(slices, place, write);
  }

  /** Room for slices of a memory. */
  private Slices room(long place) {
    long memory = Places.memory(place);
    if (!pool.memories().has(memory)) {
      // It is waited for, or reported: no room is made for whatever another process's words say.
      pool.memories().at(place);
    }
    Slices there = all.get(memory);
    return there != null ? there : makeRoom(memory);
  }

  private synchronized Slices makeRoom(long memory) {
    Slices made = all.computeIfAbsent(memory, number -> new Slices(number, pool.buffers()));
    if (closed) {
      made.close(CLOSE_LIMIT.toNanos());
    }
    return made;
  }

  @SuppressWarnings("restricted")
  private MemorySegment makeSlice(Slices slices, long place, boolean write) {
    int buffer = Places.buffer(place);
    MemorySegment bytes = pool.memories().at(place).reinterpret(slices.arena, null);
    if (write) {
      return slices.forWriting[buffer] = bytes;
    }
    return slices.forReading[buffer] = bytes.asReadOnly();
  }

  /**
   * Ends all access to a memory that the pool has forgotten.
   *
   * @return false when somebody is in the middle of it: to be called again
   */
  boolean letGoOf(long memory) {
    Slices gone = all.get(memory);
    if (gone != null) {
      try {
        gone.close(LET_GO_LIMIT_NS);
      } catch (IllegalStateException held) {
        return false;
      }
      all.remove(memory, gone);
    }
    return true;
  }

  /** Ends all access to all of it; returns only when no thread can touch the slices. */
  void close() {
    List<Slices> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(all.values());
    }
    open.forEach(slices -> slices.close(CLOSE_LIMIT.toNanos()));
  }
}
