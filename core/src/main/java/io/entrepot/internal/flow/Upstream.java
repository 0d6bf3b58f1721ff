package io.entrepot.internal.flow;

import java.util.function.BooleanSupplier;

/**
 * What a reading port needs of the feed beside its ring: the writer may be of this process, or of
 * another.
 */
interface Upstream {
  /** Name of the feed. */
  String name();

  /** Why the writer has failed, when the ring says so; {@code null} if it is not known any more. */
  Throwable failure();

  /**
   * Parks until the condition holds or the time is over: on what wakes readers.
   *
   * @return the last answer of the condition
   */
  boolean awaitPublished(BooleanSupplier condition, long timeoutNs);

  /** There is room in the ring, which a blocked writer may be waiting for. */
  void roomMade();
}
