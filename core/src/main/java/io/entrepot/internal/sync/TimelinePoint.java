package io.entrepot.internal.sync;

import io.entrepot.internal.memory.WaitList;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;

/** A point of a timeline as an object. */
public record TimelinePoint(TimelineState state, long point) implements Fence {

  /**
   * The fence as one that a reservation can hold.
   *
   * @throws IllegalArgumentException when it is another kind of fence
   */
  static TimelinePoint inReservation(Fence fence) {
    return switch (fence) {
      case TimelinePoint point -> point;
      case FenceArray array -> throw refused(array, "a container");
      case FenceChain chain -> throw refused(chain, "a container");
      case OneShotFence own -> throw refused(own, "a fence of no timeline");
      case SignaledFence signaled -> throw refused(signaled, "signaled already");
    };
  }

  private static IllegalArgumentException refused(Fence fence, String kind) {
    return new IllegalArgumentException(
        "a reservation holds points of its domain's timelines only, and this is "
            + kind
            + ": "
            + fence
            + "; add each point of Fences.unwrap(fence), or issue one that is signaled with it");
  }

  @Override
  public String timelineName() {
    return state.name();
  }

  @Override
  public boolean isSignaled() {
    return state.isSignaled(point);
  }

  @Override
  public Optional<FenceError> error() {
    return Optional.ofNullable(state.error(point));
  }

  @Override
  public boolean await(Duration timeout) {
    return state.await(point, TimeUnit.NANOSECONDS.convert(timeout));
  }

  @Override
  public boolean await(Duration timeout, IdleStrategy idle) {
    if (timeout.isPositive()) {
      state.enable(point);
    }
    return WaitList.await(this::isSignaled, TimeUnit.NANOSECONDS.convert(timeout), idle);
  }

  @Override
  public long signalTimeMs() {
    return isSignaled() ? state.lastSignalMs() : 0;
  }

  @Override
  public void hintDeadline(long deadlineNs) {
    state.hintDeadline(point, deadlineNs);
  }

  @Override
  public Callback onSignal(Runnable callback) {
    return state.addCallback(point, callback);
  }

  @Override
  public String toString() {
    return state.name() + ":" + point + " " + state.describe(point);
  }
}
