package io.entrepot.internal.buffers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A writer in place that fails while it takes its turn keeps nobody out. */
class FailedTurnTest {
  private static final int LANES = 2;

  private final Words words = new HeapWords(PoolDescriptor.byteSize(1, LANES, 1));
  private final PoolDescriptor layout = new PoolDescriptor(words.base(), 1, LANES, 1);
  private final OutOfMemoryError failure = new OutOfMemoryError("of a barrier");
  private boolean fails = true;

  private void barrier() {
    if (fails) {
      throw failure;
    }
  }

  private boolean isAnyAttentive() {
    boolean any = false;
    for (int lane = 0; lane < LANES; lane++) {
      any |= words.getVolatile(layout.attention(lane)) != 0;
    }
    return any;
  }

  @Test
  void anotherHasItsTurn() {
    FarSignals signals = new FarSignals(words, layout.signalsPlace());
    Peers peers = new Peers("pool", words, layout, signals, () -> false);
    WaitList freed = new WaitList(words, layout.header(PoolDescriptor.ARMED));
    InPlaceWriters writers =
        new InPlaceWriters(
            words,
            layout,
            new Lanes(words, layout),
            peers,
            _ -> false,
            freed,
            signals,
            this::barrier);
    assertSame(
        failure, assertThrows(OutOfMemoryError.class, () -> writers.begin(0, 0, 0, () -> false)));
    assertFalse(writers.hasOther(0, 1));
    assertFalse(isAnyAttentive(), "every map would pay for it");
    fails = false;
    assertTrue(writers.begin(0, 1, 0, () -> false));
    assertEquals(List.of(true, true), List.of(writers.hasOther(0, 0), isAnyAttentive()));
    writers.end(0);
    assertFalse(isAnyAttentive());
  }
}
