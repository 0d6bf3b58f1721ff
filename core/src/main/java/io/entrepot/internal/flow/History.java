package io.entrepot.internal.flow;

import io.entrepot.flow.Overflow;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.FrameLayout;

/**
 * The newest frames of a feed, kept for readers that join later: a ring like a reader's, of which
 * the oldest entries are dropped, and which nobody reads.
 *
 * <p><b>Last.</b> It is the last of the feed's rings, always. So a frame that is in it is in every
 * other ring that it was published to; {@link Backlog#fill} rests on that.
 */
final class History implements Subscriber {
  private final int frames;
  private final ReaderRing ring;
  private final Stall stall = new Stall();

  /** Keeps as many. */
  History(int frames) {
    this.frames = frames;
    this.ring = new ReaderRing(RingPlaces.offHeap(frames), frames);
  }

  /** How many frames it keeps. */
  int frames() {
    return frames;
  }

  @Override
  public PoolAttachment reader() {
    return null;
  }

  @Override
  public String name() {
    return "readers to come";
  }

  @Override
  public ReaderRing ring() {
    return ring;
  }

  @Override
  public ReaderRing backlog() {
    return null;
  }

  @Override
  public Overflow overflow() {
    return Overflow.DROP_OLDEST;
  }

  @Override
  public boolean takesFrames(FrameLayout frame) {
    return true;
  }

  @Override
  public void closeIfRevoked() {
    // It is the feed's own.
  }

  @Override
  public boolean isGone() {
    return ring.isClosed();
  }

  @Override
  public void evict() {
    close();
  }

  @Override
  public void leftFeed() {
    // Nobody counts its frames.
  }

  @Override
  public void close() {
    ring.close();
  }

  @Override
  public void wake() {
    // Nobody sleeps at it.
  }

  @Override
  public int layoutNumber(FrameLayout frame) {
    // Whoever copies an entry looks for the layout in the buffer's own record.
    return 0;
  }

  @Override
  public Stall stall() {
    return stall;
  }
}
