package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C5: atomic cuts through several reservations. */
class C5ReservationSetsTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int BUFFERS = 4;

  private final BufferPool pool = BufferPool.offHeap("pool", 64, BUFFERS);
  private final List<Timeline> lines = new ArrayList<>();
  private final Timeline one = line("one");
  private final Timeline two = line("two");
  private final SharedBuffer[] buffers =
      IntStream.range(0, BUFFERS)
          .mapToObj(i -> pool.tryAcquire(64))
          .sorted(Comparator.comparingInt(SharedBuffer::index))
          .toArray(SharedBuffer[]::new);

  private Timeline line(String name) {
    Timeline line = pool.sync().timeline(name);
    lines.add(line);
    return line;
  }

  private Reservation fences(int buffer) {
    return buffers[buffer].reservation();
  }

  @AfterEach
  void nothingIsLeft() {
    for (Timeline line : lines) {
      line.signal(line.issued() == 0 ? line.issue() : line.issued());
      line.close();
    }
    for (SharedBuffer buffer : buffers) {
      assertEquals("", buffer.reservation().describe());
      buffer.close();
    }
    pool.close();
  }

  private static String text(FenceSnapshot fences) {
    return fences.toString();
  }

  @Test
  void aJobsFenceIsAddedToAllMembersAndItsDependenciesCollected() {
    fences(0).add(two.next(), Usage.WRITE);
    fences(1).add(two.next(), Usage.READ);
    fences(2).add(two.next(), Usage.BOOKKEEP);
    try (ReservationSet set = ReservationSet.on(one)) {
      set.add(fences(2), Usage.READ);
      set.add(fences(0), Usage.READ);
      set.add(fences(1), Usage.WRITE);
      long point = set.awaitCommit(LONG);
      assertEquals(one.issued(), point);
      assertEquals("{WRITE two:1, READ two:2}", text(set.dependencies()));
      assertEquals("READ one:1, WRITE two:1", fences(0).describe());
      assertEquals("WRITE one:1, READ two:2", fences(1).describe());
      assertEquals("READ one:1, BOOKKEEP two:3", fences(2).describe());
      assertEquals("", fences(3).describe());
      one.signal(point);
      two.signal(2);
      assertTrue(set.dependencies().await(Duration.ZERO));
    }
  }

  /** Each usage against each: the later job depends on the earlier where one has to wait. */
  @ParameterizedTest
  @EnumSource
  void theLaterJobWaitsWhereItsUsageHasTo(Usage earlier) {
    for (Usage later : Usage.values()) {
      try (ReservationSet first = ReservationSet.on(one);
          ReservationSet second = ReservationSet.on(two)) {
        first.add(fences(0), earlier);
        one.signal(commit(first, 0));
        first.add(fences(0), earlier);
        long point = commit(first, 0);
        second.add(fences(0), later);
        boolean waits = earlier.ordinal() <= later.awaited().ordinal();
        assertEquals(waits, later.ordinal() <= earlier.awaited().ordinal(), "each, or neither");
        two.signal(commit(second, waits ? 1 : 0));
        one.signal(point);
      }
    }
  }

  private static long commit(ReservationSet set, int dependencies) {
    long point = set.awaitCommit(LONG);
    assertNotEquals(0, point);
    assertEquals(dependencies, set.dependencies().size(), set.dependencies()::toString);
    return point;
  }

  @Test
  void aSetGrowsWhileItIsTaken() {
    fences(1).add(two.next(), Usage.WRITE);
    try (ReservationSet set = ReservationSet.on(one)) {
      assertTrue(set.awaitTake(fences(3), Usage.WRITE, LONG));
      assertEquals(0, set.dependencies().size());
      assertTrue(set.awaitTake(fences(1), Usage.READ, LONG));
      assertEquals("{WRITE two:1}", text(set.dependencies()));
      set.add(fences(2), Usage.READ);
      assertEquals("claimed", fences(3).describe());
      assertTrue(fences(3).isSignaled(Usage.BOOKKEEP), "nobody waits for a job to come");
      assertNotEquals(0, set.awaitCommit(LONG));
      assertEquals("WRITE one:1", fences(3).describe());
      assertEquals("READ one:1, WRITE two:1", fences(1).describe());
      assertEquals("READ one:1", fences(2).describe());
    }
  }

  @Test
  void aMemberAddedTwiceHasTheUsageForWhichMoreWait() {
    fences(0).add(two.next(), Usage.READ);
    try (ReservationSet set = ReservationSet.on(one)) {
      set.add(fences(0), Usage.READ);
      assertTrue(set.awaitTake(fences(0), Usage.READ, LONG));
      assertEquals(0, set.dependencies().size());
      assertTrue(set.awaitTake(fences(0), Usage.WRITE, LONG));
      assertEquals("{READ two:1}", text(set.dependencies()));
      set.add(fences(0), Usage.BOOKKEEP);
      assertNotEquals(0, set.awaitCommit(LONG));
      assertEquals("WRITE one:1, READ two:1", fences(0).describe());
    }
  }

  @Test
  void jobsOfOneTimelineNeedOneSlotHoweverManyArePending() {
    List<Integer> claims = new ArrayList<>();
    for (int i = 1; i < Reservation.CAPACITY; i++) {
      claims.add(fences(0).reserve());
    }
    try (ReservationSet set = ReservationSet.on(one)) {
      for (int i = 0; i < 5 * Reservation.CAPACITY; i++) {
        set.add(fences(0), Usage.WRITE);
        set.add(fences(1), Usage.WRITE);
        long point = set.awaitCommit(LONG);
        assertEquals("{WRITE one:" + point + "}", text(fences(0).snapshot(Usage.BOOKKEEP)));
        assertEquals("{WRITE one:" + point + "}", text(fences(1).snapshot(Usage.BOOKKEEP)));
      }
      assertEquals(Reservation.CAPACITY - 1, claims.size());
      claims.forEach(fences(0)::cancel);
      one.signal(one.issued() - 1);
      assertFalse(fences(0).isSignaled(Usage.WRITE));
    }
  }

  @Test
  void aJobsFenceIsPromotedReplacedAndSweptAsAnyOther() {
    try (ReservationSet set = ReservationSet.on(one)) {
      set.add(fences(0), Usage.BOOKKEEP);
      set.add(fences(1), Usage.WRITE);
      long point = set.awaitCommit(LONG);
      assertTrue(fences(0).promote(one.fence(point), Usage.READ));
      assertEquals("READ one:1", fences(0).describe());
      assertEquals(1, fences(1).replace(one, two.next(), Usage.BOOKKEEP));
      assertEquals("BOOKKEEP two:1", fences(1).describe());
      two.signal(1);
      int index = buffers[1].index();
      buffers[1].close();
      buffers[1] = pool.tryAcquire(64);
      assertEquals(index, buffers[1].index());
    }
  }

  // ---------------------------------------------------------------- failing

  @Test
  void aSetThatFindsNoSlotLeavesNothingBehind() {
    List<Integer> claims = new ArrayList<>();
    for (int i = 0; i < Reservation.CAPACITY; i++) {
      claims.add(fences(1).reserve());
    }
    try (ReservationSet first = ReservationSet.on(two);
        ReservationSet set = ReservationSet.on(one)) {
      first.add(fences(1), Usage.WRITE);
      assertNotEquals(0, first.awaitCommit(LONG), "a job needs no slot of its own");
      String before = fences(1).describe();
      set.add(fences(0), Usage.WRITE);
      set.add(fences(1), Usage.WRITE);
      set.add(fences(2), Usage.WRITE);
      String text =
          assertThrows(IllegalStateException.class, () -> set.awaitCommit(LONG)).getMessage();
      assertTrue(text.contains("all " + Reservation.CAPACITY + " fence slots"), text);
      assertTrue(text.contains("WRITE two:1"), text);
      assertEquals("", fences(0).describe());
      assertEquals(before, fences(1).describe());
      assertEquals("", fences(2).describe());
      claims.forEach(fences(1)::cancel);
      assertNotEquals(0, set.awaitCommit(LONG), "what was only added stays");
      assertEquals("WRITE one:1, WRITE two:1", fences(1).describe());
      assertEquals("WRITE one:1", fences(2).describe());
    }
  }

  @Test
  void aReleasedBufferIsNoMember() {
    SharedBuffer released = buffers[3].share();
    Reservation stale = released.reservation();
    try (ReservationSet set = ReservationSet.on(one)) {
      released.close();
      buffers[3].close();
      set.add(fences(0), Usage.WRITE);
      set.add(stale, Usage.WRITE);
      assertThrows(IllegalStateException.class, () -> set.awaitCommit(LONG));
      assertEquals("", fences(0).describe());
      buffers[3] = pool.tryAcquire(64);
      assertNotNull(buffers[3], "no claim keeps it");
    }
  }

  @Test
  void aTakeThatThrowsLeavesTheSetEmpty() {
    SharedBuffer released = buffers[3].share();
    Reservation stale = released.reservation();
    try (ReservationSet set = ReservationSet.on(one)) {
      assertTrue(set.awaitTake(fences(0), Usage.WRITE, LONG));
      assertTrue(set.awaitTake(stale, Usage.READ, LONG));
      released.close();
      buffers[3].close();
      assertThrows(IllegalStateException.class, () -> set.awaitTake(stale, Usage.WRITE, LONG));
      assertEquals("", fences(0).describe());
      buffers[3] = pool.tryAcquire(64);
      assertNotNull(buffers[3], "no claim keeps it");
    }
  }

  @Test
  void aSetOfAnotherDomainIsRefused() {
    try (Timeline foreign = SyncDomain.create(1).timeline("foreign");
        ReservationSet set = ReservationSet.on(foreign)) {
      String text =
          assertThrows(IllegalArgumentException.class, () -> set.add(fences(0), Usage.READ))
              .getMessage();
      assertTrue(text.contains("'foreign'"), text);
    }
  }

  @Test
  void aSetOnAClosedTimelineLeavesNothingBehind() {
    Timeline closed = pool.sync().timeline("closed");
    try (ReservationSet set = ReservationSet.on(closed)) {
      set.add(fences(0), Usage.WRITE);
      closed.close();
      assertThrows(IllegalStateException.class, () -> set.awaitCommit(LONG));
      assertEquals("", fences(0).describe());
    }
  }

  @Test
  void whatIsTakenKeepsABufferFromReuseUntilTheSetIsCleared() {
    try (ReservationSet set = ReservationSet.on(one)) {
      assertTrue(set.awaitTake(fences(3), Usage.READ, LONG));
      buffers[3].close();
      assertNull(pool.tryAcquire(64));
      set.clear();
      buffers[3] = pool.tryAcquire(64);
      assertNotNull(buffers[3]);
    }
  }

  // ---------------------------------------------------------------- stopped participants

  @Test
  void aJobThatIsStoppedIsAbortedAndBeginsAgain() {
    try (ReservationSet stopped = ReservationSet.on(one);
        ReservationSet other = ReservationSet.on(two)) {
      assertTrue(stopped.awaitTake(fences(0), Usage.WRITE, LONG));
      assertTrue(stopped.awaitTake(fences(1), Usage.WRITE, LONG));
      other.add(fences(1), Usage.WRITE);
      other.add(fences(2), Usage.WRITE);
      assertNotEquals(0, other.awaitCommit(LONG));
      assertEquals(0, other.dependencies().size());
      assertEquals("", fences(0).describe(), "what was aborted counts for nothing");
      assertEquals("WRITE two:1", fences(1).describe());
      assertEquals(0, stopped.awaitCommit(LONG));
      assertEquals(1, stopped.aborts());
      assertTrue(stopped.awaitTake(fences(0), Usage.WRITE, LONG));
      assertTrue(stopped.awaitTake(fences(1), Usage.WRITE, LONG));
      assertNotEquals(0, stopped.awaitCommit(LONG));
      assertEquals("{WRITE two:1}", text(stopped.dependencies()));
    }
  }

  @Test
  void aTimeOutLeavesWhatWasAddedAndTakesNothing() {
    try (ReservationSet holder = ReservationSet.on(one);
        ReservationSet other = ReservationSet.on(two)) {
      assertTrue(holder.awaitTake(fences(1), Usage.WRITE, LONG));
      other.add(fences(0), Usage.WRITE);
      other.add(fences(1), Usage.WRITE);
      assertEquals(0, other.awaitCommit(Duration.ZERO));
      assertEquals("", fences(0).describe());
      assertEquals(0, two.issued(), "no point was issued in vain");
      assertNotEquals(0, holder.awaitCommit(LONG), "a time-out of zero aborts nobody");
      assertNotEquals(0, other.awaitCommit(LONG));
      assertEquals("{WRITE one:1}", text(other.dependencies()));
    }
  }

  // ---------------------------------------------------------------- many at once

  private static final int THREADS = 4;
  private static final int JOBS = 400;
  private static final int MEMBERS = 3;

  /**
   * What a job did and what it depends on.
   *
   * @param dependsOn of each thread, the latest of its points
   */
  private record Job(int thread, long point, Usage[] usages, long[] dependsOn) {}

  /**
   * Jobs of several threads over random members, known before and taken one by one. Nothing is
   * signaled, so a job's dependencies are all there is: of each two jobs of which one has to wait
   * for the other exactly one does, and all of it goes round in no circle.
   */
  @Test
  void manyJobsLoseNoDependencyAndMakeNoCircle() {
    List<Elsewhere<List<Job>>> running = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int number = thread;
      Timeline line = line("job " + thread);
      running.add(Elsewhere.start(() -> jobs(number, line)));
    }
    List<Job> all = new ArrayList<>();
    running.forEach(thread -> all.addAll(thread.result()));
    assertEquals(THREADS * JOBS, all.size());
    for (Job a : all) {
      for (Job b : all) {
        if (a.thread < b.thread) {
          boolean aOnB = a.dependsOn[b.thread] >= b.point;
          boolean bOnA = b.dependsOn[a.thread] >= a.point;
          assertFalse(aOnB && bOnA, () -> "a circle: " + a + " and " + b);
          assertTrue(!conflict(a, b) || aOnB || bOnA, () -> "lost: " + a + " and " + b);
        }
      }
    }
    assertNoCircle(all);
  }

  private List<Job> jobs(int thread, Timeline line) {
    SplittableRandom random = new SplittableRandom(thread);
    List<Job> done = new ArrayList<>();
    try (ReservationSet set = ReservationSet.on(line)) {
      while (done.size() < JOBS) {
        Usage[] usages = new Usage[BUFFERS];
        int[] order = random.ints(0, BUFFERS).distinct().limit(MEMBERS).toArray();
        Arrays.stream(order)
            .forEach(i -> usages[i] = random.nextBoolean() ? Usage.READ : Usage.WRITE);
        boolean oneByOne = random.nextBoolean();
        boolean taken = true;
        for (int member : order) {
          if (oneByOne) {
            taken = taken && set.awaitTake(fences(member), usages[member], LONG);
          } else {
            set.add(fences(member), usages[member]);
          }
        }
        long point = taken ? set.awaitCommit(LONG) : 0;
        if (point != 0) {
          done.add(new Job(thread, point, usages, latest(set.dependencies())));
        }
      }
    }
    return done;
  }

  private static long[] latest(FenceSnapshot dependencies) {
    long[] latest = new long[THREADS];
    for (int i = 0; i < dependencies.size(); i++) {
      int of = Integer.parseInt(dependencies.timelineName(i).substring("job ".length()));
      latest[of] = Math.max(latest[of], dependencies.point(i));
    }
    return latest;
  }

  private static boolean conflict(Job a, Job b) {
    return IntStream.range(0, BUFFERS)
        .anyMatch(i ->
            a.usages[i] != null
                && b.usages[i] != null
                && (a.usages[i] == Usage.WRITE || b.usages[i] == Usage.WRITE));
  }

  /** Runs the jobs, each thread's in order, each when what it depends on is done. */
  private static void assertNoCircle(List<Job> all) {
    List<List<Job>> queues = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      queues.add(all.stream().filter(job -> job.thread == thread).toList());
    }
    int[] next = new int[THREADS];
    long[] reached = new long[THREADS];
    boolean moved;
    do {
      moved = false;
      for (int i = 0; i < THREADS; i++) {
        while (next[i] < JOBS && isReady(queues.get(i).get(next[i]), reached)) {
          reached[i] = queues.get(i).get(next[i]++).point;
          moved = true;
        }
      }
    } while (moved);
    assertEquals(THREADS * JOBS, Arrays.stream(next).sum(), "a circle keeps the rest from running");
  }

  private static boolean isReady(Job job, long[] reached) {
    return IntStream.range(0, THREADS)
        .allMatch(i -> i == job.thread || job.dependsOn[i] <= reached[i]);
  }

  @Test
  void aJobAllocatesNothingInSteadyState() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Reservation[] members =
        Arrays.stream(buffers).map(SharedBuffer::reservation).toArray(Reservation[]::new);
    try (ReservationSet set = ReservationSet.on(one)) {
      runJobs(set, members, 20_000);
      long before = threads.getCurrentThreadAllocatedBytes();
      runJobs(set, members, 10_000);
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(bytes < 10_000, bytes + " bytes in 10000 jobs");
    }
  }

  private void runJobs(ReservationSet set, Reservation[] members, int jobs) {
    for (int i = 0; i < jobs; i++) {
      for (Reservation member : members) {
        set.add(member, Usage.WRITE);
      }
      long point = set.awaitCommit(LONG);
      assertTrue(set.dependencies().isSignaled());
      one.signal(point);
    }
  }
}
