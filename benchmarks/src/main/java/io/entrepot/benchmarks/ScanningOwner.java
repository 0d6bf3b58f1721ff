package io.entrepot.benchmarks;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.sharing.LanePort;
import io.entrepot.internal.sharing.Magazine;
import io.entrepot.internal.sharing.MappingSlot;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.WritableMappedView;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.WritableView;

/**
 * A pool port step by step as {@link io.entrepot.internal.flow.OwnerPort}, with a magazine that has
 * room for nothing: every buffer is found by the scan.
 */
final class ScanningOwner {
  private final PoolCore pool;
  private final PoolAttachment attachment;
  private final LanePort port;
  private final Magazine magazine = new Magazine(0);
  private final MappingSlot slot;
  private final WritableMappedView view;

  ScanningOwner(BufferPool pool) {
    this.attachment = (PoolAttachment) pool.attach(Importer.viewing("benchmark", Access.WRITE));
    this.pool = attachment.pool();
    this.port = attachment.openPort();
    this.slot = port.ownerSlot();
    this.view = port.writableFlyweight(slot);
  }

  WritableView tryAcquire() {
    port.checkUsable();
    if (port.isOwning()) {
      throw new IllegalStateException("a buffer is acquired already");
    }
    int acquired = pool.tryAcquire(0, magazine);
    if (acquired < 0) {
      return null;
    }
    port.store(slot, acquired, true);
    port.admitOwner(slot, magazine.state);
    port.owns(acquired, magazine.state);
    port.show(slot, view, true);
    return view;
  }

  void release() {
    port.checkUsable();
    if (!port.isOwning()) {
      throw new IllegalStateException("no buffer is acquired");
    }
    port.releaseOwned(slot, view, magazine);
  }

  void close() {
    port.close();
    attachment.close();
  }
}
