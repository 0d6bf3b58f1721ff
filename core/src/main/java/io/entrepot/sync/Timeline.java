package io.entrepot.sync;

import io.entrepot.internal.sync.IssuedTimeline;

/**
 * An ordered line of fences: signaling point <i>n</i> signals every point up to <i>n</i>.
 *
 * <p>A timeline is made by {@link SyncDomain#timeline(String)}. Points are positive and grow by one
 * for each {@link #issue()}, but for single ones that nobody gets; a timeline goes on from where
 * the one before it in its record ended. There is no last point.
 *
 * <p><b>Threads.</b> Any thread may issue and signal; the caller sees to it that points are
 * signaled in the order in which their work completes.
 */
public sealed interface Timeline extends AutoCloseable permits IssuedTimeline {

  /** {@return name for people, as given at creation} */
  String name();

  /**
   * Issues the next point. Costs one atomic add and no allocation; {@link #fence(long)} makes an
   * object of a point where one is needed.
   *
   * @return the new point
   * @throws IllegalStateException when the timeline is closed, or has more than 2<sup>43</sup>
   *     points pending
   */
  long issue();

  /**
   * {@return the fence of a point}
   *
   * @param point a point that was issued
   * @throws IllegalArgumentException when the point was not issued yet
   */
  Fence fence(long point);

  /**
   * Issues the next point and makes its fence: {@code fence(issue())}.
   *
   * @return the fence of the new point
   */
  Fence next();

  /** {@return the highest point that was issued} */
  long issued();

  /** {@return the highest point that is signaled, or the point before this timeline's first} */
  long signaled();

  /**
   * {@return time of the last signal in milliseconds since the epoch, about 10 ms coarse; 0 before
   * it}
   */
  long lastSignalMs();

  /**
   * Signals all points up to {@code point}. The first signal of a point wins.
   *
   * @param point the last point whose work is done
   * @return whether this call signaled the point; false when it was signaled before
   * @throws IllegalArgumentException when the point was not issued yet
   */
  boolean signal(long point);

  /**
   * As {@link #signal(long)}, with an error for all points that this call signals.
   *
   * <p>A timeline tells the errors of its last 1,024 such signals. Of points before these it tells,
   * from the first that had an error to the last, that there were errors.
   *
   * @param point the last point that is over
   * @param error why the work was not done
   * @return whether this call signaled the point; false when it was signaled before
   */
  boolean signal(long point, FenceError error);

  /**
   * Signals what is pending with {@link FenceError.Kind#ISSUER_CLOSED}. Twice is harmless.
   *
   * <p>That ends waiting, not protection: buffers with such points in their reservations are kept
   * until {@link #signal(long)} of the last point tells that its work has ended after all, or
   * {@link SyncDomain#settle} does.
   */
  @Override
  void close();
}
