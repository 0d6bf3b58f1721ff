package io.entrepot.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Who answers two ping-pongs keeps step with who asks them. */
class AnsweringTest {
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
  void whyAnAnsweringThreadEndedIsTold() {
    RuntimeException planted = new IllegalStateException("planted");
    AnsweringThread thread =
        AnsweringThread.start(() -> {
          throw planted;
        });
    assertSame(planted, assertThrows(IllegalStateException.class, thread::end).getCause());
    assertSame(planted, thread.failure());
  }

  private Answering upTo(String name, int number) {
    return new Answering() {
      private int left = number;

      @Override
      public boolean answer() {
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
