package io.entrepot.internal.flow;

import io.entrepot.flow.PoolPort;
import io.entrepot.internal.sharing.LanePort;
import io.entrepot.internal.sharing.Magazine;
import io.entrepot.internal.sharing.MappingSlot;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.WritableMappedView;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;

/** A port that owns at most one buffer at a time, shown by one flyweight. */
public final class OwnerPort implements PoolPort {
  private static final int MAGAZINE = 16;

  private final PoolCore pool;
  private final PoolAttachment attachment;
  private final LanePort port;
  private final Magazine magazine = new Magazine(MAGAZINE);
  private final MappingSlot slot;
  private WritableMappedView view;
  private boolean closed;

  /** A port of the calling thread, which closes the attachment with it. */
  OwnerPort(PoolAttachment attachment) {
    this.pool = attachment.pool();
    this.attachment = attachment;
    this.port = attachment.openPort();
    this.slot = port.ownerSlot();
    this.view = port.writableFlyweight(slot);
    port.onAbandon(attachment::closeWhenUnused);
  }

  @Override
  public WritableView tryAcquire() {
    checkHasNone();
    return show(pool.tryAcquire(0, magazine));
  }

  @Override
  public WritableView acquire(long timeout, TimeUnit unit) {
    checkHasNone();
    return show(pool.acquire(0, magazine, unit.toNanos(timeout)));
  }

  private void checkHasNone() {
    port.checkUsable();
    if (port.isOwning()) {
      throw new IllegalStateException("a buffer is acquired already: release it first");
    }
  }

  private WritableView show(int acquired) {
    if (acquired < 0) {
      return null;
    }
    port.store(slot, acquired, true);
    port.admitOwner(slot, magazine.state);
    port.owns(acquired, magazine.state);
    if (LanePort.isChecked()) {
      view = port.writableFlyweight(slot);
    }
    port.show(slot, view, true);
    return view;
  }

  @Override
  public void release() {
    port.checkUsable();
    if (!port.isOwning()) {
      throw new IllegalStateException("no buffer is acquired");
    }
    port.releaseOwned(slot, view, magazine);
  }

  @Override
  public Port port() {
    return port;
  }

  @Override
  public void close() {
    if (!closed) {
      port.checkUsable();
      closed = true;
      if (port.isOwning()) {
        release();
      }
      port.close();
      attachment.close();
    }
  }
}
