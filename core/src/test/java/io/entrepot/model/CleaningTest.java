package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.buffers.CleanedWords;
import io.entrepot.internal.buffers.CleanedWords.Fault;
import org.junit.jupiter.api.Test;

/**
 * Buffers that are zeroed by whoever ends their last use: {@code CleaningOnRelease}, {@code
 * Reclaimer} and {@code BufferStates}, as they are.
 *
 * <p><b>Must not be.</b> All who used a buffer have let go of it, and it was not cleaned, or more
 * than once; or somebody has it as its next owner before it is clean, or while it is cleaned.
 *
 * <p><b>Order.</b> Who lets go stores its word, then runs a full fence, then looks at those of all
 * others: of two that do so at the same time one sees the other's at least. Here all is in one
 * order anyway. Cleaning lies between two changes of the state word, a CAS and a release: the next
 * owner's CAS acquires what it wrote.
 */
class CleaningTest {
  /** Fewer than elsewhere: each pass looks at all slots of all lanes. */
  private static final int INTERLEAVINGS = 40;

  private static final String NOT_ONCE = "not cleaned exactly once";
  private static final String UNDER_OWNER = "not clean at its next owner";

  @Test
  void theLastOfTwoUsersCleansIt() {
    holds(INTERLEAVINGS, () -> unmapBoth(Fault.NONE));
  }

  @Test
  void looksFirstPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, NOT_ONCE, () -> unmapBoth(Fault.LOOKS_FIRST));
  }

  private static void unmapBoth(Fault fault) {
    CleanedWords buffer = new CleanedWords(fault);
    inParallel(() -> buffer.unmap(0), () -> buffer.unmap(1));
    require(buffer.times() == 1 && buffer.isFree(), NOT_ONCE);
  }

  @Test
  void itsNextOwnerHasItClean() {
    holds(INTERLEAVINGS, () -> unmapAgainstUse(Fault.NONE));
  }

  @Test
  void freeFirstPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, UNDER_OWNER, () -> unmapAgainstUse(Fault.FREE_FIRST));
  }

  private static void unmapAgainstUse(Fault fault) {
    CleanedWords buffer = new CleanedWords(fault);
    buffer.unmap(0);
    inParallel(() -> buffer.unmap(1), () -> require(buffer.use(), UNDER_OWNER));
    require(buffer.times() == 1, NOT_ONCE);
  }

  @Test
  void aSignalCleansWhatNothingElseKeeps() {
    holds(INTERLEAVINGS, () -> unmapAgainstSignal(Fault.NONE));
  }

  @Test
  void noWatchPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, NOT_ONCE, () -> unmapAgainstSignal(Fault.NO_WATCH));
  }

  @Test
  void onePassPlantedBugIsFound() {
    findsBug(NOT_ONCE, () -> unmapAgainstSignal(Fault.ONE_PASS));
  }

  private static void unmapAgainstSignal(Fault fault) {
    CleanedWords buffer = new CleanedWords(fault).keptByFence();
    inParallel(() -> buffer.unmap(1), buffer::signal);
    require(buffer.times() == 1 && buffer.isFree(), NOT_ONCE);
  }
}
