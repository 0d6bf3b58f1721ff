package io.entrepot.sharing;

import io.entrepot.internal.sharing.HeldBuffer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Reservation;
import java.util.concurrent.TimeUnit;

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
   * Puts the fences that an access would wait for into one, for work that shall begin behind them:
   * it is handed on, and waited for elsewhere or by {@link Port#map(SharedBuffer, Fence, long,
   * java.util.concurrent.TimeUnit) map}. As the kernel's {@code DMA_BUF_IOCTL_EXPORT_SYNC_FILE}.
   *
   * @param access READ for what a reader waits for: moves and writes; WRITE for what a writer does:
   *     reads too
   * @return a fence of all that are pending now; later ones are not in it
   * @throws StaleBufferException when this reference is closed
   */
  Fence exportFence(Access access);

  /**
   * Adds work that goes on outside to the fences of this buffer: readers or writers wait for it
   * from now on, and so does reuse. As the kernel's {@code DMA_BUF_IOCTL_IMPORT_SYNC_FILE}.
   *
   * @param fence of any kind; what enters are the points of timelines of this pool that it consists
   *     of
   * @param access what the work does: writers wait for a READ, readers too for a WRITE
   * @throws StaleBufferException when this reference is closed
   * @throws IllegalArgumentException when a fence in it is of no timeline, or of another pool; then
   *     nothing is added
   * @throws IllegalStateException when the reservation has no room, or the buffer was released
   *     meanwhile
   */
  void importFence(Fence fence, Access access);

  /**
   * Whether nobody else uses the buffer: it would go back to its pool if this reference were closed
   * now. There is no other reference, no queue that holds it for a reader, no mapping, lease,
   * window or transfer, in this process or in another, and no fence of any usage is pending.
   *
   * <p>Once it is so it stays so until the buffer is passed on by this reference: shared,
   * published, mapped, leased. So its owner can write to it again, {@linkplain Port#mapInPlace in
   * place} if it was published.
   *
   * <p><b>Late readers.</b> One thing turns the answer without a use: a reader that has come to
   * take a frame which is dropped at that moment ({@code DROP_OLDEST}, an emptied pool, a reader
   * that leaves) marks the buffer as mapped, or holds it, before it learns that the frame is gone,
   * and then takes that back; it sees no byte. So whoever was told once that nobody uses the buffer
   * need not ask again, and what waits for other uses, as a map in place does, is to be given a
   * time: that of the reader's next few steps, or until its process goes on where that is stopped.
   *
   * <p><b>Memory effects.</b> What others did with the buffer happens-before what the caller does
   * after it was told so.
   *
   * @return whether this reference is the only use
   * @throws StaleBufferException when this reference is closed
   * @throws UnsupportedOperationException when another process exports the buffer
   */
  boolean isExclusive();

  /**
   * Waits until {@linkplain #isExclusive() nobody else uses the buffer}; wakes within 2 ms after.
   *
   * {@snippet class="io.entrepot.flow.FeedExamples" region="again"}
   *
   * <p>Readers that have passed a frame let go of it when they go on, or unmap it.
   *
   * @param timeout longest time to wait; 0 or less only tests
   * @param unit of the time
   * @return false when the time was over or the thread interrupted (the interrupt stays set)
   * @throws StaleBufferException when this reference is closed, or is meanwhile
   * @throws UnsupportedOperationException when another process exports the buffer
   */
  boolean awaitExclusive(long timeout, TimeUnit unit);

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
