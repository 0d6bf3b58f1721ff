package io.entrepot.internal.sharing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The buffers of a pool, in each memory that they lie in, as one importer sees them: slices
 * re-scoped to a shared arena, whose close ends all access while the exporter's memory lives on.
 *
 * <p>A slice is made when it is first mapped for that access, and cached. A racing pair of threads
 * may make the same slice twice; both are good, and segments are safe to publish by a plain store
 * since all their fields are final.
 */
final class AttachedMemory {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
  private static final long CLOSE_RETRY_NS = 50_000;

  private final PoolCore pool;
  private final Arena arena = Arena.ofShared();
  private final Map<Long, Slices> all = new ConcurrentHashMap<>();

  /** Of the memory that was asked for last, by whichever thread. */
  private Slices latest;

  private volatile boolean closed;

  /** What was made of one memory, each by its buffer. */
  private record Slices(long memory, MemorySegment[] forReading, MemorySegment[] forWriting) {}

  AttachedMemory(PoolCore pool) {
    this.pool = pool;
    this.latest = slices(0);
    all.put(latest.memory, latest);
  }

  /** The bytes of a buffer, which the caller protects, at its place, for that access. */
  MemorySegment slice(long place, boolean write) {
    Slices slices = latest;
    if (slices.memory != Places.memory(place)) {
      latest = slices = all.computeIfAbsent(Places.memory(place), this::slices);
    }
    int buffer = Places.buffer(place);
    MemorySegment slice = (write ? slices.forWriting : slices.forReading)[buffer];
    return slice != null ? slice : makeSlice(slices, place, write);
  }

  /** Room for slices of a memory; of those that are gone there are none to be made any more. */
  private Slices slices(long memory) {
    return new Slices(memory, new MemorySegment[pool.buffers()], new MemorySegment[pool.buffers()]);
  }

  @SuppressWarnings("restricted")
  private MemorySegment makeSlice(Slices slices, long place, boolean write) {
    all.keySet().removeIf(memory -> memory != slices.memory && !pool.memories().has(memory));
    int buffer = Places.buffer(place);
    MemorySegment bytes = pool.memories().at(place).reinterpret(arena, null);
    if (write) {
      return slices.forWriting[buffer] = bytes;
    }
    return slices.forReading[buffer] = bytes.asReadOnly();
  }

  /**
   * Closes the arena. A bulk operation that holds the session for one chunk makes the JVM refuse:
   * then try again, for the chunks are short. Returns only when a close has returned, which is when
   * no thread can touch the slices: the scope says that it is dead before that.
   */
  void close() {
    long startNs = System.nanoTime();
    while (!closed) {
      try {
        arena.close();
        closed = true;
      } catch (IllegalStateException heldOrBeingClosed) {
        if (System.nanoTime() - startNs > CLOSE_LIMIT.toNanos()) {
          throw heldOrBeingClosed;
        }
        LockSupport.parkNanos(CLOSE_RETRY_NS);
      }
    }
  }
}
