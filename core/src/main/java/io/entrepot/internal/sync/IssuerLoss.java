package io.entrepot.internal.sync;

import io.entrepot.sync.FenceError;
import java.lang.ref.Cleaner;

/** Tells when an issuer was lost: became unreachable, though its fences are not. */
final class IssuerLoss {
  private static final Cleaner CLEANER = Cleaner.create();

  private IssuerLoss() {}

  /**
   * Has an action run when the issuer is unreachable.
   *
   * @param told must not refer to the issuer
   */
  static Cleaner.Cleanable watch(Object issuer, Runnable told) {
    return CLEANER.register(issuer, told);
  }

  static FenceError of(String what) {
    return new FenceError(
        FenceError.Kind.ISSUER_LOST, what + " became unreachable with fences pending");
  }
}
