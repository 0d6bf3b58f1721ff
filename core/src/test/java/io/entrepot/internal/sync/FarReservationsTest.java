package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Job;
import io.entrepot.sync.Jobs;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** C5, C13: a reservation over the words of another process, which is played here. */
class FarReservationsTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(2);
  private static final int TIMELINES = 4;
  private static final int JOBS = 4;

  /** Where in a buffer's record its touched word and its slots lie, behind the set word. */
  private static final long TOUCHED = 0;

  private static final long SLOTS = 2L * Words.WORD_BYTES;
  private static final long RECORD_BYTES = SLOTS + 8L * Words.WORD_BYTES;

  /** One process's words: timelines, jobs, the record of one buffer. */
  private static final class Process {
    final Words words =
        Words.offHeap(TimelineTable.bytes(TIMELINES) + JobTable.bytes(JOBS) + RECORD_BYTES);
    final long jobs = words.base() + TimelineTable.bytes(TIMELINES);
    final long buffer = jobs + JobTable.bytes(JOBS);
    final TimelineTable timelines = new TimelineTable(words, words.base(), TIMELINES);
    final ReservationSlots slots =
        new ReservationSlots(words, timelines, new JobTable(words, jobs, JOBS), TOUCHED, SLOTS);
  }

  private final AtomicBoolean lost = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final TwoSignals signals = new TwoSignals();
  private final Process theirs = new Process();
  private final Process ours = new Process();
  private final FarFences fences =
      new FarFences(
          ours.timelines,
          new FarTimelines(theirs.words, theirs.words.base(), TIMELINES),
          "process 5",
          () ->
              new FarProcess() {
                @Override
                public boolean isAlive() {
                  return !lost.get();
                }

                @Override
                public void close() {}
              },
          closed::get,
          signals.bellOfTheirs());
  private final Reservation there = theirs.slots.of(theirs.buffer, () -> true);
  private final Reservation here =
      ours.slots.of(
          ours.buffer,
          new FarReservations(
              new FarSlots(
                  theirs.words, theirs.words.base(), TIMELINES, theirs.jobs, JOBS, TOUCHED, SLOTS),
              fences,
              signals.ours,
              lost::get),
          theirs.buffer,
          () -> true);

  @AfterEach
  void end() {
    closed.set(true);
  }

  private void put(long place, long word) {
    theirs.words.setVolatile(place, word);
  }

  private void putSlot(int slot, long word) {
    put(theirs.buffer + TOUCHED, 1);
    put(theirs.buffer + SLOTS + (long) slot * Words.WORD_BYTES, word);
  }

  private void lose() {
    lost.set(true);
    fences.lose("killed");
  }

  private static void assertSignaled(Fence fence, FenceError.Kind kind) {
    assertTrue(fence.await(LONG), fence::toString);
    assertEquals(kind, fence.error().map(FenceError::kind).orElse(null), fence::toString);
  }

  // ---------------------------------------------------------------- an honest process

  @Test
  void whatBothHaveIsSeenAsOne() {
    Timeline far = theirs.timelines.timeline("far");
    Timeline near = ours.timelines.timeline("near");
    there.add(far.next(), Usage.WRITE);
    here.add(near.next(), Usage.READ);
    assertEquals(2, here.pending(Usage.READ));
    assertEquals(1, here.pending(Usage.WRITE));
    assertEquals("READ near:1, WRITE timeline 0:1 in process 5", here.describe());
    FenceSnapshot both = here.snapshot(Usage.READ);
    assertEquals("{READ near:1, WRITE timeline 0 of process 5:1}", both.toString());
    assertFalse(both.await(SHORT));
    near.signal(1);
    assertFalse(here.await(Usage.READ, SHORT));
    assertFalse(both.isSignaled());
    far.signal(1);
    assertTrue(here.await(Usage.READ, Duration.ZERO));
    assertTrue(both.isSignaled());
    assertSignaled(both.fence(1), null);
  }

  /** One record each, and one point: they are no fence of the same timeline. */
  @Test
  void fencesOfBothAreNotTakenForEachOther() {
    there.add(theirs.timelines.timeline("far").next(), Usage.WRITE);
    Timeline near = ours.timelines.timeline("near");
    near.issue();
    here.add(near.next(), Usage.WRITE);
    assertEquals(2, here.snapshot(Usage.WRITE).size());
  }

  @Test
  void aJobOverSeveralBuffersThereIsOneFence() {
    Timeline far = theirs.timelines.timeline("far");
    try (ReservationSet set = ReservationSet.on(far)) {
      set.add(there, Usage.WRITE);
      long point = set.awaitCommit(LONG);
      assertEquals(1, here.pending(Usage.WRITE));
      far.signal(point);
      assertTrue(here.isSignaled(Usage.BOOKKEEP));
    }
  }

  @Test
  void aJobHereWaitsForFencesThere() {
    Timeline far = theirs.timelines.timeline("far");
    there.add(far.next(), Usage.WRITE);
    AtomicBoolean ran = new AtomicBoolean();
    Jobs jobs = Jobs.on(ours.timelines.timeline("jobs"), Runnable::run);
    Fence own = jobs.awaitSubmit(Job.of("job", () -> ran.set(true)).reading(here), LONG);
    assertFalse(own.await(SHORT));
    assertFalse(ran.get());
    far.signal(1);
    assertSignaled(own, null);
    assertTrue(ran.get());
  }

  @Test
  void aJobForWhoseDependenciesNoTimelineIsFreeIsCancelled() {
    Timeline far = theirs.timelines.timeline("far");
    there.add(far.next(), Usage.WRITE);
    Timeline own = ours.timelines.timeline("jobs");
    for (int i = 1; i < TIMELINES; i++) {
      ours.timelines.timeline("filling");
    }
    AtomicBoolean ran = new AtomicBoolean();
    Jobs jobs = Jobs.on(own, Runnable::run);
    Job job = Job.of("job", () -> ran.set(true)).reading(here);
    String text =
        assertThrows(IllegalStateException.class, () -> jobs.awaitSubmit(job, LONG)).getMessage();
    assertTrue(text.contains("all 4 timelines"), text);
    assertSignaled(own.fence(1), FenceError.Kind.CANCELLED);
    assertEquals(0, jobs.pending());
    assertFalse(ran.get());
    assertThrows(IllegalStateException.class, () -> here.exportFence(Usage.WRITE, "all"));
    assertEquals(1, here.pending(Usage.BOOKKEEP), "the job's own fence is over");
  }

  @Test
  void aSnapshotThatIsTakenAgainAllocatesNothing() {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    there.add(theirs.timelines.timeline("far").next(), Usage.WRITE);
    FenceSnapshot into = FenceSnapshot.create();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      here.snapshot(Usage.WRITE, into);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals(0, least);
  }

  @Test
  void whatALostProcessHadPendingHasEnded() {
    Timeline far = theirs.timelines.timeline("far");
    there.add(far.next(), Usage.WRITE);
    far.issue();
    there.add(far.next(), Usage.READ);
    FenceSnapshot both = here.snapshot(Usage.READ);
    Fence early = both.fence(1);
    far.signal(1);
    lose();
    assertTrue(here.isSignaled(Usage.BOOKKEEP));
    assertEquals(0, here.pending(Usage.BOOKKEEP));
    assertEquals("", here.describe());
    assertTrue(both.isSignaled());
    assertSignaled(early, FenceError.Kind.ISSUER_LOST);
    assertSignaled(both.fence(1), FenceError.Kind.ISSUER_LOST);
    assertSignaled(both.fence(0), null);
    assertTrue(both.fence(1).error().orElseThrow().message().endsWith("was pending: killed"));
  }

  // ---------------------------------------------------------------- a hostile one

  @Test
  void aTimelineThatIsNotThereIsPendingUntilTheProcessIsLost() {
    putSlot(3, FenceWord.pack(TIMELINES, 7, Usage.MOVE));
    assertFalse(here.isSignaled(Usage.MOVE));
    assertFalse(here.await(Usage.MOVE, SHORT));
    FenceSnapshot snapshot = here.snapshot(Usage.MOVE);
    assertFalse(snapshot.await(SHORT));
    assertSignaled(snapshot.fence(0), FenceError.Kind.ISSUER_LOST);
    String text = snapshot.fence(0).error().orElseThrow().message();
    assertTrue(text.contains("timeline 4 is not within 0 to 3"), text);
    lose();
    assertTrue(here.await(Usage.MOVE, Duration.ZERO));
    assertTrue(snapshot.isSignaled());
  }

  @Test
  void aPointThatWasNotIssuedIsPendingAndHasEndedAsAnObject() {
    theirs.timelines.timeline("far").issue();
    putSlot(0, FenceWord.pack(0, 5, Usage.WRITE));
    assertEquals(1, here.pending(Usage.WRITE));
    Fence all = here.exportFence(Usage.WRITE, "all");
    assertSignaled(all, FenceError.Kind.ISSUER_LOST);
    String text = all.error().orElseThrow().message();
    assertTrue(text.contains("point 5 of timeline 0 was not issued: 1 to 1 were"), text);
  }

  @Test
  void randomWordsNeverThrowNorKeepAWaiterBeyondItsDeadline() {
    SplittableRandom random = new SplittableRandom(7);
    long start = theirs.words.base();
    long count = (theirs.buffer + RECORD_BYTES - start) / Words.WORD_BYTES;
    for (int round = 0; round < 8_000; round++) {
      long place =
          random.nextInt(3) == 0
              ? theirs.buffer + Words.WORD_BYTES * random.nextLong(10)
              : start + Words.WORD_BYTES * random.nextLong(count);
      put(place, nonsense(random));
      put(theirs.buffer + TOUCHED, 1);
      queryEverything(round % 1_000 == 0 ? SHORT : Duration.ZERO);
    }
    lose();
    assertTrue(here.await(Usage.BOOKKEEP, Duration.ZERO));
  }

  private static long nonsense(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> FenceWord.pack(random.nextInt(8), random.nextLong(9), Usage.WRITE);
      case 2 -> FenceWord.job(random.nextInt(8), random.nextLong(4));
      default -> random.nextLong(10);
    };
  }

  private void queryEverything(Duration wait) {
    for (Usage usage : Usage.values()) {
      here.isSignaled(usage);
      assertTrue(here.pending(usage) <= Reservation.CAPACITY + 1);
      here.await(usage, wait);
      FenceSnapshot snapshot = here.snapshot(usage);
      snapshot.isSignaled();
      snapshot.await(wait);
      for (int i = 0; i < snapshot.size(); i++) {
        snapshot.usage(i);
        snapshot.timelineName(i);
        snapshot.point(i);
        try {
          snapshot.fence(i).isSignaled();
        } catch (IllegalStateException full) {
          assertTrue(full.getMessage().contains("timelines of this domain"), full::getMessage);
        }
      }
    }
    here.describe();
  }

  @Test
  void wordsThatNeverStandStillKeepNobody() throws InterruptedException {
    theirs.timelines.timeline("far").issue();
    Thread scribbling =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              for (long i = 1; !closed.get(); i++) {
                putSlot(1, FenceWord.job(0, i & 0xFFFF));
                put(theirs.jobs + Words.PAD_BYTES, (i & 0xFFFF) << 2 | 2);
              }
            });
    long startNs = System.nanoTime();
    for (int round = 0; round < 1_000; round++) {
      queryEverything(Duration.ZERO);
    }
    assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(30));
    closed.set(true);
    scribbling.join();
  }
}
