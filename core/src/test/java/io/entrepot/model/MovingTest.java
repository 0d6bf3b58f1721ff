package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.buffers.MovingWords;
import io.entrepot.internal.buffers.MovingWords.Fault;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Who acquires a buffer and has it lie where buffers are handed out, against who replaces that
 * memory and lets go of those in which nothing lies: {@code PoolMemories}, as it is.
 *
 * <p><b>Must not be.</b> A buffer that is in use lies in a memory that is gone.
 *
 * <p><b>Order.</b> Taking and then looking at what is handed out is a Dekker hand-shake with
 * handing out and then looking at states, whose rare side runs the heavy barrier between the two;
 * in the checker's sequentially consistent world that is left out. A place is stored before the
 * state is released that the sweep acquires before it reads the place.
 */
class MovingTest {
  private static final String GONE = "a buffer in use lies in memory that is gone";

  private static void replaceAgainst(Fault fault, boolean kept, Predicate<MovingWords> use) {
    MovingWords words = new MovingWords(fault, kept);
    inParallel(
        () -> {
          require(use.test(words), GONE);
        },
        words::replace);
    require(words.isThere(), GONE);
  }

  @Test
  void whatIsAcquiredWhileMemoryIsReplacedLiesWhereMemoryIs() {
    holds(() -> replaceAgainst(Fault.NONE, false, MovingWords::use));
  }

  @Test
  void ownedStaysPlantedBugIsFound() {
    findsBug(GONE, () -> replaceAgainst(Fault.OWNED_STAYS, false, MovingWords::use));
  }

  @Test
  void placeFirstPlantedBugIsFound() {
    findsBug(GONE, () -> replaceAgainst(Fault.PLACE_FIRST, false, MovingWords::use));
  }

  @Test
  void whatIsKeptWhileMemoryIsReplacedLiesWhereMemoryIs() {
    holds(() -> replaceAgainst(Fault.NONE, true, MovingWords::useAndGive));
  }

  @Test
  void keptStaysPlantedBugIsFound() {
    findsBug(GONE, () -> replaceAgainst(Fault.KEPT_STAYS, true, MovingWords::useAndGive));
  }

  /** The recall makes it plainly owned, or free, at any moment. */
  @Test
  void whatIsRecalledWhileMemoryIsReplacedLiesWhereMemoryIs() {
    holds(() -> {
      MovingWords words = new MovingWords(Fault.NONE, true);
      inParallel(
          () -> require(words.useAndGive(), GONE),
          () -> {
            words.recall();
            words.replace();
          });
      require(words.isThere(), GONE);
    });
  }
}
