package io.entrepot.internal.memory;

import io.entrepot.internal.memory.Doorbells.Bell;
import java.util.function.BooleanSupplier;

/**
 * A process whose threads sleep by the bell of another, for models of what that one rings for.
 * {@link Doorbells} and {@link Doorbell} are called as they are; the lines of a sleep are repeated
 * in their order, without slices, with a monitor for the kernel's own, as in {@link BellWords}.
 */
public final class OneBell {
  private static final long BELL = 0;
  private static final long LISTENING = 0;
  private static final long OWN = LISTENING + Words.WORD_BYTES;

  private final Words ringer = new HeapWords(Words.WORD_BYTES);
  private final Words sleeper = new HeapWords(2L * Words.WORD_BYTES);
  private final Doorbell doorbell = new Doorbell(sleeper, LISTENING, ringer, BELL);
  private final Doorbells doorbells = new Doorbells(sleeper, LISTENING, OWN, () -> false);
  private final Bell bell;
  private final Object kernel = new Object();

  public OneBell() {
    doorbells.put(ringer, BELL);
    bell = doorbells.bells()[0];
  }

  /** {@link Doorbell#ring}, by the other process, behind its store. */
  public void ring() {
    if (doorbell.isRung()) {
      synchronized (kernel) {
        kernel.notifyAll();
      }
    }
  }

  /** What {@code Sleep.look} does first. */
  public void listen() {
    doorbells.arm();
  }

  /** {@code Sleep.end}. */
  public void end() {
    doorbells.disarm();
  }

  /** What {@code Sleep.look} sees. */
  public long seen() {
    return bell.seen();
  }

  /** {@code Sleep.sleep}, behind a look that saw this. */
  public void sleepWhile(long seen) {
    synchronized (kernel) {
      while (bell.seen() == seen) {
        try {
          kernel.wait();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /** Listens and sleeps until a condition holds. */
  public void sleepUntil(BooleanSupplier condition) {
    listen();
    long seen = seen();
    while (!condition.getAsBoolean()) {
      sleepWhile(seen);
      seen = seen();
    }
    end();
  }

  /** How many listen. */
  public long listening() {
    return sleeper.getVolatile(LISTENING);
  }
}
