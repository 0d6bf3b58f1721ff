package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Timeline;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C12: who attaches for long and opens timelines again and again keeps none that has ended. */
class ImporterTimelinesTest {
  private final ImporterTimelines timelines = new ImporterTimelines(TimelineTable.offHeap(2));

  @Test
  void oneThatHasEndedIsForgottenWhenTheNextIsOpened() {
    WeakReference<TimelineState> ended = openedAndClosed();
    try (Timeline next = timelines.open("next")) {
      long startNs = System.nanoTime();
      while (!ended.refersTo(null)) {
        assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(20), "still kept");
        System.gc();
      }
      assertEquals(List.of(), timelines.awaitAll(() -> 0));
      next.issue();
      assertEquals(List.of(next.toString()), timelines.awaitAll(() -> 0));
      timelines.close();
      assertEquals(next.issued(), next.signaled());
    }
  }

  private WeakReference<TimelineState> openedAndClosed() {
    try (Timeline first = timelines.open("first")) {
      first.signal(first.issue());
      return new WeakReference<>(((IssuedTimeline) first).state());
    }
  }
}
