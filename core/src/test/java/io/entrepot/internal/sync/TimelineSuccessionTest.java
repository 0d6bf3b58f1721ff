package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.entrepot.sync.Fence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import org.junit.jupiter.api.Test;

/** A timeline that was closed has nothing to do with the one that has its record now. */
class TimelineSuccessionTest {
  private final SyncDomain domain = TimelineTable.offHeap(1);
  private final Timeline closed = closed();
  private final Timeline next = domain.timeline("next");
  private final Fence pending = next.next();

  private Timeline closed() {
    Timeline first = domain.timeline("first");
    first.close();
    return first;
  }

  @Test
  void closingTwiceSignalsNothingOfTheNext() {
    closed.close();
    assertFalse(pending.isSignaled());
  }

  @Test
  void issuingTooLateSignalsNothingOfTheNext() {
    assertThrows(IllegalStateException.class, closed::issue);
    assertFalse(pending.isSignaled());
  }

  @Test
  void signalingTooLateSignalsNothingOfTheNext() {
    try {
      closed.signal(1);
    } catch (IllegalArgumentException | IllegalStateException refused) {
      // Either is a good answer.
    }
    assertFalse(pending.isSignaled());
  }
}
