package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
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

  /** A record's points are many, but not without end; words in reservations must not wrap. */
  @Test
  void aTimelineRefusesToIssueMoreThanItsRecordCanTell() {
    Words words = new HeapWords(TimelineTable.bytes(2));
    TimelineTable table = new TimelineTable(words, 0, 2);
    Timeline worn = table.timeline("worn");
    words.setVolatile(TimelineDescriptor.ISSUED, TimelineDescriptor.LAST_POINT - 1);
    Fence last = worn.next();
    assertEquals(TimelineDescriptor.LAST_POINT, last.point());
    for (int i = 0; i < 3; i++) {
      var refused = assertThrows(IllegalStateException.class, worn::issue);
      assertTrue(refused.getMessage().contains("open another"), refused.getMessage());
    }
    assertFalse(last.isSignaled());
    assertTrue(worn.signal(last.point()));
    assertTrue(last.isSignaled());
    worn.close();
    Timeline other = table.timeline("other");
    assertEquals(1, other.issue(), "under another index");
    assertThrows(IllegalStateException.class, () -> table.timeline("one more"), "this one is worn");
  }
}
