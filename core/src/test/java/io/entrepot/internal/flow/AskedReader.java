package io.entrepot.internal.flow;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;

/**
 * A reader with room for one frame, which does something when it is asked whether it has gone, or
 * whether it takes a frame.
 */
final class AskedReader implements Subscriber {
  private final PoolAttachment attachment;
  private final Runnable whenAsked;
  private final Runnable whenOffered;
  private final ReaderRing ring = new ReaderRing(RingPlaces.offHeap(1), 1);
  private final Stall stall = new Stall();

  /** Of a pool. */
  AskedReader(BufferPool pool, Runnable whenAsked) {
    this(pool, whenAsked, () -> {});
  }

  /** Of a pool. */
  AskedReader(BufferPool pool, Runnable whenAsked, Runnable whenOffered) {
    this.whenOffered = whenOffered;
    this.attachment = ((ExportedPool) pool).core().attach(Importer.viewing("asked", Access.READ));
    this.whenAsked = whenAsked;
  }

  @Override
  public boolean isGone() {
    whenAsked.run();
    return ring.isClosed();
  }

  @Override
  public PoolAttachment reader() {
    return attachment;
  }

  @Override
  public String name() {
    return "asked";
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
    return Overflow.BLOCK;
  }

  @Override
  public boolean takesFrames(FrameLayout frame) {
    whenOffered.run();
    return true;
  }

  @Override
  public void closeIfRevoked() {
    // It is not.
  }

  @Override
  public void evict() {
    close();
  }

  @Override
  public void leftFeed() {
    // Nothing here depends on it.
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
    return 0;
  }

  @Override
  public Stall stall() {
    return stall;
  }
}
