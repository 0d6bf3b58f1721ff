package io.entrepot.sync;

/**
 * What an issuer of fences wants to be asked and told. It is what makes fences <em>lazy</em>: the
 * issuer need not signal points that nobody waits for.
 *
 * <p>Modelled on the {@code enable_signaling}, {@code signaled} and {@code set_deadline} operations
 * of the kernel's {@code dma_fence_ops}. There, a lazy fence that is polled only may never become
 * signaled; here polling asks {@link #completed()} and completes it.
 *
 * <p><b>Threads.</b> Any thread that is interested in a fence calls these, several at once, so they
 * must neither block nor wait for a fence. What they throw ends no call: it goes to the caller's
 * uncaught exception handler. Who throws in {@link #enableSignaling} will not signal the point, so
 * the timeline ends with {@link FenceError.Kind#FAILED}, as if it were closed: that ends waiting,
 * and what was begun keeps its buffers until the last point is signaled or {@link
 * SyncDomain#settle} is called.
 */
public interface FenceIssuer {

  /**
   * The highest point whose work is done, as far as can be told without waiting. Asked when a fence
   * is tested that is not signaled yet; all issued points up to the answer are then signaled.
   *
   * @return a point, or 0 for none
   */
  default long completed() {
    return 0;
  }

  /**
   * Somebody waits for a point, and so for all before it: from now on the issuer has to signal them
   * without being asked. Called at most once for a point, and not for one below another that it was
   * called for; two calls that threads make at once may arrive in either order.
   *
   * @param point that is waited for
   */
  default void enableSignaling(long point) {}

  /**
   * Somebody would like a pending point to be signaled in time; see {@link Fence#hintDeadline}.
   *
   * @param point that is pending
   * @param deadlineNs on the scale of {@link System#nanoTime()}
   */
  default void deadline(long point, long deadlineNs) {}
}
