package io.entrepot.sync;

import io.entrepot.internal.sync.IssuedFence;
import java.util.Objects;

/**
 * What the issuer of a single, user-signaled fence holds. Others get its {@link #fence()}.
 *
 * <p>It belongs to no domain, so it cannot enter a {@link Reservation}: nothing in a buffer's words
 * could name it. Where a buffer shall wait, take a point of a {@link Timeline}.
 *
 * <p>When this becomes unreachable the fence is signaled with {@link FenceError.Kind#ISSUER_LOST}.
 *
 * <p><b>Threads.</b> All methods may be called by any thread; the first signal wins.
 */
public sealed interface SignalableFence extends AutoCloseable permits IssuedFence {

  /**
   * {@return an unsignaled fence}
   *
   * @param name for people
   */
  static SignalableFence create(String name) {
    return IssuedFence.create(name, null);
  }

  /**
   * {@return an unsignaled fence whose issuer is told who waits for it: a lazy fence}
   *
   * <p>Its point is 1.
   *
   * @param name for people
   * @param issuer asked and told as {@link FenceIssuer} says; lives as long as this
   */
  static SignalableFence create(String name, FenceIssuer issuer) {
    return IssuedFence.create(name, Objects.requireNonNull(issuer, "issuer"));
  }

  /**
   * {@return the fence to wait for}
   *
   * <p>It does not keep this reachable.
   */
  Fence fence();

  /**
   * Signals the fence.
   *
   * @return whether this call did; false when it was signaled before
   */
  boolean signal();

  /**
   * As {@link #signal()}, with an error.
   *
   * @param error why the work was not done
   * @return whether this call signaled the fence; false when it was signaled before
   */
  boolean signal(FenceError error);

  /**
   * Signals {@link FenceError.Kind#ISSUER_CLOSED} when it is not signaled yet. Twice is harmless.
   */
  @Override
  void close();
}
