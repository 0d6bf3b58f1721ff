package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import org.junit.jupiter.api.Test;

/**
 * The model checker follows words of the heap form, and is blind to the off-heap form: a lost
 * update that was planted is found on the one and not on the other. So models run on heap words.
 */
class LostCountTest {
  private static final String LOST = "a count is lost";

  @Test
  void atomicCountsAreNotLost() {
    holds(() -> count(new HeapWords(Words.WORD_BYTES), words -> words.getAndAdd(words.base(), 1)));
  }

  @Test
  void lostCountPlantedBugIsFound() {
    findsBug(
        LOST, () -> count(new HeapWords(Words.WORD_BYTES), LostCountTest::lostCountPlantedBug));
  }

  @Test
  void offHeapWordsAreNotFollowed() {
    holds(() -> count(Words.offHeap(Words.WORD_BYTES), LostCountTest::lostCountPlantedBug));
  }

  /** Planted: a read and a write in place of an atomic increment. */
  private static void lostCountPlantedBug(Words words) {
    words.setVolatile(words.base(), words.getVolatile(words.base()) + 1);
  }

  private static void count(Words words, java.util.function.Consumer<Words> increment) {
    inParallel(() -> increment.accept(words), () -> increment.accept(words));
    require(words.getVolatile(words.base()) == 2, LOST);
  }
}
