package io.entrepot.sharing;

import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Timeline;
import java.util.concurrent.TimeUnit;

/**
 * The negotiated tie between an importer and all buffers of a pool. Long-lived; mappings are made
 * and ended within it for the price of a few stores.
 */
public sealed interface Attachment extends AutoCloseable permits PoolAttachment {

  /** {@return who is attached} */
  Importer importer();

  /** {@return the mapping type and access that negotiation settled on} */
  Need granted();

  /** {@return the exporter's offer that was taken} */
  Offer offer();

  /**
   * Opens a port: the lane in which the <em>calling</em> thread maps and unmaps.
   *
   * @return the port, to be closed by the same thread
   * @throws RevokedException when the attachment was revoked
   * @throws IllegalStateException when it is closed, or all lanes of the pool are in use
   */
  Port open();

  /**
   * Leases a buffer's address to native code. Needs an attachment that negotiated {@link
   * MappingType#NATIVE_POINTER}. Waits for at most {@link Port#DEFAULT_WAIT} while somebody writes
   * to the buffer in place or fences that the access must wait for are pending.
   *
   * @param buffer an open reference; the lease has its own claim and outlives it
   * @return the lease, to be closed when native code has let go
   * @throws StaleBufferException when the reference is closed
   * @throws RevokedException when the attachment was revoked
   * @throws IllegalStateException when another type was negotiated, the buffer stayed busy, or it
   *     is published and the access is for writing
   */
  NativeLease lease(SharedBuffer buffer);

  /**
   * As {@link #lease(SharedBuffer)}, for as long as the caller says.
   *
   * @param buffer an open reference; the lease has its own claim and outlives it
   * @param timeout longest time to wait for a busy buffer; 0 or less only tests
   * @param unit of the time
   * @return the lease, or {@code null} when the time was over or the thread interrupted
   */
  NativeLease lease(SharedBuffer buffer, long timeout, TimeUnit unit);

  /**
   * As {@link #lease(SharedBuffer)}, with {@linkplain Port explicit synchronisation}. {@link
   * NativeLease#close(Fence)} makes others wait.
   *
   * @param buffer an open reference; the lease has its own claim and outlives it
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param timeout longest time to wait; 0 or less only tests
   * @param unit of the time
   * @return the lease, or {@code null} when the time was over or the thread interrupted
   */
  NativeLease lease(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit);

  /**
   * As {@link SharedBuffer#isExclusive()}, but for what is done under this attachment: its mappings
   * (those in place apart), leases, windows and transfers are no uses of others; late readers as
   * said there. For an owner that lends the buffer to a codec and publishes it, too.
   *
   * @param buffer an open reference to a buffer of this pool
   * @return whether that reference and this attachment have its only uses
   * @throws StaleBufferException when the reference is closed
   * @throws IllegalArgumentException when the buffer is of another pool
   * @throws UnsupportedOperationException when another process exports the buffer
   */
  boolean isExclusive(SharedBuffer buffer);

  /**
   * As {@link SharedBuffer#awaitExclusive}, until {@link #isExclusive(SharedBuffer)}.
   *
   * @param buffer an open reference to a buffer of this pool
   * @param timeout longest time to wait; 0 or less only tests
   * @param unit of the time
   * @return false when the time was over or the thread interrupted (the interrupt stays set)
   * @throws StaleBufferException when the reference is closed, or is meanwhile
   * @throws IllegalArgumentException when the buffer is of another pool
   * @throws UnsupportedOperationException when another process exports the buffer
   */
  boolean awaitExclusive(SharedBuffer buffer, long timeout, TimeUnit unit);

  /**
   * Opens a timeline for this importer's asynchronous work. A revocation waits for what is pending
   * on it.
   *
   * @param name for people
   * @return the timeline, which ends with the attachment
   * @throws RevokedException when the attachment was revoked
   */
  Timeline timeline(String name);

  /** {@return whether CPU access exists for this importer, and under which conditions} */
  CpuAccess cpuAccess();

  /** {@return whether the exporter has taken the memory back} */
  boolean isRevoked();

  /**
   * Ends the attachment. Twice is harmless.
   *
   * @throws IllegalStateException when mappings, windows or leases are open, naming them
   */
  @Override
  void close();
}
