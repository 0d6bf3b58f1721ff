package io.entrepot.flow;

import io.entrepot.internal.flow.RingPort;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import java.util.concurrent.TimeUnit;

/**
 * One thread's lane, cursor and reusable view in a {@link Broadcast}.
 *
 * <p>The three forms of <em>next</em> take the next frame as a view, as a lease or as a reference;
 * which of them an importer may use was negotiated when it joined. Each ends the mapping of the
 * frame before. The frame words ({@link #sequence()} and so on, or {@link #frame()} for all of
 * them) tell of the frame that was taken last, in whichever form, until the next one is taken: an
 * importer of leases has address, planes and time stamp together. The library's release callback
 * closes the lease:
 *
 * {@snippet class="io.entrepot.flow.FeedExamples" region="lease"}
 *
 * <p><b>Threads.</b> Bound to the thread that opened it.
 *
 * <p><b>Failure.</b> After the writer has failed and all frames were read, next throws {@link
 * FeedFailedException}; after a revocation {@link io.entrepot.sharing.RevokedException}. Of a
 * process that died while it wrote to a frame in place, next throws as if the writer had failed
 * when that frame's turn comes; {@link #nextBuffer} goes past it, and no use of what it gives
 * {@linkplain Port begins}.
 */
public sealed interface FramePort extends AutoCloseable permits RingPort {

  /**
   * Maps the next frame. Waits until there is one and the fences that a reader of it has to wait
   * for are signaled; a frame that was waited for in vain is still there.
   *
   * @param timeout longest time to wait; 0 or less to wait for nothing
   * @param unit of the time
   * @return this port's flyweight, until the next call; {@code null} when the time was over or the
   *     feed has {@linkplain #isEnded() ended}
   * @throws IllegalStateException when this reader's importer has not negotiated views
   */
  View next(long timeout, TimeUnit unit);

  /**
   * Takes the next frame as an address for native code. Waits as {@link #next} does.
   *
   * @param timeout longest time to wait; 0 or less to wait for nothing
   * @param unit of the time
   * @return the lease, which lasts until it is closed whatever becomes of this port; {@code null}
   *     as {@link #next}
   * @throws IllegalStateException when this reader's importer has not negotiated native pointers
   */
  NativeLease nextLease(long timeout, TimeUnit unit);

  /**
   * Takes the next frame as a reference, for channel transfers, windows, or to pass it on. Fences
   * are not waited for: who uses the bytes does.
   *
   * @param timeout longest time to wait for a frame; 0 or less to wait for none
   * @param unit of the time
   * @return the reference, to be closed by the caller; {@code null} as {@link #next}
   */
  SharedBuffer nextBuffer(long timeout, TimeUnit unit);

  /**
   * Takes the current view out of this port: it stays mapped until it is closed, whatever comes
   * next. It takes one of the port's {@value io.entrepot.sharing.Port#MAPPINGS} mappings.
   *
   * @return the view, bound to this thread
   * @throws IllegalStateException when no frame is mapped
   */
  View keep();

  /**
   * Makes a reference to the frame at hand: mapped, or taken as a lease or a reference that is
   * still open. With it the frame can be passed to another thread, fenced, mapped otherwise or
   * published further.
   *
   * @return a counted reference of its own, to be closed by the caller
   * @throws IllegalStateException when no frame is at hand
   * @throws io.entrepot.sharing.StaleBufferException when the lease or reference was closed
   */
  SharedBuffer hold();

  /** Ends the mapping of the current frame before the next one is asked for. */
  void unmap();

  /**
   * Tells the number of the frame that was taken last.
   *
   * @return its number in the feed, from 0; a gap means that frames were dropped
   * @throws IllegalStateException when no frame was taken yet, as for all frame words
   */
  long sequence();

  /** {@return time stamp of the frame that was taken last, in the producer's unit} */
  long timestamp();

  /**
   * {@return how the bytes of the frame make a picture, or {@code null} when its writer did not
   * say}
   */
  FrameLayout layout();

  /** {@return offset in bytes of the first valid byte of the frame within its buffer} */
  long validOffset();

  /** {@return number of valid bytes of the frame} */
  long validLength();

  /** {@return the frame words as one value, allocated for the caller} */
  Frame frame();

  /**
   * {@return whether the writer has closed or failed and every frame for this port was read, or the
   * reader has left}
   */
  boolean isEnded();

  /**
   * {@return the port of this thread, for windows, channel transfers and mappings of other buffers;
   * it ends with this one}
   */
  Port port();

  /**
   * Ends all mappings of this port, kept ones too, and gives the lane back. Leases and references
   * that it gave go on. Twice is harmless.
   */
  @Override
  void close();
}
