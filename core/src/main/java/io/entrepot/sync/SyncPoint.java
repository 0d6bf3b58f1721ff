package io.entrepot.sync;

import java.util.Objects;

/**
 * A point of a sync object: what is waited for.
 *
 * @param object whose point it is
 * @param point of its timeline, or 0 for whatever fence the object holds
 */
public record SyncPoint(SyncObject object, long point) {

  /** Checks the point. */
  public SyncPoint {
    Objects.requireNonNull(object, "object");
    if (point < 0) {
      throw new IllegalArgumentException(
          "point " + point + " of " + object + " is negative; 0 is its current fence");
    }
  }
}
