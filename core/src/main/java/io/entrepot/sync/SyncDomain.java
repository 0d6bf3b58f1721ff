package io.entrepot.sync;

import io.entrepot.internal.sync.TimelineTable;

/**
 * The timelines whose fences may meet in the reservations of one pool.
 *
 * <p>A domain keeps each timeline's state in words of its own, so that a fence in a reservation is
 * one word: usage, timeline and point. Each pool has a domain; {@link #create(int)} makes one for
 * use without a pool.
 */
public sealed interface SyncDomain permits TimelineTable {

  /** Most timelines that a domain can hold at a time. */
  int MAX_TIMELINES = 1 << 15;

  /**
   * {@return a domain of its own}
   *
   * @param timelines the most timelines open at a time, 1 to {@value #MAX_TIMELINES}
   */
  static SyncDomain create(int timelines) {
    return TimelineTable.offHeap(timelines);
  }

  /**
   * Opens a timeline. A timeline that becomes unreachable signals what is pending with {@link
   * FenceError.Kind#ISSUER_LOST}.
   *
   * @param name for people; need not be unique
   * @return the timeline
   * @throws IllegalStateException when all timelines of the domain are in use
   */
  Timeline timeline(String name);

  /**
   * Opens a timeline whose issuer is told who waits for what: one with lazy points.
   *
   * @param name for people; need not be unique
   * @param issuer asked and told as {@link FenceIssuer} says; lives as long as the timeline
   * @return the timeline
   * @throws IllegalStateException when all timelines of the domain are in use
   */
  Timeline timeline(String name, FenceIssuer issuer);

  /**
   * Declares that the work of timelines which ended with points pending is known to have stopped.
   *
   * <p>The end of a timeline ends waiting, not protection: buffers with such points in their
   * reservations are not reused until the issuer signals the last point after all, or until this is
   * called because its process, thread or library is gone. Dumps and refused closes call such
   * fences {@code unsettled}.
   *
   * @param name of the timelines that have ended
   * @return how many timelines were settled
   */
  int settle(String name);
}
