package io.entrepot.sharing;

import io.entrepot.internal.sharing.HeldBuffer;
import io.entrepot.sync.Reservation;

/**
 * A counted reference to one buffer of a pool: fixed size, one exporter, one reservation.
 *
 * <p>While a reference is open the buffer is not reused. A reference gives no access to the bytes:
 * that takes an {@link Attachment} and a mapping.
 *
 * <p><b>Threads.</b> A reference may be used and closed by any thread.
 *
 * <p><b>Memory effects.</b> What was done before the last reference, mapping and fence of a buffer
 * ended happens-before what its next owner does.
 */
public sealed interface SharedBuffer extends AutoCloseable permits HeldBuffer {

  /** Index of the buffer within its pool. */
  int index();

  /** How many times the buffer has been handed out, this time included. */
  long generation();

  /** Size in bytes. */
  long byteSize();

  /** The fences of this buffer. */
  Reservation reservation();

  /**
   * Another reference to the same buffer, to be closed on its own.
   *
   * @throws StaleBufferException when this reference is closed
   */
  SharedBuffer share();

  /** Ends this reference. Twice is harmless. */
  @Override
  void close();
}
