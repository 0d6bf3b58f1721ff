package io.entrepot.internal.sync;

import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.SignalableFence;
import java.lang.ref.Cleaner;
import java.util.Objects;

/** What the issuer holds of a {@link OneShotFence}, and keeps its {@link FenceIssuer} alive. */
public final class IssuedFence implements SignalableFence {
  private final OneShotFence fence;
  private final FenceIssuer issuer;
  private Cleaner.Cleanable loss;

  private IssuedFence(OneShotFence fence, FenceIssuer issuer) {
    this.fence = fence;
    this.issuer = issuer;
  }

  /** An unsignaled fence of an issuer, which is {@code null} when it wants to be told nothing. */
  public static IssuedFence create(String name, FenceIssuer issuer) {
    OneShotFence fence = new OneShotFence(name, issuer);
    IssuedFence issued = new IssuedFence(fence, issuer);
    issued.loss =
        IssuerLoss.watch(issued, () -> fence.signal(IssuerLoss.of("fence '" + name + "'")));
    return issued;
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
    boolean first = fence.signal(error);
    if (first) {
      // Signals once more, which does nothing, and is no longer kept for the collector.
      loss.clean();
    }
    return first;
  }

  @Override
  public String toString() {
    return fence + (issuer == null ? "" : ", lazy, of " + issuer);
  }
}
