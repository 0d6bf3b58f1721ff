package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.internal.sync.FarFences;
import io.entrepot.internal.sync.FarProcess;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.FarTimelines;
import io.entrepot.internal.sync.TimelineTable;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Timeline;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Arrays;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** A fence that is signaled in one process, and awaited in another which sleeps meanwhile. */
class SignalsOfProcessesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int ROUNDS = 50;
  private static final int TIMELINES = 2;
  private static final long SIGNALS = TimelineTable.bytes(TIMELINES);
  private static final long BYTES = SIGNALS + FarSignals.BYTES;

  private SharedMemory signaling;
  private SharedMemory waiting;
  private FarSignals signals;
  private Words own;
  private Words far;

  @BeforeEach
  void open() {
    assumeTrue(Linux.AVAILABLE, "needs Linux on x86-64 or aarch64");
    assumeTrue(FutexGroup.isAvailable(), "this kernel has no futex_waitv");
    signaling = SharedMemory.create("signaling", BYTES);
    waiting = SharedMemory.create("waiting", BYTES);
    own = Words.over(waiting.map(true, Arena.ofAuto()));
    far = Words.over(signaling.map(false, Arena.ofAuto()));
    signals = new FarSignals(own, own.base() + SIGNALS);
  }

  @AfterEach
  void close() {
    if (signaling != null) {
      signaling.close();
      waiting.close();
    }
  }

  private static final class Alive implements FarProcess {
    @Override
    public boolean isAlive() {
      return true;
    }

    @Override
    public void close() {}
  }

  private FarFences fences(Doorbells bell, AtomicLong looks) {
    return new FarFences(
        TimelineTable.offHeap(TIMELINES),
        new FarTimelines(far, far.base(), TIMELINES),
        "the other process",
        Alive::new,
        () -> {
          looks.incrementAndGet();
          return false;
        },
        bell);
  }

  @Test
  void aSignalEndsASleepOfTheOtherProcess(TestReporter reporter) throws Exception {
    String of = "/proc/" + ProcessHandle.current().pid() + "/fd/";
    try (ChildJvm child =
        ChildJvm.start(
            Signaler.class,
            of + signaling.descriptor().number(),
            of + waiting.descriptor().number())) {
      child.expect("ready");
      FarFences byBell = fences(signals.bellOf(far, far.base() + SIGNALS), new AtomicLong());
      // As it is where no bell can be heard: looked at each millisecond.
      Doorbells none = new Doorbells(own, own.base() + SIGNALS, own.base() + SIGNALS, () -> false);
      FarFences byLooks = fences(none, new AtomicLong());
      // Who was between two sleeps is not woken, and looks.
      long startNs = System.nanoTime();
      int woken = 0;
      while (woken == 0) {
        woken = medianUs(child, byBell).woken;
        assertTrue(System.nanoTime() - startNs < LIMIT.toNanos(), "no signal has woken anybody");
      }
      Signaled told = medianUs(child, byBell);
      Signaled polled = medianUs(child, byLooks);
      assertEquals(0, polled.woken);
      reporter.publishEntry(
          String.format(
              "median from signal to return: %d us told (%d of %d woken in their sleep), %d us"
                  + " polled",
              told.medianUs, told.woken, ROUNDS, polled.medianUs));
    }
  }

  private record Signaled(int woken, long medianUs) {}

  private static Signaled medianUs(ChildJvm child, FarFences fences) throws IOException {
    long[] tookNs = new long[ROUNDS];
    int woken = 0;
    for (int i = 0; i < ROUNDS; i++) {
      child.say("issue");
      Fence fence = fences.importPoint(0, Long.parseLong(child.line()));
      child.say("signal");
      assertTrue(fence.await(LIMIT));
      long returnedNs = System.nanoTime();
      String[] said = child.line().split(" ");
      // Both read the clock of the machine.
      tookNs[i] = returnedNs - Long.parseLong(said[0]);
      woken += Integer.parseInt(said[1]);
    }
    Arrays.sort(tookNs);
    return new Signaled(woken, TimeUnit.NANOSECONDS.toMicros(tookNs[ROUNDS / 2]));
  }

  /** It looks by itself each ten milliseconds, and not each. */
  @Test
  void whileNothingIsSignaledThereAreFewLooks() {
    Words writable = Words.over(signaling.map(true, Arena.ofAuto()));
    TimelineTable table = new TimelineTable(writable, writable.base(), TIMELINES);
    AtomicLong looks = new AtomicLong();
    FarFences fences = fences(signals.bellOf(far, far.base() + SIGNALS), looks);
    try (Timeline timeline = table.timeline("work")) {
      long startNs = System.nanoTime();
      Fence fence = fences.importPoint(0, timeline.issue());
      assertFalse(fence.await(Duration.ofMillis(200)));
      long asked = looks.get();
      long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
      long most = 2 * (tookMs / Doorbells.LATER_MS + 5);
      assertTrue(asked <= most, () -> asked + " looks in " + tookMs + " ms");
    }
  }

  /** Issues and signals points of a timeline as it is told. */
  static final class Signaler {
    public static void main(String[] args) throws IOException {
      Scanner told = new Scanner(System.in);
      try (SharedMemory signaling = DoorbellsTest.Ringer.open(args[0], 2);
          SharedMemory waiting = DoorbellsTest.Ringer.open(args[1], 0)) {
        Words own = Words.over(signaling.map(true, Arena.ofAuto()));
        Words waiter = Words.over(waiting.map(false, Arena.ofAuto()));
        FarSignals signals = new FarSignals(own, own.base() + SIGNALS);
        signals.tells(waiter, waiter.base() + SIGNALS);
        TimelineTable table = new TimelineTable(own, own.base(), TIMELINES);
        AtomicInteger woken = new AtomicInteger();
        table.toldBy(() -> woken.getAndAdd(signals.tell()));
        Timeline timeline = table.timeline("work");
        System.out.println("ready");
        while (told.hasNextLine()) {
          switch (told.nextLine()) {
            case "issue" -> System.out.println(timeline.issue());
            case "signal" -> {
              long startNs = System.nanoTime();
              timeline.signal(timeline.issued());
              System.out.println(startNs + " " + woken.getAndSet(0));
            }
            default -> throw new AssertionError();
          }
        }
      }
    }
  }
}
