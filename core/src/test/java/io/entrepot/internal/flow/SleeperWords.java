package io.entrepot.internal.flow;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;

/**
 * Sleepers of a ring, with a word that they wait for: what models of their waking run on. {@link
 * RingSleepers} is called as it is; the lines of its wait are repeated here in their order, with a
 * monitor for the kernel's own, under which it compares a word and puts a thread to sleep.
 */
public final class SleeperWords {
  private static final long CONDITION = 0;
  private static final long WAKE = Words.WORD_BYTES;

  private final Words producer = new HeapWords(2L * Words.WORD_BYTES);
  private final Words reader = new HeapWords(Words.WORD_BYTES);
  private final RingSleepers sleepers = new RingSleepers(producer, WAKE, reader, 0);
  private final Object kernel = new Object();

  /** Steps of going to sleep that a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** What is waited for is not looked at again behind the arming. */
    NO_SECOND_LOOK,
    /** The wake word is read behind the look. */
    LOOK_BEFORE_WAKE_WORD
  }

  /** {@code RingSleepers.await}, without slices that would cover up for a lost wake-up. */
  public void sleep(Fault fault) {
    if (isThere()) {
      return;
    }
    sleepers.arm();
    while (true) {
      boolean looked = fault == Fault.LOOK_BEFORE_WAKE_WORD && isThere();
      long seen = sleepers.wakeSeen();
      if (looked || fault == Fault.NONE && isThere()) {
        break;
      }
      sleepWhile(seen);
      if (isThere()) {
        break;
      }
    }
    sleepers.disarm();
  }

  private boolean isThere() {
    return producer.getAcquire(CONDITION) != 0;
  }

  private void sleepWhile(long seen) {
    synchronized (kernel) {
      while (sleepers.wakeSeen() == seen) {
        try {
          kernel.wait();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /** {@code RingSleepers.wake}, behind what is waited for. */
  public void publish() {
    producer.setRelease(CONDITION, 1);
    if (sleepers.areWoken()) {
      synchronized (kernel) {
        kernel.notifyAll();
      }
    }
  }

  /** How many sleep, by their own word. */
  public long asleep() {
    return reader.getVolatile(0);
  }
}
