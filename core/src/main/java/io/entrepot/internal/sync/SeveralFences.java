package io.entrepot.internal.sync;

import io.entrepot.internal.memory.WaitList;
import io.entrepot.sync.Fence;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;

/** Waiting for one of several fences, and for all. */
public final class SeveralFences {
  private SeveralFences() {}

  /** See {@link io.entrepot.sync.Fences#awaitAny(Duration, Fence...)}. */
  public static int awaitAny(Duration timeout, Fence... fences) {
    int first = firstSignaled(fences);
    if (first >= 0 || fences.length == 0 || !timeout.isPositive()) {
      return first;
    }
    long startNs = System.nanoTime();
    long timeoutNs = TimeUnit.NANOSECONDS.convert(timeout);
    Thread self = Thread.currentThread();
    Runnable wake = new Wake(self);
    Fence.Callback[] added = new Fence.Callback[fences.length];
    try {
      for (int i = 0; i < fences.length; i++) {
        added[i] = fences[i].onSignal(wake);
      }
      while (true) {
        first = firstSignaled(fences);
        long leftNs = timeoutNs - (System.nanoTime() - startNs);
        if (first >= 0 || leftNs <= 0 || self.isInterrupted()) {
          return first;
        }
        LockSupport.parkNanos(fences, Math.min(Callbacks.SLICE_NS, leftNs));
      }
    } finally {
      for (Fence.Callback callback : added) {
        if (callback != null) {
          callback.remove();
        }
      }
    }
  }

  /** See {@link io.entrepot.sync.Fences#awaitAny(Duration, IdleStrategy, Fence...)}. */
  public static int awaitAny(Duration timeout, IdleStrategy idle, Fence... fences) {
    if (fences.length == 0 || !timeout.isPositive()) {
      return firstSignaled(fences);
    }
    Watch[] held = new Watch[fences.length];
    try {
      hold(fences, held);
      WaitList.await(() -> firstSignaled(fences) >= 0, TimeUnit.NANOSECONDS.convert(timeout), idle);
      return firstSignaled(fences);
    } finally {
      leave(held);
    }
  }

  private static int firstSignaled(Fence... fences) {
    for (int i = 0; i < fences.length; i++) {
      if (fences[i].isSignaled()) {
        return i;
      }
    }
    return -1;
  }

  /** See {@link io.entrepot.sync.Fences#awaitAll(Duration, Fence...)}. */
  public static boolean awaitAll(Duration timeout, Fence... fences) {
    return awaitAll(timeout, null, fences);
  }

  /** See {@link io.entrepot.sync.Fences#awaitAll(Duration, IdleStrategy, Fence...)}. */
  public static boolean awaitAll(Duration timeout, IdleStrategy idle, Fence... fences) {
    // Far below zero nothing can be taken from it.
    long timeoutNs = Math.max(0, TimeUnit.NANOSECONDS.convert(timeout));
    long startNs = System.nanoTime();
    Watch[] held = new Watch[timeout.isPositive() ? fences.length : 0];
    try {
      if (timeout.isPositive()) {
        hold(fences, held);
      }
      for (Fence fence : fences) {
        Duration left = Duration.ofNanos(timeoutNs - (System.nanoTime() - startNs));
        if (!(idle == null ? fence.await(left) : fence.await(left, idle))) {
          return false;
        }
      }
      return true;
    } finally {
      leave(held);
    }
  }

  /** Tells all issuers of interest, and has containers watched, before any is waited for. */
  private static void hold(Fence[] fences, Watch[] held) {
    for (int i = 0; i < fences.length; i++) {
      held[i] =
          switch (fences[i]) {
            case TimelinePoint point -> enable(point);
            case OneShotFence own -> own.watch();
            case ArrayOfFences array -> array.interest();
            case ChainLink link -> link.interest();
            case SignaledFence signaled -> null;
          };
    }
  }

  private static Watch enable(TimelinePoint point) {
    point.state().enable(point.point());
    return null;
  }

  private static void leave(Watch... held) {
    for (Watch watch : held) {
      Completion.leave(watch);
    }
  }
}
