package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;

/** A fence of no timeline whose issuer nobody watches: what models of containers run on. */
public final class OwnFence {
  private final OneShotFence fence = new OneShotFence("own", null);

  public Fence fence() {
    return fence;
  }

  public boolean signal() {
    return fence.signal(null);
  }

  public boolean signal(FenceError error) {
    return fence.signal(error);
  }
}
