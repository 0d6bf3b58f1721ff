package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** Fences of stages, and stages of fences. */
public final class StageBridge {
  private StageBridge() {}

  /** See {@link Fence#of}. */
  public static Fence fence(CompletionStage<?> stage, String name) {
    OneShotFence fence = new OneShotFence(name, null);
    IssuerLoss.watch(stage, () -> fence.signal(IssuerLoss.of("the stage of fence '" + name + "'")));
    stage.whenComplete((result, failure) -> fence.signal(failure == null ? null : error(failure)));
    return fence;
  }

  /** The error of work that has thrown. */
  static FenceError error(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof FenceException known) {
      return known.error();
    }
    FenceError.Kind kind =
        switch (cause) {
          case CancellationException cancelled -> FenceError.Kind.CANCELLED;
          case TimeoutException late -> FenceError.Kind.TIMED_OUT;
          default -> FenceError.Kind.FAILED;
        };
    return new FenceError(kind, cause.toString());
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
