package io.entrepot.internal.sharing;

import java.lang.ref.WeakReference;

/**
 * Has a pool tell of its signals. Refers weakly to the pool, which knows issuers: what fences lead
 * to must not keep these from being found lost. Whoever is to be told, or waits here, keeps the
 * pool himself.
 */
final class SignalTelling {
  private final WeakReference<PoolCore> pool;

  SignalTelling(PoolCore pool) {
    this.pool = new WeakReference<>(pool);
  }

  void tell() {
    PoolCore telling = pool.get();
    if (telling != null) {
      telling.tellOfSignal();
    }
  }
}
