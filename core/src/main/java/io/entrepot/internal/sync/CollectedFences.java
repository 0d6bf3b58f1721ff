package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Pending fences that were found in reservations, as words with the timelines that they are of.
 * Filled again and again, it allocates when there are more than ever before.
 */
public final class CollectedFences implements FenceSnapshot {
  private static final int START = 8;

  private TimelineTable timelines;
  private long[] words = new long[START];
  private TimelineState[] states = new TimelineState[START];
  private long[] points = new long[START];
  private int size;

  /** Begins anew with fences of a domain. */
  CollectedFences reset(TimelineTable of) {
    timelines = of;
    Arrays.fill(states, 0, size, null);
    size = 0;
    return this;
  }

  /**
   * Adds a fence if it is pending. Where a timeline is met again, only what is not covered stays.
   */
  void add(long word) {
    // In this order: a timeline keeps its record while a point is pending, so the state that is
    // found between the look at the slot and the look at the point is that of the fence.
    TimelineState state = timelines.state(FenceWord.index(word));
    if (timelines.isSignaled(FenceWord.index(word), FenceWord.point(word))) {
      return;
    }
    long point = timelines.point(FenceWord.index(word), FenceWord.point(word));
    for (int i = 0; i < size; i++) {
      if (FenceWord.isCoveredBy(word, words[i])) {
        return;
      }
      if (FenceWord.isCoveredBy(words[i], word)) {
        words[i] = word;
        points[i] = point;
        // The one before may have ended meanwhile, and its record be another timeline's now.
        states[i] = state;
        return;
      }
    }
    if (size == words.length) {
      words = Arrays.copyOf(words, 2 * size);
      states = Arrays.copyOf(states, 2 * size);
      points = Arrays.copyOf(points, 2 * size);
    }
    words[size] = word;
    points[size] = point;
    states[size++] = state;
  }

  long word(int index) {
    return words[Objects.checkIndex(index, size)];
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Usage usage(int index) {
    return FenceWord.usage(word(index));
  }

  @Override
  public String timelineName(int index) {
    return states[Objects.checkIndex(index, size)].name();
  }

  @Override
  public long point(int index) {
    return points[Objects.checkIndex(index, size)];
  }

  @Override
  public Fence fence(int index) {
    return new TimelinePoint(states[Objects.checkIndex(index, size)], point(index));
  }

  @Override
  public boolean isSignaled() {
    for (int i = 0; i < size; i++) {
      if (!states[i].isSignaled(points[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean await(Duration timeout) {
    // Far below zero, what is left of it would wrap to for ever.
    long timeoutNs = Math.max(0, TimeUnit.NANOSECONDS.convert(timeout));
    long startNs = System.nanoTime();
    for (int i = 0; i < size; i++) {
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      if (!states[i].await(points[i], leftNs)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < size; i++) {
      text.append(i == 0 ? "" : ", ").append(usage(i)).append(' ').append(timelineName(i));
      text.append(':').append(point(i));
    }
    return text.append('}').toString();
  }
}
