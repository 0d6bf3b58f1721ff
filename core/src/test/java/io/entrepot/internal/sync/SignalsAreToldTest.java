package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Timeline;
import org.junit.jupiter.api.Test;

/** Whom a signal is told to: nobody, whoever waits here, or others as well. */
class SignalsAreToldTest {
  private final Words words = new HeapWords(TimelineTable.bytes(1) + Words.PAD_BYTES);
  private final long waiting = words.base() + TimelineTable.bytes(1);
  private final TimelineTable table = new TimelineTable(words, words.base(), 1);
  private int told;

  @Test
  void aSignalIsToldWhileSomebodyWaitsHere() {
    table.toldBy(() -> told++, waiting);
    Timeline timeline = table.timeline("work");
    timeline.signal(timeline.issue());
    assertEquals(0, told, "nobody waits");
    words.getAndAdd(waiting, 1);
    timeline.signal(timeline.issue());
    assertEquals(1, told);
    words.getAndAdd(waiting, -1);
    timeline.signal(timeline.issue());
    assertEquals(1, told, "nobody waits any more");
  }

  @Test
  void aSignalIsToldOnceSomebodyHearsElsewhere() {
    table.toldBy(() -> told++, waiting);
    Timeline timeline = table.timeline("work");
    table.hearElsewhere();
    timeline.signal(timeline.issue());
    assertEquals(1, told);
    timeline.signal(timeline.issued());
    assertEquals(1, told, "the word has not changed");
  }

  @Test
  void aTableThatTellsNobodySignals() {
    Timeline timeline = table.timeline("work");
    long point = timeline.issue();
    timeline.signal(point);
    timeline.signal(timeline.issue());
    assertEquals(point + 1, timeline.signaled());
  }

  /** Words that say how often the record at their beginning was looked at. */
  private static final class WatchedWords extends HeapWords {
    private int looks;

    WatchedWords(long byteSize) {
      super(byteSize);
    }

    @Override
    public long getOpaque(long place) {
      looks += place < base() + TimelineDescriptor.RECORD_BYTES ? 1 : 0;
      return super.getOpaque(place);
    }

    @Override
    public long getAcquire(long place) {
      looks += place < base() + TimelineDescriptor.RECORD_BYTES ? 1 : 0;
      return super.getAcquire(place);
    }

    @Override
    public long getVolatile(long place) {
      looks += place < base() + TimelineDescriptor.RECORD_BYTES ? 1 : 0;
      return super.getVolatile(place);
    }
  }

  @Test
  void aSignalOfATableThatTellsNobodyLooksAtNoOtherTimeline() {
    WatchedWords watched = new WatchedWords(TimelineTable.bytes(2));
    TimelineTable alone = new TimelineTable(watched, watched.base(), 2);
    alone.timeline("another thread's");
    Timeline timeline = alone.timeline("own");
    long point = timeline.issue();
    watched.looks = 0;
    timeline.signal(point);
    assertEquals(0, watched.looks, "its line is written by that thread all the time");
  }
}
