package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/** Fences of stages, and stages of fences. */
public final class StageBridge {
  private StageBridge() {}

  /** See {@link Fence#of}. */
  public static Fence fence(CompletionStage<?> stage, String name) {
    OneShotFence fence = new OneShotFence(name, null);
    stage.whenComplete(new Completer(fence, name));
    return fence;
  }

  /**
   * What a stage holds until it completes. It is watched in place of the stage, which may be a
   * wrapper that nobody keeps, or be kept for long after it has completed.
   */
  private static final class Completer implements BiConsumer<Object, Throwable> {
    private final OneShotFence fence;
    private final Cleaner.Cleanable loss;

    Completer(OneShotFence fence, String name) {
      this.fence = fence;
      this.loss =
          IssuerLoss.watch(
              this, () -> fence.signal(IssuerLoss.of("the stage of fence '" + name + "'")));
    }

    @Override
    public void accept(Object result, Throwable failure) {
      try {
        fence.signal(failure == null ? null : error(failure));
        // Signals once more, which does nothing, and is no longer kept for the collector.
        loss.clean();
      } finally {
        // Not found lost while its signal is under way, which would then lose to that.
        Reference.reachabilityFence(this);
      }
    }
  }

  /** The error of work that has thrown. */
  static FenceError error(Throwable failure) {
    Throwable cause = cause(failure);
    if (cause instanceof FenceException known) {
      return known.error();
    }
    FenceError.Kind kind =
        switch (cause) {
          case CancellationException cancelled -> FenceError.Kind.CANCELLED;
          case TimeoutException late -> FenceError.Kind.TIMED_OUT;
          default -> FenceError.Kind.FAILED;
        };
    return new FenceError(kind, Uncaught.text(cause));
  }

  private static Throwable cause(Throwable failure) {
    if (!(failure instanceof CompletionException)) {
      return failure;
    }
    try {
      Throwable cause = failure.getCause();
      return cause == null ? failure : cause;
    } catch (Throwable again) {
      // As in Uncaught.text: users' code.
      return failure;
    }
  }

  /** See {@link Fence#toStage}. */
  public static CompletionStage<Void> stage(Fence fence) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    if (fence.onSignal(() -> complete(future, fence)) == null) {
      complete(future, fence);
    }
    return future.minimalCompletionStage();
  }

  private static void complete(CompletableFuture<Void> future, Fence fence) {
    fence
        .error()
        .ifPresentOrElse(
            error -> future.completeExceptionally(new FenceException(fence, error)),
            () -> future.complete(null));
  }
}
