package io.entrepot.internal.memory;

import java.lang.ref.Reference;

/**
 * How this process tells another one that it has let go of something, for which threads of that one
 * may sleep: the ringing side of {@link Doorbells}, where the protocol stands.
 *
 * <p>The bell is a word of this process, which the other maps for reading; whether anybody listens
 * says a word of the other, which this process maps for reading. While nobody does, ringing is one
 * load of a word that does not change.
 */
public final class Doorbell {
  /** Threads that are woken at a time; the more there are, the longer the ringer's call takes. */
  static final int MOST_WOKEN = 64;

  private final Words listener;
  private final long listening;
  private final Words own;
  private final long bell;

  /**
   * A bell.
   *
   * @param listening place of the number of threads that listen; the other process's
   * @param bell place of the word that changes with each ring; this process's
   */
  public Doorbell(Words listener, long listening, Words own, long bell) {
    this.listener = listener;
    this.listening = listening;
    this.own = own;
    this.bell = bell;
  }

  /** Whether anybody listens, by what was seen: no fence is before it. */
  public boolean isListenedTo() {
    return listener.getOpaque(listening) != 0;
  }

  /**
   * Wakes all who sleep by this bell. Call after the store that they wait for.
   *
   * @return how many slept; who was just about to is not among them
   */
  public int ring() {
    int woken = isRung() ? Futex.tryWake(bell, MOST_WOKEN) : 0;
    Reference.reachabilityFence(this);
    return woken;
  }

  /** Changes the bell, if anybody listens; who is about to sleep stays awake then. */
  boolean isRung() {
    if (!isListenedTo()) {
      return false;
    }
    own.getAndAdd(bell, 1);
    return true;
  }
}
