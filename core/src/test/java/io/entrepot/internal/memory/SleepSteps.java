package io.entrepot.internal.memory;

import io.entrepot.internal.memory.Doorbells.Bell;

/**
 * One thread that goes to sleep until a process lets go of something, step by step, and that
 * process: what stress tests of {@link Doorbells} and {@link Doorbell} run on, which are called as
 * they are. There is no sleep here: what the kernel would compare is looked at by {@link
 * #isAsleep}.
 */
public final class SleepSteps {
  private static final long HELD = 0;
  private static final long BELL = Words.WORD_BYTES;
  private static final long LISTENING = 2L * Words.WORD_BYTES;

  private final Words own;
  private final Words other;
  private final Doorbells doorbells;
  private final Doorbell doorbell;
  private Bell[] bells;
  private long ownSeen;
  private long bellSeen;
  private boolean isFree;

  /**
   * A process that holds something, and whose bell is not there yet.
   *
   * @param own words of the sleeper's process, zero
   * @param other words of the other, zero
   */
  public SleepSteps(Words own, Words other) {
    this.own = own;
    this.other = other;
    this.doorbells = new Doorbells(own, own.base() + LISTENING, own.base() + BELL, () -> false);
    this.doorbell = new Doorbell(own, own.base() + LISTENING, other, other.base() + BELL);
    other.setRelease(other.base() + HELD, 1);
  }

  /** Its bell is there. */
  public SleepSteps known() {
    doorbells.put(other, other.base() + BELL);
    return this;
  }

  // ---------------------------------------------------------------- the sleeper

  /** {@code Sleep.look} and what follows it: arms, looks at the words, then at the condition. */
  public void look() {
    doorbells.arm();
    lookAtWords();
    lookAtCondition();
  }

  /** Wrong: the condition before the words. */
  public void lookAtConditionFirst() {
    doorbells.arm();
    lookAtCondition();
    lookAtWords();
  }

  /** Wrong: which bells there are before it is armed. */
  public void lookAtBellsFirst() {
    Bell[] early = doorbells.bells();
    look();
    bells = early;
  }

  private void lookAtWords() {
    ownSeen = doorbells.ownSeen();
    bells = doorbells.bells();
    bellSeen = bells.length == 0 ? 0 : bells[0].seen();
  }

  private void lookAtCondition() {
    isFree = other.getAcquire(other.base() + HELD) == 0;
  }

  /** Whether it sleeps on, when all others have done what they do. */
  public boolean isAsleep() {
    boolean isRung = bells.length > 0 && bells[0].seen() != bellSeen;
    return !isFree && doorbells.ownSeen() == ownSeen && !isRung;
  }

  /** Whether it hears the bell. */
  public boolean hears() {
    return bells.length > 0;
  }

  // ---------------------------------------------------------------- the other process

  /** {@link Doorbell#ring} behind the store, without the kernel; whether it saw somebody listen. */
  public boolean letGo() {
    other.setRelease(other.base() + HELD, 0);
    return doorbell.isRung();
  }

  /** {@link Doorbells#add}, without the kernel. */
  public void comes() {
    known();
    doorbells.areWokenHere();
  }

  /** Wrong: {@link Doorbells#add} that looks for sleepers before the bell is there. */
  public void comesWakingFirst() {
    doorbells.areWokenHere();
    known();
  }
}
