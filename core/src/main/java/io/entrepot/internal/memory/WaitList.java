package io.entrepot.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Threads that wait for a condition over words, and the flag that tells writers that there are any.
 *
 * <p><b>Protocol.</b> A waiter <em>arms</em>: it enters the list, increments the armed word (an
 * atomic add, a full fence), looks at its condition again, and only then parks, for at most {@value
 * #SLICE_MS} ms at a time. A thread that makes the condition true stores its word (release), then
 * reads the armed word without a fence and wakes the list if it is not 0.
 *
 * <p><b>Other processes.</b> What is waited for may be let go of elsewhere, too. A platform thread
 * then sleeps until a bell rings, see {@link Doorbells}, which {@link #signal} does here; a virtual
 * one parks, for it would keep its carrier. In the process that lets go {@link #signal} rings.
 *
 * <p><b>Invariant.</b> A waiter whose condition holds returns within one slice. The wake-up is
 * immediate unless the waker's read of the armed word was performed before its own store became
 * visible: that race is lost rarely and costs one slice, never the wake-up. A full fence on the
 * waker's side would close it and would be paid on every unmap and release.
 */
public final class WaitList {
  /** Longest single park in milliseconds: the bound of a lost race. */
  public static final int SLICE_MS = 1;

  private static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(SLICE_MS);
  private static final long SPIN_NS =
      Runtime.getRuntime().availableProcessors() > 1 ? TimeUnit.MICROSECONDS.toNanos(20) : 0;

  private static final int SHORT_ROUNDS = 8;

  /** Looks of a thread that spins, before it asks for the time: about a microsecond. */
  private static final int SPINS = 64;

  private static final int LONG_ROUND_NS = 1_000;

  private static final int SEATS = 16;

  private static final VarHandle DOORBELL;

  static {
    try {
      DOORBELL = MethodHandles.lookup().findVarHandle(WaitList.class, "doorbell", Doorbell.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Words words;
  private final long armedOffset;

  /** What each signal does before it wakes anybody; {@code null} for nothing. */
  private final Runnable first;

  /** How to sleep for other processes; {@code null} where there are none. */
  private final Doorbells doorbells;

  /** How to tell another process that waits for this one; {@code null} for none. */
  private Doorbell doorbell;

  /** Seats first, so that waiting allocates nothing; the queue for whoever finds them taken. */
  private final AtomicReferenceArray<Thread> seats = new AtomicReferenceArray<>(SEATS);

  /** How the thread of a seat sleeps for other processes, for it alone; made when it first does. */
  private final Doorbells.Sleep[] sleeps = new Doorbells.Sleep[SEATS];

  private final ConcurrentLinkedQueue<Thread> standing = new ConcurrentLinkedQueue<>();

  /** A wait list whose armed word lies at {@code armedOffset} of {@code words}. */
  public WaitList(Words words, long armedOffset) {
    this(words, armedOffset, null, null);
  }

  /**
   * As {@link #WaitList(Words, long)}, with something that each signal does, in the thread that
   * signals, before it wakes anybody. The list is armed for ever then, so that nobody leaves a
   * signal out because nobody waits.
   *
   * @param first {@code null} for nothing
   * @param doorbells of other processes, which may let go of what is waited for; {@code null} for
   *     none
   */
  public WaitList(Words words, long armedOffset, Runnable first, Doorbells doorbells) {
    this.words = words;
    this.armedOffset = armedOffset;
    this.first = first;
    this.doorbells = doorbells;
    if (first != null) {
      words.getAndAdd(armedOffset, 1);
    }
  }

  /** A wait list whose armed word lies by itself. */
  public static WaitList withWordsOfItsOwn() {
    Words words = Words.offHeap(Words.PAD_BYTES);
    return new WaitList(words, words.base());
  }

  /**
   * Has each signal tell another process too, from the time on when threads see it: the caller has
   * a heavy barrier behind this, or no other thread yet.
   *
   * @param bell {@code null} for no process, any more
   */
  public void rings(Doorbell bell) {
    DOORBELL.setRelease(this, bell);
  }

  /** Whether threads of another process listen, by what was seen: no fence is before it. */
  public boolean isListenedTo() {
    Doorbell bell = bell();
    return bell != null && bell.isListenedTo();
  }

  private Doorbell bell() {
    // It is made of final fields, which a racing read shows as they are.
    return (Doorbell) DOORBELL.getOpaque(this);
  }

  /** Wakes all waiters, if there are any. Call after the store that they wait for. */
  public void signal() {
    if (words.getOpaque(armedOffset) != 0) {
      if (first != null) {
        first.run();
      }
      wakeAll();
    }
    Doorbell bell = bell();
    if (bell != null) {
      bell.ring();
    }
  }

  /** As {@link #signal()}, by who has done already what each signal does. */
  public void wake() {
    if (words.getOpaque(armedOffset) != 0) {
      wakeAll();
    }
  }

  private void wakeAll() {
    for (int i = 0; i < SEATS; i++) {
      Thread thread = seats.get(i);
      if (thread != null) {
        LockSupport.unpark(thread);
      }
    }
    if (!standing.isEmpty()) {
      standing.forEach(LockSupport::unpark);
    }
    if (doorbells != null) {
      doorbells.wakeHere();
    }
  }

  /** Enters the list; the seat, or {@link #SEATS} for a place in the queue. */
  private int enter(Thread self) {
    for (int seat = 0; seat < SEATS; seat++) {
      if (seats.get(seat) == null && seats.compareAndSet(seat, null, self)) {
        return seat;
      }
    }
    standing.add(self);
    return SEATS;
  }

  private Doorbells.Sleep sleep(int seat) {
    if (seat == SEATS) {
      return doorbells.new Sleep();
    }
    if (sleeps[seat] == null) {
      sleeps[seat] = doorbells.new Sleep();
    }
    return sleeps[seat];
  }

  private void leave(Thread self, int seat) {
    if (seat < SEATS) {
      seats.set(seat, null);
    } else {
      standing.remove(self);
    }
  }

  /** Number of threads that are armed now, one more where each signal does something. */
  public long armed() {
    return words.getOpaque(armedOffset);
  }

  /**
   * Waits until the condition holds or the time is over.
   *
   * <p>An interrupt ends the wait at once, where another process may ring within {@value
   * Doorbells#LATER_MS} ms, as if the time were over, and stays set.
   *
   * @return the last answer of the condition
   */
  public boolean await(BooleanSupplier condition, long timeoutNs) {
    if (condition.getAsBoolean()) {
      return true;
    }
    if (timeoutNs <= 0) {
      return false;
    }
    long startNs = System.nanoTime();
    if (spin(condition, startNs, timeoutNs)) {
      return true;
    }
    Thread self = Thread.currentThread();
    int seat = enter(self);
    Doorbells.Sleep sleep = doorbells == null || self.isVirtual() ? null : sleep(seat);
    words.getAndAdd(armedOffset, 1);
    try {
      while (true) {
        boolean listens = sleep != null && sleep.look();
        if (condition.getAsBoolean()) {
          return true;
        }
        long leftNs = timeoutNs - (System.nanoTime() - startNs);
        if (leftNs <= 0 || self.isInterrupted()) {
          return condition.getAsBoolean();
        }
        if (listens) {
          sleep.sleep(leftNs);
        } else {
          LockSupport.parkNanos(this, Math.min(SLICE_NS, leftNs));
        }
      }
    } finally {
      words.getAndAdd(armedOffset, -1);
      if (sleep != null) {
        sleep.end();
      }
      leave(self, seat);
    }
  }

  /** What is left of a time that began then, 0 or more. */
  public static long left(long startNs, long limitNs) {
    return Math.max(0, limitNs - (System.nanoTime() - startNs));
  }

  /**
   * Spins for as long as spinning pays, from a time on and for no longer than a time-out: what a
   * wait begins with.
   *
   * @return whether the condition came to hold
   */
  public static boolean spin(BooleanSupplier condition, long startNs, long timeoutNs) {
    long spinNs = Math.min(SPIN_NS, timeoutNs);
    while (System.nanoTime() - startNs < spinNs) {
      if (spin(condition, SHORT_ROUNDS)) {
        return true;
      }
    }
    return false;
  }

  private static boolean spin(BooleanSupplier condition, int looks) {
    for (int i = 0; i < looks; i++) {
      Thread.onSpinWait();
      if (condition.getAsBoolean()) {
        return true;
      }
    }
    return false;
  }

  /**
   * As {@link #await(BooleanSupplier, long)}, idling by the caller's strategy instead of parking.
   * The time is looked at after each round that takes {@value #LONG_ROUND_NS} ns or more, and after
   * {@value #SHORT_ROUNDS} shorter ones: asking costs as much as such a round. A strategy that does
   * nothing but spin has {@value #SPINS} rounds before that: what comes while a thread asks for the
   * time is seen late.
   *
   * @param condition a look at some words: so many of them are over in no time
   */
  public static boolean await(BooleanSupplier condition, long timeoutNs, IdleStrategy idle) {
    return await(condition, timeoutNs, idle, SPINS);
  }

  /**
   * As {@link #await(BooleanSupplier, long, IdleStrategy)}, for a condition that may take long, as
   * a pass over all buffers does: the time is looked at behind the first round.
   */
  public static boolean awaitSlow(BooleanSupplier condition, long timeoutNs, IdleStrategy idle) {
    return await(condition, timeoutNs, idle, 0);
  }

  private static boolean await(
      BooleanSupplier condition, long timeoutNs, IdleStrategy idle, int spinsBefore) {
    if (condition.getAsBoolean()) {
      return true;
    }
    boolean spins = idle instanceof BusySpinIdleStrategy;
    if (spins && timeoutNs > 0 && spin(condition, spinsBefore)) {
      return true;
    }
    long startNs = System.nanoTime();
    long waitedNs = 0;
    int rounds = 1;
    idle.reset();
    while (waitedNs < timeoutNs && !Thread.currentThread().isInterrupted()) {
      for (int i = 0; i < rounds; i++) {
        idle.idle();
        if (condition.getAsBoolean()) {
          return true;
        }
      }
      long nowNs = System.nanoTime() - startNs;
      rounds = nowNs - waitedNs >= rounds * LONG_ROUND_NS ? 1 : spins ? SPINS : SHORT_ROUNDS;
      waitedNs = nowNs;
    }
    return condition.getAsBoolean();
  }
}
