package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;

/** A callback of a container, which is watched for its sake until it is removed or has run. */
record WatchedCallback(Fence.Callback added, Watch watch) implements Fence.Callback {
  @Override
  public boolean remove() {
    boolean removed = added.remove();
    if (removed) {
      watch.leave();
    }
    return removed;
  }
}
