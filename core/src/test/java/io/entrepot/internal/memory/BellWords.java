package io.entrepot.internal.memory;

import io.entrepot.internal.memory.Doorbells.Bell;

/**
 * A process whose thread waits until nobody holds something any more: two others, or it itself.
 * What models of its waking run on. {@link Doorbells} and {@link Doorbell} are called as they are;
 * the lines of a sleep are repeated here in their order, with a monitor for the kernel's own, under
 * which it compares all words and puts a thread to sleep.
 */
public final class BellWords {
  private static final long HELD = 0;
  private static final long BELL = Words.WORD_BYTES;
  private static final long LISTENING = 2L * Words.WORD_BYTES;
  private static final long BYTES = 3L * Words.WORD_BYTES;

  private final Words own = new HeapWords(BYTES);
  private final Doorbells doorbells = new Doorbells(own, LISTENING, BELL, () -> false);
  private final Other first = new Other();
  private final Other second = new Other();
  private final Object kernel = new Object();

  /** Steps of going to sleep that a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** The words are read behind the look at what is waited for. */
    LOOK_BEFORE_WORDS,
    /** The bells of others are not among the words. */
    DEAF,
    /** Which bells there are is read before the own word. */
    BELLS_BEFORE_OWN_WORD
  }

  /** Another process. */
  public final class Other {
    private final Words words = new HeapWords(BYTES);
    private final Doorbell doorbell = new Doorbell(own, LISTENING, words, BELL);

    /** Holds what is waited for; before anybody waits. */
    public void hold() {
      words.setRelease(HELD, 1);
    }

    /** {@link Doorbell#ring}, behind the store. */
    public void letGo() {
      words.setRelease(HELD, 0);
      if (doorbell.isRung()) {
        wake();
      }
    }

    /** Its bell is there before anybody waits. */
    public void isKnown() {
      doorbells.put(words, BELL);
    }

    /** {@link Doorbells#add}. */
    public void comes() {
      doorbells.put(words, BELL);
      wakeHere();
    }
  }

  public Other first() {
    return first;
  }

  public Other second() {
    return second;
  }

  /** Holds what is waited for; before anybody waits. */
  public void hold() {
    own.setRelease(HELD, 1);
  }

  /** {@link Doorbells#wakeHere}, behind the store. */
  public void letGo() {
    own.setRelease(HELD, 0);
    wakeHere();
  }

  private void wakeHere() {
    if (doorbells.areWokenHere()) {
      wake();
    }
  }

  private void wake() {
    synchronized (kernel) {
      kernel.notifyAll();
    }
  }

  private boolean isFree() {
    return own.getAcquire(HELD) == 0
        && first.words.getAcquire(HELD) == 0
        && second.words.getAcquire(HELD) == 0;
  }

  /** {@code Sleep.look} and {@code sleep}, without slices that would cover up for a lost ring. */
  public void sleep(Fault fault) {
    doorbells.arm();
    while (true) {
      boolean looked = fault == Fault.LOOK_BEFORE_WORDS && isFree();
      Bell[] early = doorbells.bells();
      long ownSeen = doorbells.ownSeen();
      Bell[] bells = fault == Fault.BELLS_BEFORE_OWN_WORD ? early : doorbells.bells();
      long[] seen = seen(fault == Fault.DEAF ? new Bell[0] : bells);
      if (looked || fault != Fault.LOOK_BEFORE_WORDS && isFree()) {
        break;
      }
      sleepWhile(ownSeen, bells, seen);
    }
    doorbells.disarm();
  }

  private static long[] seen(Bell[] bells) {
    long[] seen = new long[bells.length];
    for (int i = 0; i < bells.length; i++) {
      seen[i] = bells[i].seen();
    }
    return seen;
  }

  private void sleepWhile(long ownSeen, Bell[] bells, long[] seen) {
    synchronized (kernel) {
      while (doorbells.ownSeen() == ownSeen && isAsSeen(bells, seen)) {
        try {
          kernel.wait();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private static boolean isAsSeen(Bell[] bells, long[] seen) {
    for (int i = 0; i < seen.length; i++) {
      if (bells[i].seen() != seen[i]) {
        return false;
      }
    }
    return true;
  }

  /** How many listen. */
  public long listening() {
    return own.getVolatile(LISTENING);
  }
}
