package io.entrepot.flow;

import io.entrepot.internal.flow.OwnerPort;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;

/**
 * One thread's way to buffers of its own: acquire, write, release, without allocating and without a
 * lock. Buffers that it releases stay in its magazine, warm in its caches, until it or somebody
 * else takes them.
 *
 * <p><b>Threads.</b> Bound to the thread that opened it.
 */
public sealed interface PoolPort extends AutoCloseable permits OwnerPort {

  /**
   * Takes a free buffer and maps it for writing.
   *
   * @return this port's flyweight over the buffer, or {@code null} when none is free
   * @throws IllegalStateException when this port has a buffer already
   */
  WritableView tryAcquire();

  /** As {@link #tryAcquire()}, waiting for one. */
  WritableView acquire(long timeout, TimeUnit unit);

  /** Unmaps the buffer and gives it back. */
  void release();

  /** The port below, for mappings of other buffers. */
  Port port();

  /** Gives back what is held, and the port. Twice is harmless. */
  @Override
  void close();
}
