package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.sync.TimelineWords;
import org.junit.jupiter.api.Test;

/**
 * A timeline goes from one span of its points to the next: {@code TimelineState.issue} with {@code
 * ReservationSlots.forget}, as they are, but for spans of four points.
 *
 * <p><b>Must not be.</b> Whoever has a point of the new span finds a fence in a slot that was
 * settled when the span before was over; a fence that is pending is swept; a point is given out
 * twice, or never signaled.
 *
 * <p><b>Order.</b> The swept word is raised by a CAS behind the sweep, and read by a volatile read
 * before a point above the limit is given out, so the sweep happens-before that.
 */
class TimelineSpanTest {
  private static final int SPAN = 4;

  /** A fifth of what others try: each is long, for it sweeps all slots. */
  private static final int INTERLEAVINGS = 60;

  private static final String OLD = "a fence of the span before is in a slot";
  private static final String LOST = "a pending fence is swept";

  /** Four points are issued; the third is signaled, and the first and second are in slots. */
  private static TimelineWords atTheEndOfASpan() {
    TimelineWords timeline = TimelineWords.onHeap(SPAN);
    for (int i = 0; i < SPAN; i++) {
      timeline.issue();
    }
    timeline.add(timeline.reserve(), 1);
    timeline.add(timeline.reserve(), 2);
    timeline.signal(SPAN - 1);
    return timeline;
  }

  private static void requireNoneOld(TimelineWords timeline) {
    require(!timeline.isInSlot(1) && !timeline.isInSlot(2), OLD);
  }

  @Test
  void whoeverHasAPointOfTheNextSpanFindsNoFenceOfTheLast() {
    holds(
        INTERLEAVINGS,
        () -> {
          TimelineWords timeline = atTheEndOfASpan();
          timeline.signal(SPAN);
          long[] points = new long[2];
          inParallel(
              () -> {
                points[0] = timeline.issue();
                requireNoneOld(timeline);
              },
              () -> {
                points[1] = timeline.issue();
                requireNoneOld(timeline);
              });
          require(points[0] != points[1] && points[0] + points[1] == 2 * SPAN + 3, "points");
        });
  }

  @Test
  void aFenceThatIsAddedMeanwhileIsKept() {
    holds(
        INTERLEAVINGS,
        () -> {
          TimelineWords timeline = atTheEndOfASpan();
          inParallel(timeline::issue, () -> timeline.addPoint(SPAN));
          requireNoneOld(timeline);
          require(timeline.isInSlot(SPAN) && !timeline.isSignaled(SPAN), LOST);
          require(!timeline.sweep(), LOST);
        });
  }

  @Test
  void aSignalMeanwhileIsTold() {
    holds(
        INTERLEAVINGS,
        () -> {
          TimelineWords timeline = atTheEndOfASpan();
          timeline.addPoint(SPAN);
          long[] point = new long[1];
          inParallel(() -> point[0] = timeline.issue(), () -> timeline.signal(SPAN));
          require(timeline.isSignaled(SPAN) && !timeline.isSignaled(point[0]), "signaled");
          timeline.signal(point[0]);
          require(timeline.isSignaled(point[0]) && timeline.sweep(), "pending");
        });
  }

  @Test
  void noPointOfTheNextSpanIsLeftPendingByTheEnd() {
    holds(
        INTERLEAVINGS,
        () -> {
          TimelineWords timeline = atTheEndOfASpan();
          long[] point = {1};
          inParallel(
              () -> {
                try {
                  point[0] = timeline.issue();
                } catch (IllegalStateException closed) {
                  point[0] = 1;
                }
              },
              timeline::end);
          require(timeline.isSignaled(point[0]), "a point that nobody will signal");
        });
  }

  @Test
  void toldBeforeSweptPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        OLD,
        () -> {
          TimelineWords timeline = atTheEndOfASpan();
          timeline.signal(SPAN);
          inParallel(
              () -> timeline.issueTellingFirst(SPAN),
              () -> {
                timeline.issueTellingFirst(SPAN);
                requireNoneOld(timeline);
              });
        });
  }
}
