package io.entrepot.sync;

import io.entrepot.internal.sync.OneShotFence;
import io.entrepot.internal.sync.SignaledFence;
import io.entrepot.internal.sync.StageBridge;
import io.entrepot.internal.sync.TimelinePoint;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.agrona.concurrent.IdleStrategy;

/**
 * A one-shot completion: unsignaled, then signaled for ever, with an error or without one.
 *
 * <p>Modelled on the kernel's {@code dma_fence}. A fence does not depend on its issuer being alive:
 * a timeline that is closed or lost signals what is pending with an error, so nobody waits for
 * ever. Such a signal ends <em>waiting</em>, not protection: memory that the issuer may still write
 * is not handed out because of it.
 *
 * <p><b>Kinds.</b>
 *
 * <table>
 *   <caption>Where fences come from</caption>
 *   <tr><th>made by</th><th>what it is</th><th>in a reservation</th></tr>
 *   <tr><td>{@link Timeline#fence(long)}</td><td>a point of a timeline</td><td>yes</td></tr>
 *   <tr><td>{@link SignalableFence}, {@link #of(CompletionStage, String)}</td>
 *       <td>one-shot, of no timeline</td><td>no</td></tr>
 *   <tr><td>{@link FenceArray}</td><td>all of several</td><td>its members</td></tr>
 *   <tr><td>{@link FenceChain}</td><td>a link and all before it</td><td>its links' fences</td></tr>
 *   <tr><td>{@link #signaled()}</td><td>signaled from the start</td><td>needs none</td></tr>
 * </table>
 *
 * <p><b>Interest.</b> {@link #await(Duration)} and {@link #onSignal} tell a lazy issuer that
 * somebody waits; {@link #isSignaled()} asks it. See {@link FenceIssuer}.
 *
 * <p><b>Threads.</b> All methods may be called by any thread.
 *
 * <p><b>Memory effects.</b> What a thread did before it signaled a fence happens-before what
 * another does after {@link #isSignaled()} or a wait told it so, and before every callback.
 */
public sealed interface Fence
    permits TimelinePoint, OneShotFence, SignaledFence, FenceArray, FenceChain {

  /** {@return a fence that is signaled already, without an error} */
  static Fence signaled() {
    return SignaledFence.STUB;
  }

  /**
   * {@return the fence of a stage: signaled when that completes, with an error when it completes
   * exceptionally}
   *
   * <p>A {@code CancellationException} becomes {@link FenceError.Kind#CANCELLED}, a {@code
   * TimeoutException} {@link FenceError.Kind#TIMED_OUT}, all else {@link FenceError.Kind#FAILED}. A
   * stage that is collected before it completed signals {@link FenceError.Kind#ISSUER_LOST}.
   *
   * @param stage the work that is waited for
   * @param name for people
   */
  static Fence of(CompletionStage<?> stage, String name) {
    return StageBridge.fence(stage, name);
  }

  /** {@return name of the timeline on which this fence lies, or its own} */
  String timelineName();

  /** {@return the point on the timeline, 1 where there is none} Points signal in order. */
  long point();

  /** {@return whether the fence is signaled} */
  boolean isSignaled();

  /**
   * {@return the error that was set with the signal; empty before the signal and when all went
   * well}
   */
  Optional<FenceError> error();

  /**
   * {@return time of the signal in milliseconds since the epoch, about 10 ms coarse; 0 before it}
   *
   * <p>A timeline keeps the time of its last signal only: for a point this is the time of the last
   * signal so far, thus never before its own. Containers tell the latest of their fences.
   */
  long signalTimeMs();

  /**
   * Tells the issuer until when somebody would like this fence to be signaled: a hint, which a
   * signaled fence ignores and an issuer may ignore. Of several the soonest counts; one that has
   * passed means now. Modelled on the kernel's {@code dma_fence_set_deadline}.
   *
   * @param deadlineNs on the scale of {@link System#nanoTime()}
   */
  void hintDeadline(long deadlineNs);

  /**
   * Waits until the fence is signaled: spins shortly, then parks.
   *
   * <p>An interrupt ends the wait as if the time were over and stays set.
   *
   * @param timeout the longest time to wait; zero only tests
   * @return whether the fence is signaled
   */
  boolean await(Duration timeout);

  /**
   * As {@link #await(Duration)}, idling by the caller's strategy. Looks again after each idling, so
   * that nobody needs to wake it.
   *
   * @param timeout the longest time to wait; zero only tests
   * @param idle what to do between two looks
   * @return whether the fence is signaled
   */
  boolean await(Duration timeout, IdleStrategy idle);

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

  /**
   * {@return this fence as a stage that completes with the signal, on the signaling thread;
   * exceptionally, with a {@link FenceException}, when there was an error}
   *
   * <p>Completing what is made of the stage does not signal the fence.
   */
  default CompletionStage<Void> toStage() {
    return StageBridge.stage(this);
  }

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
