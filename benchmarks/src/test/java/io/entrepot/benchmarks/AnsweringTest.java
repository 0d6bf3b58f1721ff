package io.entrepot.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Who answers two ping-pongs keeps step with who asks them. */
class AnsweringTest {
  private static final int FAILS = -1;

  private final StringBuilder answered = new StringBuilder();

  @Test
  void twoAreAnsweredInTurnsUntilTheFirstIsOver() {
    Answering.inTurns(upTo("w", 6), upTo("f", 100), 2);
    assertEquals("wwffffwwwwffff", answered.toString());
  }

  @Test
  void nothingIsAnsweredWhenItIsOver() {
    Answering.inTurns(upTo("w", 0), upTo("f", 100), 2);
    assertEquals("", answered.toString());
  }

  @Test
  void whoNeverComesToAnswerIsNotWaitedFor() {
    RuntimeException planted = new IllegalStateException("planted");
    IllegalStateException told =
        assertThrows(
            IllegalStateException.class,
            () ->
                AnsweringThread.startInTurns(
                    () -> upTo("w", 1),
                    () -> {
                      throw planted;
                    },
                    1));
    assertSame(planted, told.getCause());
  }

  @Test
  void whyAnAnsweringThreadEndedIsTold() {
    // By its start, where it has ended that soon.
    IllegalStateException told =
        assertThrows(
            IllegalStateException.class, () -> AnsweringThread.start(() -> upTo("w", FAILS)).end());
    assertEquals("planted", told.getCause().getMessage());
  }

  private Answering upTo(String name, int number) {
    return new Answering() {
      private int left = number;

      @Override
      public boolean answer() {
        if (left == FAILS) {
          throw new IllegalStateException("planted");
        }
        if (left == 0) {
          return false;
        }
        left--;
        answered.append(name);
        return true;
      }

      @Override
      public void close() {
        // Nothing is held.
      }
    };
  }
}
