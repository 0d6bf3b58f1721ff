package io.entrepot.sync;

import io.entrepot.internal.sync.IssuerWatchdog;
import java.time.Duration;
import org.agrona.concurrent.Agent;

/**
 * Ends timelines and fences whose issuers do not answer in a stated time, with {@link
 * FenceError.Kind#TIMED_OUT}.
 *
 * <p>What the kernel demands of drivers ("Buffer Sharing and Synchronization", DMA fence
 * cross-driver contract): work that users submit needs a time-out, upon which no more is submitted
 * and all that is in flight is forced to complete. So a timeline that is late is closed: it issues
 * no more points. That ends waiting, never protection: its buffers are kept until the issuer
 * signals the last point after all, or {@link SyncDomain#settle} is called.
 *
 * <p>It is an agent: run {@link #doWork()} on a duty cycle of your own, or by an {@code
 * AgentRunner} or {@code AgentInvoker}. It looks at the clock once per call.
 *
 * <p><b>Threads.</b> {@code watch} may be called by any thread, {@link #doWork()} by one.
 */
public sealed interface FenceWatchdog extends Agent permits IssuerWatchdog {

  /**
   * {@return a watchdog that grants a pending point this time, and at most twice as much, beginning
   * with the first call of {@link #doWork()} that finds it pending}
   *
   * @param limit more than zero
   */
  static FenceWatchdog create(Duration limit) {
    return new IssuerWatchdog(limit);
  }

  /**
   * Watches a timeline until it has ended. Does not keep it from being found lost.
   *
   * @param timeline of any domain
   */
  void watch(Timeline timeline);

  /**
   * Watches a fence until it is signaled. Does not keep its issuer from being found lost.
   *
   * @param fence that is not signaled yet
   */
  void watch(SignalableFence fence);
}
