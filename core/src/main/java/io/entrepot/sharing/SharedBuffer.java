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

  /** {@return index of the buffer within its pool, from 0} */
  int index();

  /** {@return how many times the buffer has been handed out, this time included} */
  long generation();

  /** {@return size in bytes} */
  long byteSize();

  /** {@return the fences of this buffer} */
  Reservation reservation();

  /**
   * {@return another reference to the same buffer, to be closed on its own}
   *
   * @throws StaleBufferException when this reference is closed
   */
  SharedBuffer share();

  /** Ends this reference. Twice is harmless. */
  @Override
  void close();
}
