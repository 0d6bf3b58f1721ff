package io.entrepot.internal.buffers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.entrepot.internal.memory.HeapWords;
import org.junit.jupiter.api.Test;

/** What is counted in a lane's words, by who looks from anywhere. */
class LaneCountsTest {
  private static final int LANES = 2;
  private static final int BUFFERS = 1;
  private static final int TIMELINES = 4;

  /** Words in which something happens behind the first look at a place. */
  private static final class Racing extends HeapWords {
    private long place = -1;
    private Runnable meanwhile;

    Racing() {
      super(PoolDescriptor.byteSize(BUFFERS, LANES, TIMELINES));
    }

    void behind(long looked, Runnable happens) {
      place = looked;
      meanwhile = happens;
    }

    @Override
    public long getAcquire(long looked) {
      long value = super.getAcquire(looked);
      if (looked == place) {
        place = -1;
        meanwhile.run();
      }
      return value;
    }
  }

  @Test
  void whatTheNextTenantOfALaneMapsIsNotTakenForWhatTheOneBeforeAcquired() {
    Racing words = new Racing();
    PoolDescriptor layout = new PoolDescriptor(words.base(), BUFFERS, LANES, TIMELINES);
    Lanes lanes = new Lanes(words, layout);
    long slot = layout.slot(1, 0);
    lanes.ownsThrough(1, 0);
    words.setRelease(slot, Lanes.emptyWord(5));
    assertEquals(5, lanes.acquires(1));
    words.behind(
        layout.owner(1),
        () -> {
          lanes.ownsNoMore(1);
          words.setRelease(slot, Lanes.emptyWord(500));
        });
    assertEquals(0, lanes.acquires(1), "its own are counted elsewhere by now, or will be");
    words.setRelease(slot, Lanes.emptyWord(500));
    lanes.ownsThrough(1, 0);
    words.setRelease(slot, Lanes.emptyWord(502));
    assertEquals(2, lanes.acquires(1));
  }
}
