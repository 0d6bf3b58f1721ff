package io.entrepot.internal.buffers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.HeapWords;
import org.junit.jupiter.api.Test;

/**
 * A pass that is stopped behind its look at the mappings, for as long as it takes until the numbers
 * of passes come round: its mark may be another's by then, of a buffer that is mapped again.
 */
class PassNumbersTest {
  /** Of passes, as far as a mark tells them apart. */
  private static final int NUMBERS = 1 << 17;

  private static final int NONE = -1;
  private static final PoolDescriptor LAYOUT = new PoolDescriptor(0, 1, 1, 1);
  private static final long STATE = LAYOUT.buffer(0) + PoolDescriptor.STATE;
  private static final long SLOT = LAYOUT.lane(0) + PoolDescriptor.SLOTS;

  /** What is done before the next access to a word. */
  private Runnable once;

  private long at;

  private final PoolWords pool =
      PoolWords.on(
          bytes ->
              new HeapWords(bytes) {
                @Override
                public long getAcquire(long place) {
                  stopAt(place);
                  return super.getAcquire(place);
                }

                @Override
                public boolean compareAndSet(long place, long expected, long value) {
                  stopAt(place);
                  return super.compareAndSet(place, expected, value);
                }
              },
          1,
          1);

  private final long[] owned = new long[1];
  private long generation;

  private void stopAt(long place) {
    Runnable now = place == at ? once : null;
    if (now != null) {
      once = null;
      now.run();
    }
  }

  private void before(long place, Runnable then) {
    at = place;
    once = then;
  }

  /** A frame that a reader has mapped. */
  private void publish() {
    long state = pool.own(0);
    generation = PoolWords.generation(state);
    pool.publish(0, state, 1);
    pool.storeSlot(0, 0);
  }

  /** The reader takes a reference to the frame, which is dropped, and unmaps it. */
  private void holdAndUnmap() {
    assertTrue(pool.holdMapped(0, generation));
    pool.clearSlot(0);
    before(STATE, this::comeRound);
  }

  /** It maps the frame again, under the reference, and closes that. Others look for buffers. */
  private void comeRound() {
    pool.storeSlot(0, 0);
    assertTrue(pool.unhold(0, generation));
    for (int i = 0; i < NUMBERS; i++) {
      assertEquals(0, pool.reclaim(), "it is mapped");
    }
  }

  @Test
  void aSmallPassTakesNothingThatIsMapped() {
    publish();
    int taken =
        pool.takeReady(
            pass -> {
              pass.drop(0, generation);
              before(SLOT, this::holdAndUnmap);
            },
            owned);
    assertEquals(NONE, taken);
  }

  @Test
  void aPassOverAllFreesNothingThatIsMapped() {
    publish();
    assertTrue(pool.unhold(0, generation));
    before(SLOT, this::holdAndUnmap);
    assertEquals(0, pool.reclaim());
  }

  @Test
  void aPassThatTakesWhatItHasDroppedTakesNothingThatIsMapped() {
    publish();
    int taken =
        pool.takeByPass(
            pass -> {
              pass.drop(0, generation);
              before(SLOT, this::holdAndUnmap);
            },
            owned);
    assertEquals(NONE, taken);
  }
}
