package io.entrepot.internal.sync;

import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.SignalableFence;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Objects;

/** What the issuer holds of a {@link OneShotFence}, and keeps its {@link FenceIssuer} alive. */
public final class IssuedFence implements SignalableFence {
  private final OneShotFence fence;
  private final FenceIssuer issuer;

  /** Final as the others are, so that whoever gets hold of this may signal. */
  private final Cleaner.Cleanable loss;

  private IssuedFence(String name, FenceIssuer issuer) {
    OneShotFence own = new OneShotFence(name, issuer);
    this.fence = own;
    this.issuer = issuer;
    this.loss =
        IssuerLoss.watch(
            this, () -> own.signal(IssuerLoss.of("fence '" + own.timelineName() + "'")));
  }

  /** An unsignaled fence of an issuer, which is {@code null} when it wants to be told nothing. */
  public static IssuedFence create(String name, FenceIssuer issuer) {
    return new IssuedFence(name, issuer);
  }

  @Override
  public OneShotFence fence() {
    return fence;
  }

  @Override
  public boolean signal() {
    return end(null);
  }

  @Override
  public boolean signal(FenceError error) {
    return end(Objects.requireNonNull(error, "error"));
  }

  @Override
  public void close() {
    // Asks a lazy issuer first: what it has done did not fail.
    if (!fence.isSignaled()) {
      end(
          new FenceError(
              FenceError.Kind.ISSUER_CLOSED,
              "fence '" + fence.timelineName() + "' was closed before it was signaled"));
    }
  }

  private boolean end(FenceError error) {
    try {
      boolean first = fence.signal(error);
      if (first) {
        // Signals once more, which does nothing, and is no longer kept for the collector.
        loss.clean();
      }
      return first;
    } finally {
      // Not found lost while its signal is under way, which would then lose to that.
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public String toString() {
    return fence + (issuer == null ? "" : ", lazy, of " + issuer);
  }
}
