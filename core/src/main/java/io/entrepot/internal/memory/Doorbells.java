package io.entrepot.internal.memory;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How threads of this process sleep until another process lets go of something, each of which has a
 * {@link Doorbell} here, or this one does.
 *
 * <pre>
 *   sleeper                                  who lets go
 *   listening + 1     (a full fence)         what is waited for   (release)
 *   look at own word, then at all bells      look at listening: 0? done
 *   look at what is waited for               own word, or bell, + 1
 *   sleep while all are what was seen        wake who sleeps on it
 * </pre>
 *
 * <p><b>Invariant.</b> Who sleeps while what it waits for is there sleeps for at most {@value
 * #FIRST_MS} ms more. The kernel compares all words when it puts a thread to sleep, so only a
 * process that saw nobody listen leaves one asleep. Its look at the listeners has no fence before
 * it, for it would be paid with each unmap: it may be performed while its own store is still on the
 * way, and a thread that goes to sleep in just that moment is missed. That is over when the store
 * has arrived, long before the first sleep ends; from then on every look finds the sleeper counted,
 * so the sleeps after the first may be long. They are not where something is waited for of which no
 * bell tells.
 *
 * <p><b>New bells.</b> Who adds one does so (a volatile store) and then looks at the listeners; a
 * sleeper counts itself and then looks at the bells, which comes behind its look at the own word.
 * So it has the bell, or its own word changes.
 *
 * <p><b>Many.</b> The kernel waits for {@value FutexGroup#MAX_WORDS} words at most: the own one and
 * the bells of {@value #MOST_BELLS} processes. While there are more processes no sleep is longer
 * than {@value #FIRST_MS} ms, for what the others let go of is found by looking. Nor is one while
 * more than {@value Doorbell#MOST_WOKEN} threads listen: a ring wakes that many, the first that
 * went to sleep, so who sleeps long is among them.
 *
 * <p><b>Trust.</b> A bell is any number, compared with itself. A process that never rings makes the
 * sleeper learn of it by the end of its sleep. One that rings for nothing costs a look at the
 * condition, {@value #MOST_SLEEPS} times in a millisecond at most: then the sleeper is deaf for as
 * long. One whose memory makes the kernel refuse to wait on it has it wait as long as a first
 * sleep. A sleeper that says that it listens when it does not costs the others a system call for
 * each thing that they let go of.
 *
 * <p>For platform threads. An interrupt ends no sleep, so it is seen within {@value #LATER_MS} ms.
 */
public final class Doorbells {
  /** Longest first sleep in milliseconds: the bound of a lost race. */
  static final int FIRST_MS = 1;

  /** Longest later sleep in milliseconds: the bound of what nobody rings for, an interrupt say. */
  static final int LATER_MS = 10;

  /** Bells of one sleep. */
  static final int MOST_BELLS = FutexGroup.MAX_WORDS - 1;

  /** Sleeps of a thread that end within a millisecond, before it sleeps without listening. */
  static final int MOST_SLEEPS = 32;

  private static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(FIRST_MS);
  private static final long LATER_NS = TimeUnit.MILLISECONDS.toNanos(LATER_MS);

  private final Words words;
  private final long listening;
  private final long own;
  private final BooleanSupplier mayComeUntold;
  private volatile Bell[] bells = {};

  /**
   * A word that another process writes, and whose memory lives as long as this. No record: the
   * model checker cannot see into one.
   */
  static final class Bell {
    private final Words words;
    private final long place;

    private Bell(Words words, long place) {
      this.words = words;
      this.place = place;
    }

    long seen() {
      return words.getVolatile(place);
    }
  }

  /**
   * Of a process that nobody rings yet.
   *
   * @param words of this process
   * @param listening place of the number of its threads that listen, which others read
   * @param own place of the word that changes when this process wakes its own
   * @param mayComeUntold whether something is waited for just now of which no bell tells
   */
  public Doorbells(Words words, long listening, long own, BooleanSupplier mayComeUntold) {
    this.words = words;
    this.listening = listening;
    this.own = own;
    this.mayComeUntold = mayComeUntold;
  }

  // ---------------------------------------------------------------- whose bells

  /** Adds the bell of a process: a word of its, at a place. */
  public void add(Words bell, long place) {
    put(bell, place);
    wakeHere();
  }

  synchronized void put(Words bell, long place) {
    Bell[] more = Arrays.copyOf(bells, bells.length + 1);
    more[more.length - 1] = new Bell(bell, place);
    bells = more;
  }

  /** Ends {@link #add}; who sleeps by the bell does so until its sleep ends. */
  public synchronized void remove(Words bell, long place) {
    bells =
        Arrays.stream(bells)
            .filter(kept -> kept.words != bell || kept.place != place)
            .toArray(Bell[]::new);
  }

  Bell[] bells() {
    return bells;
  }

  // ---------------------------------------------------------------- sleeping

  /** Sleeps of one thread at a time, from its first look to its {@link #end}. */
  public final class Sleep {
    private FutexGroup group;
    private Bell[] heard;
    private boolean isArmed;
    private long armedNs;

    /** Sleeps since then. */
    private long countedNs;

    private int sleeps;

    /**
     * Looks at all bells, to sleep while they are what they are now; before the look at what is
     * waited for.
     *
     * @return false when there are none, and no {@link #sleep} to follow
     */
    public boolean look() {
      if (bells.length == 0) {
        return false;
      }
      if (!isArmed) {
        isArmed = true;
        arm();
        armedNs = System.nanoTime();
      }
      if (group == null) {
        group = new FutexGroup(FutexGroup.MAX_WORDS);
      }
      group.clear();
      group.add(own, (int) ownSeen());
      heard = bells;
      for (int i = 0; i < heard.length && i < MOST_BELLS; i++) {
        group.add(heard[i].place, (int) heard[i].seen());
      }
      return true;
    }

    /** Sleeps until something has changed since the look, or for nothing; then look again. */
    public void sleep(long leftNs) {
      long nowNs = System.nanoTime();
      if (nowNs - countedNs >= FIRST_NS) {
        countedNs = nowNs;
        sleeps = 0;
      }
      if (sleeps++ < MOST_SLEEPS) {
        group.tryAwait(Math.min(mostNs(nowNs - armedNs, heard.length), leftNs));
      } else {
        LockSupport.parkNanos(this, Math.min(FIRST_NS, leftNs));
      }
      Reference.reachabilityFence(heard);
      Reference.reachabilityFence(Doorbells.this);
    }

    /** No look follows, but of another wait. */
    public void end() {
      if (isArmed) {
        isArmed = false;
        disarm();
      }
      heard = null;
    }
  }

  /** Longest sleep of a thread that is armed for so long. */
  long mostNs(long armedForNs, int processes) {
    // By the time since the arming: a sleep may end at once, for nothing.
    boolean mayBeLong =
        armedForNs >= FIRST_NS
            && processes <= MOST_BELLS
            && words.getOpaque(listening) <= Doorbell.MOST_WOKEN
            && !mayComeUntold.getAsBoolean();
    return mayBeLong ? LATER_NS : FIRST_NS;
  }

  void arm() {
    words.getAndAdd(listening, 1);
  }

  void disarm() {
    words.getAndAdd(listening, -1);
  }

  long ownSeen() {
    return words.getVolatile(own);
  }

  // ---------------------------------------------------------------- waking

  /**
   * Wakes who sleeps here. Call after the store that they wait for.
   *
   * @return how many slept; who was just about to is not among them
   */
  public int wakeHere() {
    int woken = areWokenHere() ? Futex.tryWake(own, Doorbell.MOST_WOKEN) : 0;
    Reference.reachabilityFence(this);
    return woken;
  }

  /** Whether there are any, by what was seen; who is about to sleep stays awake then. */
  boolean areWokenHere() {
    if (words.getVolatile(listening) == 0) {
      return false;
    }
    words.getAndAdd(own, 1);
    return true;
  }
}
