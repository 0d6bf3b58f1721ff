package io.entrepot.internal.sharing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The buffers of a pool as one importer sees them: slices re-scoped to a shared arena, whose close
 * ends all access while the exporter's memory lives on.
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
  private final MemorySegment[] readSlices;
  private final MemorySegment[] writeSlices;
  private volatile boolean closed;

  AttachedMemory(PoolCore pool) {
    this.pool = pool;
    this.readSlices = new MemorySegment[pool.buffers()];
    this.writeSlices = new MemorySegment[pool.buffers()];
  }

  /** The bytes of a buffer for that access. */
  MemorySegment slice(int buffer, boolean write) {
    MemorySegment slice = (write ? writeSlices : readSlices)[buffer];
    return slice != null ? slice : makeSlice(buffer, write);
  }

  @SuppressWarnings("restricted")
  private MemorySegment makeSlice(int buffer, boolean write) {
    MemorySegment bytes = pool.memory(buffer).reinterpret(arena, null);
    if (write) {
      return writeSlices[buffer] = bytes;
    }
    return readSlices[buffer] = bytes.asReadOnly();
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
