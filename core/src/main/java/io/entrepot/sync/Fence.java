package io.entrepot.sync;

import io.entrepot.internal.sync.TimelinePoint;
import java.time.Duration;
import java.util.Optional;

/**
 * A one-shot completion: unsignaled, then signaled for ever, with an error or without one.
 *
 * <p>Modelled on the kernel's {@code dma_fence}. A fence does not depend on its issuer being alive:
 * a timeline that is closed or lost signals what is pending with an error, so nobody waits for
 * ever. Such a signal ends <em>waiting</em>, not protection: memory that the issuer may still write
 * is not handed out because of it.
 *
 * <p><b>Threads.</b> All methods may be called by any thread.
 *
 * <p><b>Memory effects.</b> What a thread did before it signaled a fence happens-before what
 * another does after {@link #isSignaled()} or a wait told it so, and before every callback.
 */
public sealed interface Fence permits TimelinePoint {

  /** Name of the timeline on which this fence lies. */
  String timelineName();

  /** The point on the timeline; points of one timeline signal in order. */
  long point();

  /** Whether the fence is signaled. */
  boolean isSignaled();

  /** The error that was set with the signal; empty before the signal and when all went well. */
  Optional<FenceError> error();

  /**
   * Waits until the fence is signaled.
   *
   * <p>An interrupt ends the wait as if the time were over and stays set.
   *
   * @param timeout the longest time to wait; zero only tests
   * @return whether the fence is signaled
   */
  boolean await(Duration timeout);

  /**
   * Adds a callback that runs once, on the signaling thread, when the fence is signaled.
   *
   * <p>A callback that throws does not keep others from running: its exception goes to the uncaught
   * exception handler of the thread that signals.
   *
   * @param callback what to run; it must not block
   * @return a handle to take the callback back with, or {@code null} when the fence is signaled
   *     already, in which case nothing runs
   */
  Callback onSignal(Runnable callback);

  /** A callback that was added to a fence. */
  interface Callback {
    /**
     * Takes the callback back.
     *
     * @return true when it had not run and never will; false when it ran, runs, or was removed
     */
    boolean remove();
  }
}
