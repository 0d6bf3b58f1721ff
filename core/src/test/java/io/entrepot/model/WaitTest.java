package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Arm against wake: {@code WaitList.await} and {@code WaitList.signal}, as they are.
 *
 * <p><b>Must not be.</b> A waiter parks for ever though its condition holds.
 *
 * <p><b>Order.</b> Arming is a volatile add, behind which the waiter looks at its condition again.
 * The waker stores its word by a release and then reads the armed word without a fence: on every
 * processor, x86 included, that read may be performed before the store is visible. Then both miss
 * each other, and the waiter sleeps for the rest of its slice of at most 1 ms. That is accepted and
 * no outcome of these models: in the checker's sequentially consistent world one of the two sees
 * the other, and the parked waiter is always woken.
 */
class WaitTest {
  private static final long CONDITION = 0;
  private static final long ARMED = Words.WORD_BYTES;
  private static final long LIMIT_NS = TimeUnit.HOURS.toNanos(1);

  @Test
  void aWaiterIsAwakened() {
    holds(() -> {
      Words words = new HeapWords(2L * Words.WORD_BYTES);
      WaitList list = new WaitList(words, ARMED);
      inParallel(
          () ->
              require(list.await(() -> words.getAcquire(CONDITION) != 0, LIMIT_NS), "not awakened"),
          () -> {
            words.setRelease(CONDITION, 1);
            list.signal();
          });
      require(list.armed() == 0, "a waiter stays armed");
    });
  }

  /** Arming and looking again, without the slices that would cover up for a lost wake-up. */
  @Test
  void anArmedWaiterIsAlwaysSeen() {
    holds(() -> parkUnsliced(true));
  }

  @Test
  void noSecondLookPlantedBugIsFound() {
    findsBug("has hung", () -> parkUnsliced(false));
  }

  private static void parkUnsliced(boolean looksAgain) {
    Words words = new HeapWords(2L * Words.WORD_BYTES);
    Thread[] waiting = new Thread[1];
    boolean[] woken = new boolean[1];
    inParallel(
        () -> {
          if (words.getAcquire(CONDITION) != 0) {
            return;
          }
          waiting[0] = Thread.currentThread();
          words.getAndAdd(ARMED, 1);
          while (!woken[0] && !(looksAgain && words.getAcquire(CONDITION) != 0)) {
            LockSupport.park(words);
          }
        },
        () -> {
          words.setRelease(CONDITION, 1);
          if (words.getOpaque(ARMED) != 0) {
            woken[0] = true;
            LockSupport.unpark(waiting[0]);
          }
        });
  }
}
