package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.sync.ErrorTelling;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The last errors of a timeline as words, which signals put there and other processes look at:
 * {@code ErrorWords}, as it is.
 *
 * <p><b>Must not be.</b> Of two errors that are told at the same time one is lost; whoever looks
 * meanwhile takes an error for none, or none for an error.
 *
 * <p><b>Order.</b> All are volatile accesses, so there is no other order than those here.
 */
class ErrorWordsTest {
  private static final int INTERLEAVINGS = 80;

  /** All pairs are in use. */
  private static final int FULL = 4;

  private static final String LOST = "an error is lost";
  private static final String TAKEN_FOR_NONE = "an error is taken for none";
  private static final String TAKEN_FOR_AN_ERROR = "none is taken for an error";

  @Test
  void twoSignalsTellTheirErrors() {
    holds(
        INTERLEAVINGS, () -> tellAgainst(errors -> errors.tell(5, 5), errors -> errors.tell(7, 7)));
  }

  @Test
  void tellByStorePlantedBugIsFound() {
    findsBug(INTERLEAVINGS, LOST, () -> tellAgainst(e -> e.tellByStore(5), e -> e.tellByStore(7)));
  }

  private static void tellAgainst(Consumer<ErrorTelling> first, Consumer<ErrorTelling> second) {
    ErrorTelling errors = ErrorTelling.onHeap(FULL);
    inParallel(() -> first.accept(errors), () -> second.accept(errors));
    require(isTold(errors.of(5)) && isTold(errors.of(7)), LOST);
  }

  /** As who made a signal does, and who makes the next, where the former may have been stopped. */
  @Test
  void anErrorThatIsToldTwiceTakesOnePlace() {
    holds(
        INTERLEAVINGS,
        () -> {
          ErrorTelling errors = ErrorTelling.onHeap(FULL);
          inParallel(() -> errors.tell(5, 6), () -> errors.tell(5, 6));
          require(isTold(errors.of(5)) && isTold(errors.of(6)), LOST);
          require(isTold(errors.of(2)) && isTold(errors.of(4)), LOST);
          require(errors.of(7).equals("none"), TAKEN_FOR_AN_ERROR);
        });
  }

  @Test
  void anErrorWhosePlaceIsTakenIsNotTakenForNone() {
    holds(INTERLEAVINGS, () -> look(errors -> errors.tell(5, 5)));
  }

  @Test
  void forgetAtLastPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, TAKEN_FOR_NONE, () -> look(errors -> errors.forgetAtLast(5, 1)));
  }

  private static void look(Consumer<ErrorTelling> telling) {
    ErrorTelling errors = ErrorTelling.onHeap(FULL);
    inParallel(
        () -> telling.accept(errors), () -> require(!errors.of(1).equals("none"), TAKEN_FOR_NONE));
    require(!errors.of(1).equals("none"), TAKEN_FOR_NONE);
  }

  /** Ranges that change their first and their last word one after the other. */
  @Test
  void aPointBetweenTwoErrorsIsNotTakenForOne() {
    holds(
        INTERLEAVINGS,
        () -> {
          ErrorTelling errors = ErrorTelling.onHeap(FULL);
          inParallel(
              () -> errors.tell(6, 7),
              () -> errors.tell(9, 9),
              () -> require(!isTold(errors.of(5)) && !isTold(errors.of(8)), TAKEN_FOR_AN_ERROR));
          require(errors.of(5).equals("none") && errors.of(8).equals("none"), TAKEN_FOR_AN_ERROR);
        });
  }

  private static boolean isTold(String told) {
    return told.equals("TIMED_OUT");
  }
}
