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
 *
 * <p>Those of a process that exports the buffers are <em>far</em>: they are of its timelines, of
 * which this process has no state. All are of one such process, as the reservations are of one
 * domain.
 */
public final class CollectedFences implements FenceSnapshot {
  private static final int START = 8;

  private TimelineTable timelines;
  private long[] words = new long[START];

  /** Whose fence it is; {@code null} of a far one. */
  private TimelineState[] states = new TimelineState[START];

  private long[] points = new long[START];
  private int size;

  /** Where the far ones were found. */
  private FarReservations far;

  /** Begins anew with fences of a domain. */
  CollectedFences reset(TimelineTable of) {
    timelines = of;
    Arrays.fill(states, 0, size, null);
    size = 0;
    far = null;
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
    put(word, state, timelines.point(FenceWord.index(word), FenceWord.point(word)));
  }

  /** As {@link #add}, of a fence that is pending in another process. */
  void addFar(FarReservations source, long word, long point) {
    far = source;
    put(word, null, point);
  }

  private void put(long word, TimelineState state, long point) {
    for (int i = 0; i < size; i++) {
      if (isFar(i) != (state == null)) {
        continue;
      }
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

  /** Whether a fence is of the process that exports the buffer. */
  boolean isFar(int index) {
    return states[Objects.checkIndex(index, size)] == null;
  }

  private int record(int index) {
    return FenceWord.index(words[index]);
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
    return isFar(index) ? far.timelineName(record(index)) : states[index].name();
  }

  @Override
  public long point(int index) {
    return points[Objects.checkIndex(index, size)];
  }

  @Override
  public Fence fence(int index) {
    return isFar(index)
        ? far.fence(record(index), points[index])
        : new TimelinePoint(states[index], points[index]);
  }

  @Override
  public boolean isSignaled() {
    for (int i = 0; i < size; i++) {
      boolean isSignaled =
          isFar(i) ? far.isPointSignaled(record(i), points[i]) : states[i].isSignaled(points[i]);
      if (!isSignaled) {
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
      boolean isSignaled =
          isFar(i)
              ? far.awaitPoint(record(i), points[i], leftNs)
              : states[i].await(points[i], leftNs);
      if (!isSignaled) {
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
