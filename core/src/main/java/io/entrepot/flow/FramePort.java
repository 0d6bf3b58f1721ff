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
 * frame before. The frame words ({@link #sequence()} and so on) tell of the frame that was taken
 * last.
 *
 * <p><b>Threads.</b> Bound to the thread that opened it.
 *
 * <p><b>Failure.</b> After the writer has failed and all frames were read, next throws {@link
 * FeedFailedException}; after a revocation {@link io.entrepot.sharing.RevokedException}.
 */
public sealed interface FramePort extends AutoCloseable permits RingPort {

  /**
   * Maps the next frame.
   *
   * @return this port's flyweight, until the next call; {@code null} when the time was over or the
   *     feed has {@linkplain #isEnded() ended}
   */
  View next(long timeout, TimeUnit unit);

  /** Takes the next frame as an address for native code; {@code null} as {@link #next}. */
  NativeLease nextLease(long timeout, TimeUnit unit);

  /** Takes the next frame as a reference; {@code null} as {@link #next}. */
  SharedBuffer nextBuffer(long timeout, TimeUnit unit);

  /**
   * Takes the current view out of this port: it stays mapped until it is closed, whatever comes
   * next.
   *
   * @throws IllegalStateException when no frame is mapped
   */
  View keep();

  /**
   * A reference to the frame that is mapped now.
   *
   * @throws IllegalStateException when no frame is mapped
   */
  SharedBuffer hold();

  /** Ends the mapping of the current frame before the next one is asked for. */
  void unmap();

  /** Number of the frame in its feed, from 0. */
  long sequence();

  /** Time stamp of the frame, in the producer's unit. */
  long timestamp();

  /** Layout of the frame, or {@code null}. */
  FrameLayout layout();

  /** First valid byte of the frame. */
  long validOffset();

  /** Number of valid bytes of the frame. */
  long validLength();

  /** The words of the frame as one value. */
  Frame frame();

  /** Whether the writer has closed and every frame for this port was read. */
  boolean isEnded();

  /** The port below, for windows, channels and mappings of other buffers. */
  Port port();

  /** Ends the mapping and gives the lane back. Twice is harmless. */
  @Override
  void close();
}
