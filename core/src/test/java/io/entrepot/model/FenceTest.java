package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.CallbackWords;
import io.entrepot.internal.sync.TimelineWords;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Signal against callbacks, errors and the end of a timeline: {@code TimelineState}, as it is.
 *
 * <p><b>Must not be.</b> A callback runs neither now nor later, or twice, or after its removal; a
 * fence tells an error that is not that of its signal.
 *
 * <p><b>Order.</b> Adding pushes (a volatile CAS of the top), then reads the signaled word
 * (volatile); signaling CASes the signaled word (volatile), then reads the top (volatile). In their
 * one total order one of the two comes last and sees the other. A signal that passes over many puts
 * them into a sorted set before it tells so; who finds it told looks into the set after. What the
 * signaler did before its CAS happens-before the callback, which runs on its own thread, and before
 * whoever reads the raised word with acquire.
 */
class FenceTest {
  private static final String NEVER = "the callback never runs";
  private static final String LOST_OR_TWICE = "a callback is lost or run twice";
  private static final String UNSETTLED = "the end of the work is not known, or too early";
  private static final String WRONG_ERROR = "an error that is not that of the signal";

  // ---------------------------------------------------------------- callbacks

  @Test
  void aCallbackRunsOnceOrIsRefused() {
    holds(() -> {
      TimelineWords timeline = TimelineWords.onHeap();
      timeline.issue();
      AtomicInteger runs = new AtomicInteger();
      Fence.Callback[] added = new Fence.Callback[1];
      inParallel(
          () -> added[0] = timeline.onSignal(1, runs::incrementAndGet), () -> timeline.signal(1));
      require(runs.get() == (added[0] == null ? 0 : 1), NEVER);
    });
  }

  @Test
  void aCallbackRunsOrIsRemoved() {
    holds(() -> {
      TimelineWords timeline = TimelineWords.onHeap();
      timeline.issue();
      AtomicInteger runs = new AtomicInteger();
      Fence.Callback added = timeline.onSignal(1, runs::incrementAndGet);
      boolean[] removed = new boolean[1];
      inParallel(() -> removed[0] = added.remove(), () -> timeline.signal(1));
      require(runs.get() == (removed[0] ? 0 : 1), "run and removed, or neither");
    });
  }

  @Test
  void twoSignalsRunEachCallbackOnce() {
    holds(() -> {
      TimelineWords timeline = TimelineWords.onHeap();
      timeline.issue();
      timeline.issue();
      AtomicInteger runs = new AtomicInteger();
      timeline.onSignal(1, runs::incrementAndGet);
      boolean[] first = new boolean[2];
      inParallel(() -> first[0] = timeline.signal(1), () -> first[1] = timeline.signal(2));
      require(first[1], "the later point is signaled by its signal");
      require(runs.get() == 1, "run " + runs.get() + " times");
    });
  }

  @Test
  void noSecondLookPlantedBugIsFound() {
    findsBug(
        NEVER,
        () -> {
          NoSecondLookPlantedBug timeline = new NoSecondLookPlantedBug();
          AtomicInteger runs = new AtomicInteger();
          boolean[] added = new boolean[1];
          inParallel(() -> added[0] = timeline.onSignal(runs::incrementAndGet), timeline::signal);
          require(runs.get() == (added[0] ? 1 : 0), NEVER);
        });
  }

  /** Planted: looks whether it is signaled before the callback is in the queue, and not after. */
  private static final class NoSecondLookPlantedBug {
    private final Words words = new HeapWords(Words.WORD_BYTES);
    private final Queue<Runnable> callbacks = new ConcurrentLinkedQueue<>();

    boolean onSignal(Runnable action) {
      if (words.getVolatile(0) >= 1) {
        return false;
      }
      callbacks.add(action);
      return true;
    }

    void signal() {
      words.compareAndSet(0, 0, 1);
      callbacks.forEach(Runnable::run);
    }
  }

  // ---------------------------------------------------------------- filing

  /**
   * The signal of point 1 passes over two callbacks of point 2 and files them; one it would not.
   */
  @Test
  void aCallbackThatIsFiledMeanwhileRunsOnce() {
    holds(() -> {
      CallbackWords callbacks = CallbackWords.filing();
      AtomicInteger runs = new AtomicInteger();
      callbacks.onSignal(2, runs::incrementAndGet);
      callbacks.onSignal(2, runs::incrementAndGet);
      inParallel(() -> callbacks.signal(1), () -> callbacks.signal(2));
      require(runs.get() == 2, LOST_OR_TWICE);
    });
  }

  @Test
  void aCallbackThatIsFiledMeanwhileIsRemoved() {
    holds(() -> {
      CallbackWords callbacks = CallbackWords.filing();
      AtomicInteger runs = new AtomicInteger();
      callbacks.onSignal(3, runs::incrementAndGet);
      Fence.Callback added = callbacks.onSignal(2, runs::incrementAndGet);
      boolean[] removed = new boolean[1];
      inParallel(() -> callbacks.signal(1), () -> removed[0] = added.remove());
      callbacks.signal(2);
      require(runs.get() == (removed[0] ? 0 : 1), "run and removed, or neither");
      require(callbacks.kept() <= 3, "what is over is kept");
    });
  }

