package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Doorbell;
import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.memory.FutexGroup;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How a process tells others that it has signaled a fence, and how its threads wait for what others
 * signal, of which the words tell.
 *
 * <pre>
 *   0           8        16       24
 *  +-----------+--------+--------+-------+------------+
 *  | listening |  bell  |  own   | armed | pad to 128 |
 *  +-----------+--------+--------+-------+------------+
 * </pre>
 *
 * Each process has these four words and writes them alone; the others read two. {@code listening}
 * counts its threads that wait for signals of others, {@code bell} changes with the signals of its
 * own while others listen, {@code own} when it wakes its own threads, and {@code armed} counts
 * those of the list here. {@link Doorbells} has the protocol, and says what of it a hostile process
 * can spoil. They are other words than those by which processes tell that they have let go of
 * buffers: somebody waits for fences most of the time where these are used, and would be woken by
 * each unmap.
 *
 * <p><b>Telling.</b> A signal whose word has changed looks at the listeners of every other process,
 * and calls the kernel where there are any. Where nobody is told, it looks at an empty array.
 */
public final class FarSignals {
  /** Bytes of the words of one process. */
  public static final long BYTES = Words.PAD_BYTES;

  private static final long LISTENING = 0;
  private static final long BELL = LISTENING + Words.WORD_BYTES;
  private static final long OWN = BELL + Words.WORD_BYTES;
  private static final long ARMED = OWN + Words.WORD_BYTES;

  private static final long LEAST_SLICE_NS = 50_000;
  private static final long MOST_SLICE_NS = 1_000_000;

  /** Who polls is late by a part of its wait of one in so many. */
  private static final long PARTS = 16;

  private final Words words;
  private final long place;
  private final Doorbells heard;
  private final WaitList list;
  private volatile Doorbell[] told = {};

  /**
   * Of a process that tells nobody yet, and hears nobody.
   *
   * @param words of this process
   * @param place where in them its four lie
   */
  public FarSignals(Words words, long place) {
    this.words = words;
    this.place = place;
    this.heard = bells();
    this.list = new WaitList(words, place + ARMED, null, heard);
  }

  private Doorbells bells() {
    return new Doorbells(words, place + LISTENING, place + OWN, () -> false);
  }

  // ---------------------------------------------------------------- telling

  /** Tells another process from now on, whose four words lie at a place of words of its. */
  public synchronized Doorbell tells(Words its, long itsPlace) {
    Doorbell bell = new Doorbell(its, itsPlace + LISTENING, words, place + BELL);
    Doorbell[] more = Arrays.copyOf(told, told.length + 1);
    more[more.length - 1] = bell;
    told = more;
    return bell;
  }

  /** Ends {@link #tells}, which gave the bell. */
  public synchronized void tellsNoMore(Doorbell bell) {
    told = Arrays.stream(told).filter(kept -> kept != bell).toArray(Doorbell[]::new);
  }

  /**
   * Wakes threads of other processes that wait for signals. Call after the store of what they see.
   *
   * @return how many slept; who was just about to is not among them
   */
  public int tell() {
    Doorbell[] all = told;
    int woken = 0;
    for (int i = 0; i < all.length; i++) {
      woken += all[i].ring();
    }
    return woken;
  }

  // ---------------------------------------------------------------- hearing

  /** Has {@link #await} hear another process, whose four words lie at a place of words of its. */
  public void hears(Words its, long itsPlace) {
    heard.add(its, itsPlace + BELL);
  }

  /** Ends {@link #hears}. */
  public void hearsNoMore(Words its, long itsPlace) {
    heard.remove(its, itsPlace + BELL);
  }

  /**
   * For sleeps of a thread that waits for signals of one process alone. Where the kernel cannot
   * wait for several words there are none, and the thread has to look by itself.
   */
  public Doorbells bellOf(Words its, long itsPlace) {
    Doorbells one = bells();
    if (FutexGroup.isAvailable()) {
      one.add(its, itsPlace + BELL);
    }
    return one;
  }

  /**
   * Waits until a condition holds over words of the processes that are heard, which comes to hold
   * where they {@link #tell}. An interrupt ends the wait, as if the time were over, and stays set.
   *
   * @return the last answer of the condition
   */
  public boolean await(BooleanSupplier condition, long timeoutNs) {
    // A virtual thread must not sleep in the kernel.
    return Thread.currentThread().isVirtual() || !FutexGroup.isAvailable()
        ? poll(condition, timeoutNs)
        : list.await(condition, timeoutNs);
  }

  /** Has who waits here look again, for something that no process tells of. */
  public void wake() {
    list.signal();
  }

  /**
   * Looks again and again, first in short slices, then in longer ones, for who waits long bears to
   * wait a little longer.
   */
  private static boolean poll(BooleanSupplier condition, long timeoutNs) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      long waitedNs = System.nanoTime() - startNs;
      if (waitedNs >= timeoutNs || Thread.currentThread().isInterrupted()) {
        return condition.getAsBoolean();
      }
      long sliceNs = Math.clamp(waitedNs / PARTS, LEAST_SLICE_NS, MOST_SLICE_NS);
      LockSupport.parkNanos(condition, Math.min(sliceNs, timeoutNs - waitedNs));
    }
    return true;
  }
}
