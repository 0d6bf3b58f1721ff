package io.entrepot.flow;

import io.entrepot.internal.flow.OwnerPort;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;

/**
 * One thread's way to buffers of its own: acquire, write, release, without allocating and without a
 * lock. The buffer that it released last stays ready for it, warm in its caches, and is taken again
 * without an atomic instruction. It counts as free all the same: anybody who finds no other free
 * buffer takes it, and one that somebody waits for is not kept at all.
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

  /**
   * As {@link #tryAcquire()}, waiting for one.
   *
   * @param timeout longest time to wait; 0 or less to wait for nothing
   * @param unit of the time
   * @return this port's flyweight over the buffer, or {@code null} when the time was over
   */
  WritableView acquire(long timeout, TimeUnit unit);

  /**
   * Unmaps the buffer and gives it back.
   *
   * @throws IllegalStateException when this port has none
   */
  void release();

  /** {@return the port of this thread, for mappings of other buffers; it ends with this one} */
  Port port();

  /** {@return the tie to the pool, which ends with this port; what a revocation asks for} */
  Attachment attachment();

  /** Gives back what is held, and the port. Twice is harmless. */
  @Override
  void close();
}
