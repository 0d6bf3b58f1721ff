package io.entrepot.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.opentest4j.AssertionFailedError;

/**
 * Runs a scenario of a few threads under Lincheck's model checker, which tries its interleavings.
 *
 * <p>A scenario makes its words anew, runs its threads, and throws when it sees what must not be.
 * The checker follows accesses to {@code long[]} words and sees sequentially consistent executions
 * only. What a weaker order could do is argued beside each model and, as far as the processor shows
 * it, run by the tests in {@code io.entrepot.stress}.
 *
 * <p>How much is tried is bounded by a number of interleavings, not by time.
 */
final class Model {
  /** Interleavings tried of a scenario: planted bugs are found within as many. */
  static final int INTERLEAVINGS = 300;

  private static final int DRAWINGS = 3;

  private Model() {}

  /** No interleaving shows what must not be. */
  static void holds(Runnable scenario) {
    holds(INTERLEAVINGS, scenario);
  }

  /** As {@link #holds(Runnable)}, for a scenario that needs more, or bears fewer, interleavings. */
  static void holds(int interleavings, Runnable scenario) {
    Lincheck.runConcurrentTest(interleavings, scenario);
  }

  /** Some interleaving shows what must not be, and Lincheck reports it with that message. */
  static void findsBug(String message, Runnable scenario) {
    findsBug(INTERLEAVINGS, message, scenario);
  }

  /** As {@link #findsBug(String, Runnable)}, with another number of interleavings. */
  static void findsBug(int interleavings, String message, Runnable scenario) {
    LincheckAssertionError found = find(interleavings, scenario, DRAWINGS);
    assertTrue(found.getMessage().contains(message), found.getMessage());
  }

  /**
   * What Lincheck finds. It may fail to draw the trace that shows it, by an index that is out of
   * bounds in its report; then it looks again.
   */
  private static LincheckAssertionError find(int interleavings, Runnable scenario, int drawings) {
    try {
      return assertThrows(
          LincheckAssertionError.class, () -> Lincheck.runConcurrentTest(interleavings, scenario));
    } catch (AssertionFailedError notDrawn) {
      if (drawings > 1 && notDrawn.getCause() instanceof IndexOutOfBoundsException) {
        return find(interleavings, scenario, drawings - 1);
      }
      throw notDrawn;
    }
  }

  /** Runs the actions, each on a thread of its own, and throws what one of them has thrown. */
  static void inParallel(Runnable... actions) {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] threads = new Thread[actions.length];
    for (int i = 0; i < actions.length; i++) {
      Runnable action = actions[i];
      threads[i] =
          new Thread(() -> {
            try {
              action.run();
            } catch (Throwable thrown) {
              failure.compareAndSet(null, thrown);
            }
          });
    }
    for (Thread thread : threads) {
      thread.start();
    }
    for (Thread thread : threads) {
      join(thread);
    }
    if (failure.get() != null) {
      throw new AssertionError(failure.get().getMessage(), failure.get());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Throws unless it is so. */
  static void require(boolean isSo, String otherwise) {
    if (!isSo) {
      throw new AssertionError(otherwise);
    }
  }
}
