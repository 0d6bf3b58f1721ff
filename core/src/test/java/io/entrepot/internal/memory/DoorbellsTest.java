package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Scanner;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sleeping until a bell rings, which lies in memory of its ringer. */
class DoorbellsTest {
  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);
  private static final long MS = 1_000_000;
  private static final long ARMED = 0;
  private static final long LISTENING = 8;
  private static final long OWN = 16;
  private static final long BELL = 0;
  private static final long HELD = 64;
  private static final long PAGE = 4096;

  private final AtomicBoolean isThere = new AtomicBoolean();
  private boolean mayComeUntold;
  private SharedMemory listening;
  private SharedMemory ringing;
  private Words listener;

  /** The ringer's words, as the listener has them. */
  private Words heard;

  private Doorbells doorbells;
  private WaitList list;

  @BeforeEach
  void open() {
    assumeTrue(Linux.AVAILABLE, "needs Linux on x86-64 or aarch64");
    assumeTrue(FutexGroup.isAvailable(), "this kernel has no futex_waitv");
    listening = SharedMemory.create("listening", PAGE);
    listener = Words.over(listening.map(true, Arena.ofAuto()));
    ringing = SharedMemory.create("ringing", PAGE);
    heard = Words.over(ringing.map(false, Arena.ofAuto()));
    long base = listener.base();
    doorbells = new Doorbells(listener, base + LISTENING, base + OWN, () -> mayComeUntold);
    list = new WaitList(listener, base + ARMED, null, doorbells);
  }

  @AfterEach
  void close() {
    if (listening != null) {
      listening.close();
      ringing.close();
    }
  }

  /** The bell of the ringer's words, as its process has it, which cannot write the listener's. */
  private Doorbell bell() {
    return bell(listening, ringing);
  }

  private static Doorbell bell(SharedMemory listening, SharedMemory ringing) {
    Words listener = Words.over(listening.map(false, Arena.ofAuto()));
    Words ringer = Words.over(ringing.map(true, Arena.ofAuto()));
    return new Doorbell(listener, listener.base() + LISTENING, ringer, ringer.base() + BELL);
  }

  private FutureTask<Boolean> await(BooleanSupplier condition, long timeoutNs) {
    FutureTask<Boolean> waiting = new FutureTask<>(() -> list.await(condition, timeoutNs));
    Thread.ofPlatform().daemon().start(waiting);
    return waiting;
  }

  /** Wakes until so many slept at a time. */
  private static void until(int slept, IntSupplier wake) {
    long startNs = System.nanoTime();
    while (wake.getAsInt() != slept) {
      // Also in a process that has no test library.
      if (System.nanoTime() - startNs >= LIMIT_NS) {
        throw new AssertionError("they never slept all at a time");
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void sleepersAreWokenByARingAndByTheirOwnProcess() throws Exception {
    Doorbell bell = bell();
    doorbells.add(heard, heard.base() + BELL);
    assertEquals(0, bell.ring());
    assertEquals(0, heard.getVolatile(heard.base() + BELL), "nobody listens: nothing is stored");
    FutureTask<Boolean> first = await(isThere::get, LIMIT_NS);
    FutureTask<Boolean> second = await(isThere::get, LIMIT_NS);
    // Woken in vain they sleep again.
    until(2, bell::ring);
    until(2, doorbells::wakeHere);
    assertFalse(first.isDone() || second.isDone());
    isThere.set(true);
    list.signal();
    assertTrue(first.get() && second.get());
    assertEquals(0, listener.getVolatile(listener.base() + LISTENING), "nobody is counted");
    assertFalse(bell.isListenedTo());
  }

  @Test
  void anotherProcessRings() throws Exception {
    doorbells.add(heard, heard.base() + BELL);
    Words held = Words.over(ringing.map(true, Arena.ofAuto()));
    held.setVolatile(held.base() + HELD, 1);
    String of = "/proc/" + ProcessHandle.current().pid() + "/fd/";
    try (ChildJvm child =
        ChildJvm.start(
            Ringer.class,
            of + listening.descriptor().number(),
            of + ringing.descriptor().number())) {
      child.expect("ready");
      FutureTask<Boolean> waiting =
          await(() -> heard.getAcquire(heard.base() + HELD) == 0, LIMIT_NS);
      child.say("ring");
      child.expect("one slept");
      assertFalse(waiting.isDone());
      child.say("let go");
      child.expect("gone");
      assertTrue(waiting.get());
    }
  }

  /** Rings until somebody slept, then lets go. */
  static final class Ringer {
    public static void main(String[] args) throws IOException {
      Scanner told = new Scanner(System.in);
      try (SharedMemory listening = open(args[0], 0);
          SharedMemory ringing = open(args[1], 2)) {
        Words held = Words.over(ringing.map(true, Arena.ofAuto()));
        Doorbell bell = bell(listening, ringing);
        System.out.println("ready");
        told.nextLine();
        until(1, bell::ring);
        System.out.println("one slept");
        told.nextLine();
        held.setRelease(held.base() + HELD, 0);
        bell.ring();
        System.out.println("gone");
      }
    }

    /** Memory of another process, by the path of its descriptor. */
    static SharedMemory open(String path, int flags) {
      try (Arena arena = Arena.ofConfined()) {
        long number =
            SystemCall.OPENAT.call(-100, arena.allocateFrom(path).address(), 0x80000 | flags);
        SystemCallException.orThrow(SystemCall.OPENAT, path, number);
        return SharedMemory.received(Descriptor.owning((int) number));
      }
    }
  }

  @Test
  void aBellThatComesWhileSomebodySleepsIsHeard() throws Exception {
    doorbells.add(heard, heard.base() + BELL);
    FutureTask<Boolean> waiting = await(isThere::get, LIMIT_NS);
    until(1, doorbells::wakeHere);
    try (SharedMemory more = SharedMemory.create("more", PAGE)) {
      Words other = Words.over(more.map(false, Arena.ofAuto()));
      doorbells.add(other, other.base() + BELL);
      until(1, bell(listening, more)::ring);
      doorbells.remove(other, other.base() + BELL);
      isThere.set(true);
      doorbells.wakeHere();
      assertTrue(waiting.get());
    }
    doorbells.remove(heard, heard.base() + BELL);
    assertTrue(list.await(isThere::get, 0));
    isThere.set(false);
    assertFalse(list.await(isThere::get, 3 * MS), "without a bell a wait is sliced");
    assertFalse(bell().isListenedTo(), "and nobody is asked to ring");
  }

  @Test
  void aSleepIsLongWhereAllIsRungForAndAllBellsAreHeard() {
    long first = Doorbells.FIRST_MS * MS;
    long later = Doorbells.LATER_MS * MS;
    assertEquals(first, doorbells.mostNs(0, 1), "the first bounds a lost race");
    assertEquals(later, doorbells.mostNs(first, 1));
    assertEquals(later, doorbells.mostNs(first, Doorbells.MOST_BELLS));
    assertEquals(first, doorbells.mostNs(first, Doorbells.MOST_BELLS + 1), "some are not heard");
    for (int i = 0; i < Doorbell.MOST_WOKEN; i++) {
      doorbells.arm();
    }
    assertEquals(later, doorbells.mostNs(first, 1));
    doorbells.arm();
    assertEquals(first, doorbells.mostNs(first, 1), "one of them is not woken");
    doorbells.disarm();
    mayComeUntold = true;
    assertEquals(first, doorbells.mostNs(first, 1));
  }

  @Test
  void moreBellsThanTheKernelWaitsForAreLookedAt() throws Exception {
    for (int i = 0; i < 2 * FutexGroup.MAX_WORDS; i++) {
      doorbells.add(heard, heard.base() + BELL + i * (long) Words.WORD_BYTES);
    }
    FutureTask<Boolean> waiting = await(isThere::get, LIMIT_NS);
    until(1, bell()::ring);
    isThere.set(true);
    assertTrue(waiting.get(), "though nobody rings");
  }

  /** It changes and wakes all the time: the waiter looks a bounded number of times. */
  @Test
  void aBellThatRingsForNothingCostsAFewLooksInAMillisecond() throws Exception {
    doorbells.add(heard, heard.base() + BELL);
    Words hostile = Words.over(ringing.map(true, Arena.ofAuto()));
    AtomicBoolean over = new AtomicBoolean();
    Thread ringer =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (!over.get()) {
                hostile.getAndAdd(hostile.base() + BELL, 0x1_0000_0001L);
                Futex.tryWake(heard.base() + BELL, 1);
              }
            });
    Doorbell bell = bell();
    AtomicLong looks = new AtomicLong();
    long startNs = System.nanoTime();
    assertFalse(
        await(
                () -> {
                  // Before it listens it spins for a moment.
                  looks.getAndAdd(bell.isListenedTo() ? 1 : 0);
                  return false;
                },
                50 * MS)
            .get());
    long tookMs = (System.nanoTime() - startNs) / MS + 1;
    over.set(true);
    ringer.join();
    assertTrue(
        looks.get() <= (tookMs + 1) * (Doorbells.MOST_SLEEPS + 2),
        () -> looks.get() + " looks in " + tookMs + " ms");
  }

  @Test
  void memoryThatIsTakenAwayFromUnderABellHarmsNobody() throws Exception {
    doorbells.add(heard, heard.base() + BELL);
    AtomicBoolean over = new AtomicBoolean();
    int punchHoleKeepSize = 3;
    Thread puncher =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (!over.get()) {
                SystemCall.FALLOCATE.call(
                    ringing.descriptor().number(), punchHoleKeepSize, 0, PAGE);
              }
            });
    assertFalse(await(isThere::get, 50 * MS).get());
    FutureTask<Boolean> waiting = await(isThere::get, LIMIT_NS);
    until(1, doorbells::wakeHere);
    isThere.set(true);
    list.signal();
    assertTrue(waiting.get());
    over.set(true);
    puncher.join();
  }

  @Test
  void aWaitThatTheKernelRefusesIsASlice() {
    FutexGroup group = new FutexGroup(1);
    group.add(PAGE, 0);
    assertEquals(
        Errno.EFAULT, assertThrows(SystemCallException.class, () -> group.await(MS)).errno());
    long startNs = System.nanoTime();
    assertEquals(FutexResult.TIMED_OUT, group.tryAwait(LIMIT_NS));
    assertTrue(System.nanoTime() - startNs < LIMIT_NS / 2);
  }

  @Test
  void anInterruptEndsASleepAndStays() throws Exception {
    doorbells.add(heard, heard.base() + BELL);
    FutureTask<Boolean> waiting =
        new FutureTask<>(() -> {
          boolean answer = list.await(isThere::get, Long.MAX_VALUE);
          assertTrue(Thread.interrupted());
          return answer;
        });
    Thread thread = Thread.ofPlatform().daemon().start(waiting);
    until(1, doorbells::wakeHere);
    thread.interrupt();
    assertFalse(waiting.get());
  }

  @Test
  void aVirtualThreadKeepsNoCarrier() throws Exception {
    doorbells.add(heard, heard.base() + BELL);
    FutureTask<Boolean> waiting = new FutureTask<>(() -> list.await(isThere::get, LIMIT_NS));
    Thread thread = Thread.ofVirtual().start(waiting);
    long startNs = System.nanoTime();
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, "it never parked");
      Thread.onSpinWait();
    }
    assertFalse(bell().isListenedTo(), "it sleeps in no call of the kernel's");
    isThere.set(true);
    list.signal();
    assertTrue(waiting.get());
  }
}