  /** One adds beside another that is passed over, and both are due in the end. */
  @Test
  void noneIsLostWhileOthersAreAddedAndFiled() {
    holds(() -> {
      CallbackWords callbacks = CallbackWords.filing();
      AtomicInteger runs = new AtomicInteger();
      callbacks.onSignal(3, runs::incrementAndGet);
      callbacks.onSignal(3, runs::incrementAndGet);
      boolean[] added = new boolean[1];
      inParallel(
          () -> {
            callbacks.signal(1);
            callbacks.signal(3);
          },
          () -> added[0] = callbacks.onSignal(2, runs::incrementAndGet) != null);
      require(runs.get() == (added[0] ? 3 : 2), LOST_OR_TWICE);
    });
  }

  @Test
  void toldBeforeFiledPlantedBugIsFound() {
    findsBug(
        LOST_OR_TWICE,
        () -> {
          ToldBeforeFiledPlantedBug callbacks = new ToldBeforeFiledPlantedBug();
          inParallel(() -> callbacks.signal(1), () -> callbacks.signal(2));
          require(callbacks.runs.get() == 1, LOST_OR_TWICE);
        });
  }

  /** Planted: takes the callback of point 2 out of the stack before it is in the set. */
  private static final class ToldBeforeFiledPlantedBug {
    private final Words words = new HeapWords(3 * Words.WORD_BYTES);
    private final Queue<Integer> filed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger runs = new AtomicInteger();

    void signal(long point) {
      words.setVolatile(0, Math.max(point, words.getVolatile(0)));
      if (words.getVolatile(Words.WORD_BYTES) == 0) {
        if (point >= 2) {
          takeAndRun();
        } else if (words.compareAndSet(Words.WORD_BYTES, 0, 1)) {
          filed.add(2);
        }
      } else if (point >= 2 && !filed.isEmpty()) {
        takeAndRun();
      }
    }

    private void takeAndRun() {
      if (words.compareAndSet(2 * Words.WORD_BYTES, 0, 1)) {
        runs.incrementAndGet();
      }
    }
  }

  // ---------------------------------------------------------------- errors

  /** The first signal wins, and so does its error: also while the one that loses is under way. */
  @Test
  void aFenceTellsTheErrorOfItsSignal() {
    holds(() -> {
      TimelineWords timeline = TimelineWords.onHeap();
      timeline.issue();
      FenceError failed = new FenceError(FenceError.Kind.ISSUER_CLOSED, "failed");
      inParallel(
          () -> {
            boolean won = timeline.signal(1);
            require(!won || timeline.error(1) == null, WRONG_ERROR);
            require(won || timeline.error(1) == failed, WRONG_ERROR);
          },
          () -> {
            boolean won = timeline.signal(1, failed);
            require(timeline.error(1) == (won ? failed : null), WRONG_ERROR);
          });
    });
  }

  // ---------------------------------------------------------------- the end

  @Test
  void noPointIsLeftPendingByTheEnd() {
    holds(() -> {
      TimelineWords timeline = TimelineWords.onHeap();
      timeline.issue();
      long[] issued = {1};
      inParallel(
          () -> {
            try {
              issued[0] = timeline.issue();
            } catch (IllegalStateException closed) {
              issued[0] = 1;
            }
          },
          timeline::end);
      require(timeline.isSignaled(issued[0]), "a point that nobody will signal");
    });
  }

  /**
   * The record of a timeline that has ended goes to another; a late issue must not signal its
   * points.
   */
  @Test
  void aLateIssueLeavesTheSuccessorAlone() {
    holds(() -> {
      TimelineWords timeline = TimelineWords.onHeap();
      long[] next = new long[1];
      inParallel(
          () -> {
            try {
              timeline.issue();
            } catch (IllegalStateException closed) {
              // This is what a late issue is told.
            }
          },
          () -> next[0] = timeline.endAndSucceed());
      require(!timeline.isSignaled(next[0]), "a point that its issuer did not signal");
    });
  }

  /** The issuer's own last signal, while its timeline is closed: the work has ended. */
  @Test
  void aLastSignalDuringTheEndSettles() {
    holds(() -> {
      TimelineWords timeline = TimelineWords.onHeap();
      timeline.issue();
      inParallel(() -> timeline.signal(1), timeline::end);
      require(timeline.isSettled(1), UNSETTLED);
    });
  }

  @Test
  void aSettlementDuringTheEndIsNotLost() {
    holds(() -> {
      TimelineWords timeline = TimelineWords.onHeap();
      timeline.issue();
      boolean[] settled = new boolean[1];
      inParallel(() -> settled[0] = timeline.settle(), timeline::end);
      require(timeline.isSettled(1) == settled[0], UNSETTLED);
    });
  }

  @Test
  void lookBeforeAnswerPlantedBugIsFound() {
    findsBug(
        UNSETTLED,
        () -> {
          LookBeforeAnswerPlantedBug timeline = new LookBeforeAnswerPlantedBug();
          inParallel(timeline::answer, timeline::end);
          require(timeline.words.getVolatile(0) == LookBeforeAnswerPlantedBug.SETTLED, UNSETTLED);
        });
  }

  /** Planted: looks whether the timeline is unsettled before it says that the work has ended. */
  private static final class LookBeforeAnswerPlantedBug {
    private static final long UNSETTLED_NOW = 1;
    private static final long SETTLED = 2;
    private static final long ANSWERED = Words.WORD_BYTES;

    private final Words words = new HeapWords(2L * Words.WORD_BYTES);

    void answer() {
      if (!words.compareAndSet(0, UNSETTLED_NOW, SETTLED)) {
        words.setVolatile(ANSWERED, 1);
      }
    }

    void end() {
      words.setVolatile(0, UNSETTLED_NOW);
      if (words.getVolatile(ANSWERED) == 1) {
        words.compareAndSet(0, UNSETTLED_NOW, SETTLED);
      }
    }
  }
}
