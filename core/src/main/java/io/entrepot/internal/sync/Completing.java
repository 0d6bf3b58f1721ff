package io.entrepot.internal.sync;

/** A fence whose state is a {@link Completion}. */
interface Completing {
  /** Whether it is signaled, after asking whoever knows. May complete it. */
  boolean isSignaled();

  /**
   * Somebody is interested. Tells an issuer, or makes what keeps a watch on other fences.
   *
   * @return a watch that the caller holds and nobody else has seen, or {@code null}
   */
  Watch watch();
}
