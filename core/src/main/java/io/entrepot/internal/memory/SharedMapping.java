package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A mapping of shared memory that ends when it is closed, or when nobody can reach it any more,
 * whichever comes first.
 *
 * <p>A close asks nobody: it is for whoever knows that no thread will touch the memory again. The
 * segment's scope does not tell of it, and an access behind it kills the process.
 */
public final class SharedMapping implements AutoCloseable {
  private final MemorySegment segment;
  private final Unmapping unmapping;

  /** Done once; knows nothing of the segment, which would be reachable for ever then. */
  private static final class Unmapping {
    private final long address;
    private final long byteSize;
    private final AtomicBoolean done = new AtomicBoolean();

    Unmapping(long address, long byteSize) {
      this.address = address;
      this.byteSize = byteSize;
    }

    void run() {
      if (done.compareAndSet(false, true)) {
        SharedMemory.unmap(address, byteSize);
      }
    }
  }

  /** Of what was mapped for reading and writing, and belongs to this from now on. */
  @SuppressWarnings("restricted")
  SharedMapping(long address, long byteSize) {
    Unmapping once = new Unmapping(address, byteSize);
    this.unmapping = once;
    this.segment =
        MemorySegment.ofAddress(address).reinterpret(byteSize, Arena.ofAuto(), _ -> once.run());
  }

  /** All of it. */
  public MemorySegment segment() {
    return segment;
  }

  /** Unmaps the memory; again is harmless. */
  @Override
  public void close() {
    unmapping.run();
  }
}
