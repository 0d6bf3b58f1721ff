package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Futex;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import java.lang.ref.Reference;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Threads that sleep at a ring whose producer is another process, and how that one wakes them: two
 * words of the {@link ReaderRing}, one of each side.
 *
 * <pre>
 *   sleeper                                producer
 *   sleepers + 1      (a full fence)       what is waited for   (release)
 *   look at wake                           look at sleepers: none? done
 *   look at what is waited for             wake + 1
 *   sleep while wake is what was seen      wake who sleeps on it
 * </pre>
 *
 * <p><b>Invariant.</b> Who sleeps while what it waits for is there sleeps for at most {@value
 * #FIRST_MS} ms more. The kernel compares the wake word when it puts a thread to sleep, so only a
 * producer that saw no sleeper leaves one asleep. Its look at the sleepers has no fence before it,
 * for it would be paid with each frame: it may be performed while its own store is still on the
 * way, and a thread that goes to sleep in just that moment is missed. That is over when the store
 * has arrived, long before the first sleep ends; from then on every look finds the sleeper counted,
 * so the sleeps after the first may be long.
 *
 * <p><b>Trust.</b> A reader that says that it sleeps when it does not costs the producer a system
 * call for each frame, which wakes {@value #MOST_WOKEN} at most. It may sleep in a way that the
 * kernel refuses to wake from (a futex that is to be requeued), which is no failure of the
 * producer's. A producer that wakes for nothing, or never, costs the reader a look at its condition
 * now and then.
 */
final class RingSleepers {
  /** Longest first sleep in milliseconds: the bound of a lost race. */
  static final int FIRST_MS = 1;

  /** Longest later sleep in milliseconds: the bound of what nobody wakes for, an interrupt say. */
  static final int LATER_MS = 10;

  /** Threads that are woken at a time; the more there are, the longer the waker's call takes. */
  static final int MOST_WOKEN = 64;

  private static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(FIRST_MS);
  private static final long LATER_NS = TimeUnit.MILLISECONDS.toNanos(LATER_MS);

  private final Words producer;
  private final long wake;
  private final Words reader;
  private final long sleepers;

  /**
   * Sleepers of a ring.
   *
   * @param wake place of the word that changes when they are woken; the producer's
   * @param sleepers place of their number; the reader's, far from what it writes with each frame
   */
  RingSleepers(Words producer, long wake, Words reader, long sleepers) {
    this.producer = producer;
    this.wake = wake;
    this.reader = reader;
    this.sleepers = sleepers;
  }

  // ---------------------------------------------------------------- reader

  /**
   * Waits until the condition holds or the time is over; for platform threads. An interrupt ends
   * the wait within {@value #LATER_MS} ms, as if the time were over, and stays set.
   *
   * @return the last answer of the condition
   */
  boolean await(BooleanSupplier condition, long timeoutNs) {
    long startNs = System.nanoTime();
    if (WaitList.spin(condition, startNs, timeoutNs)) {
      return true;
    }
    arm();
    long armedNs = System.nanoTime();
    try {
      while (true) {
        long seen = wakeSeen();
        if (condition.getAsBoolean()) {
          return true;
        }
        long nowNs = System.nanoTime();
        long leftNs = timeoutNs - (nowNs - startNs);
        if (leftNs <= 0 || Thread.currentThread().isInterrupted()) {
          return condition.getAsBoolean();
        }
        // By the time since the arming: a sleep may end at once, for nothing.
        long sliceNs = nowNs - armedNs < FIRST_NS ? FIRST_NS : LATER_NS;
        Futex.await(wake, (int) seen, Math.min(sliceNs, leftNs));
      }
    } finally {
      disarm();
      Reference.reachabilityFence(this);
    }
  }

  void arm() {
    reader.getAndAdd(sleepers, 1);
  }

  long wakeSeen() {
    return producer.getVolatile(wake);
  }

  void disarm() {
    reader.getAndAdd(sleepers, -1);
  }

  /**
   * Wakes the threads of this process, which cannot write the producer's word; most of the time.
   */
  void wakeHere() {
    if (reader.getVolatile(sleepers) != 0) {
      wakeAll();
    }
  }

  // ---------------------------------------------------------------- producer

  /**
   * Wakes all who sleep, in whichever process. Call after the store that they wait for.
   *
   * @return how many slept; who was just about to is not among them
   */
  int wake() {
    return areWoken() ? wakeAll() : 0;
  }

  private int wakeAll() {
    int woken = Futex.tryWake(wake, MOST_WOKEN);
    Reference.reachabilityFence(this);
    return woken;
  }

  /** Whether there are any, by what was seen; who is about to sleep stays awake then. */
  boolean areWoken() {
    if (reader.getOpaque(sleepers) == 0) {
      return false;
    }
    producer.getAndAdd(wake, 1);
    return true;
  }
}
