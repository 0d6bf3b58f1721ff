package io.entrepot.internal.sync;

import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * The timelines of an importer, which end with its attachment.
 *
 * <p>Refers to what fences refer to, and to no issuer: a timeline that the importer has dropped is
 * found lost while the attachment stands, and one that has ended is forgotten when the next is
 * opened. Thread-safe.
 */
public final class ImporterTimelines {
  private final TimelineTable domain;
  private final List<TimelineState> states = new CopyOnWriteArrayList<>();

  /** None yet. */
  public ImporterTimelines(TimelineTable domain) {
    this.domain = domain;
  }

  /** Opens one. */
  public Timeline open(String name) {
    IssuedTimeline timeline = (IssuedTimeline) domain.timeline(name);
    states.removeIf(TimelineState::hasEnded);
    states.add(timeline.state());
    return timeline;
  }

  /**
   * Waits for all points that were issued.
   *
   * @param leftNs how long to wait still, in nanoseconds
   * @return the timelines with points that are pending, for people
   */
  public List<String> awaitAll(LongSupplier leftNs) {
    List<String> pending = new ArrayList<>();
    for (TimelineState state : states) {
      if (!isSignaled(state, leftNs)) {
        pending.add(state.toString());
      }
    }
    return pending;
  }

  private static boolean isSignaled(TimelineState state, LongSupplier leftNs) {
    long issued = state.issued();
    return issued == 0
        || new TimelinePoint(state, issued).await(Duration.ofNanos(leftNs.getAsLong()));
  }

  /** Ends them all. */
  public void close() {
    states.forEach(TimelineState::close);
  }
}
