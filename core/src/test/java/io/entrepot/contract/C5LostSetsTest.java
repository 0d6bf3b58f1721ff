package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** C5, C11: sets that nobody will commit or close, and reservations of buffers that are gone. */
class C5LostSetsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  /** As many as a domain has jobs at a time. */
  private static final int JOBS = 64;

  private final BufferPool pool = BufferPool.offHeap("pool", 64, JOBS + 1);
  private final Timeline lost = pool.sync().timeline("lost");
  private final Timeline line = pool.sync().timeline("line");
  private final List<SharedBuffer> buffers =
      new ArrayList<>(IntStream.rangeClosed(0, JOBS).mapToObj(i -> pool.tryAcquire(64)).toList());

  private Reservation fences(int buffer) {
    return buffers.get(buffer).reservation();
  }

  @AfterEach
  void nothingIsLeft() {
    lost.close();
    line.signal(line.issued() == 0 ? line.issue() : line.issued());
    line.close();
    for (SharedBuffer buffer : buffers) {
      assertEquals("", buffer.reservation().describe());
      buffer.close();
    }
    pool.close();
  }

  /** Sets of which each has taken a buffer. */
  private List<ReservationSet> takenSets() {
    List<ReservationSet> sets = new ArrayList<>();
    for (int i = 0; i < JOBS; i++) {
      ReservationSet set = ReservationSet.on(lost);
      assertTrue(set.awaitTake(fences(i), Usage.WRITE, LONG));
      sets.add(set);
    }
    return sets;
  }

  @Test
  void setsThatWereDroppedGiveTheirRecordsAndBuffersBack() {
    // In a call of its own, so that nothing here refers to them.
    assertEquals(JOBS, takenSets().size());
    int index = buffers.get(0).index();
    buffers.get(0).close();
    try (ReservationSet set = ReservationSet.on(line)) {
      Elsewhere.await(
          "a dropped set is found",
          () -> {
            System.gc();
            set.add(fences(JOBS), Usage.WRITE);
            try {
              return set.awaitCommit(LONG) != 0;
            } catch (IllegalStateException noneIsFree) {
              return false;
            }
          });
      Elsewhere.await(
          "the claim of a dropped set is no more",
          () -> {
            System.gc();
            return IntStream.range(1, JOBS).allMatch(i -> fences(i).describe().isEmpty());
          });
      SharedBuffer[] again = new SharedBuffer[1];
      Elsewhere.await("a buffer comes back", () -> (again[0] = pool.tryAcquire(64)) != null);
      buffers.set(0, again[0]);
      assertEquals(index, again[0].index());
    }
  }

  @Test
  void setsOfThreadsThatDiedGiveTheirRecordsBack() throws InterruptedException {
    Elsewhere<List<ReservationSet>> dead = Elsewhere.start(this::takenSets);
    List<ReservationSet> sets = dead.result();
    dead.thread().join();
    try (ReservationSet set = ReservationSet.on(line)) {
      set.add(fences(0), Usage.WRITE);
      set.add(fences(JOBS), Usage.WRITE);
      assertNotEquals(0, set.awaitCommit(LONG));
      assertEquals(0, set.dependencies().size(), "what was never committed counts for nothing");
    }
    for (int i = 1; i < JOBS; i++) {
      assertEquals("", fences(i).describe());
    }
    assertEquals(0, sets.get(0).awaitCommit(LONG), "what was taken is lost");
    assertFalse(sets.get(1).awaitTake(fences(2), Usage.READ, LONG), "that of this one too");
    assertTrue(sets.get(1).awaitTake(fences(2), Usage.READ, LONG), "and it begins again");
    sets.forEach(ReservationSet::close);
    assertEquals(0, lost.issued());
  }

  /** A set is for one thread at a time, and for another after it. */
  @Test
  void aSetThatAnotherThreadGoesOnWithIsNotTakenFromIt() throws InterruptedException {
    Elsewhere<List<ReservationSet>> before = Elsewhere.start(this::takenSets);
    List<ReservationSet> sets = before.result();
    before.thread().join();
    assertTrue(sets.get(7).awaitTake(fences(JOBS), Usage.READ, LONG));
    try (ReservationSet set = ReservationSet.on(line)) {
      set.add(fences(8), Usage.WRITE);
      assertNotEquals(0, set.awaitCommit(LONG));
    }
    long point = sets.get(7).awaitCommit(LONG);
    assertEquals(1, point);
    assertEquals("WRITE lost:1", fences(7).describe());
    assertEquals("READ lost:1", fences(JOBS).describe());
    lost.signal(point);
    sets.forEach(ReservationSet::close);
  }

  @Test
  void whenAllJobsAreAtWorkTheHoldersAreNamed() {
    List<ReservationSet> sets = takenSets();
    try (ReservationSet set = ReservationSet.on(line)) {
      set.add(fences(JOBS), Usage.WRITE);
      String text =
          assertThrows(IllegalStateException.class, () -> set.awaitCommit(LONG)).getMessage();
      assertTrue(text.contains("all " + JOBS + " jobs"), text);
      String holder = "'lost' of thread '" + Thread.currentThread().getName() + "'";
      assertTrue(text.contains(holder), text);
      sets.get(JOBS / 2).close();
      assertNotEquals(0, set.awaitCommit(LONG), "what was only added stays");
      sets.forEach(ReservationSet::close);
    }
  }

  // ---------------------------------------------------------------- buffers that are gone

  /** Releases a buffer and acquires it again; the reservation of who had it before. */
  private Reservation staleOf(int buffer) {
    Reservation stale = fences(buffer);
    int index = buffers.get(buffer).index();
    buffers.get(buffer).close();
    buffers.set(buffer, pool.tryAcquire(64));
    assertNotNull(buffers.get(buffer));
    assertEquals(index, buffers.get(buffer).index());
    assertNull(pool.tryAcquire(64));
    return stale;
  }

  @Test
  void aReservationThatWasAddedBeforeItsBufferWasReusedIsRefused() {
    try (ReservationSet set = ReservationSet.on(line)) {
      set.add(fences(0), Usage.WRITE);
      set.add(fences(1), Usage.WRITE);
      staleOf(0);
      for (int i = 0; i < 2; i++) {
        String text =
            assertThrows(IllegalStateException.class, () -> set.awaitCommit(LONG)).getMessage();
        assertTrue(text.contains("released since"), text);
        assertEquals("", fences(0).describe());
        assertEquals("", fences(1).describe());
      }
      assertEquals(0, line.issued());
      set.clear();
      set.add(fences(1), Usage.WRITE);
      assertNotEquals(0, set.awaitCommit(LONG));
    }
  }

  @Test
  void theNextHoldersReservationTakesThePlaceOfAStaleOne() {
    try (ReservationSet set = ReservationSet.on(line)) {
      set.add(fences(0), Usage.MOVE);
      staleOf(0);
      set.add(fences(0), Usage.READ);
      assertEquals(1, set.awaitCommit(LONG));
      assertEquals("READ line:1", fences(0).describe());
    }
  }

  @Test
  void aStaleReservationDoesNotPassForAMemberThatIsThere() {
    Reservation stale = staleOf(0);
    try (ReservationSet set = ReservationSet.on(line)) {
      set.add(fences(0), Usage.READ);
      assertThrows(IllegalStateException.class, () -> set.add(stale, Usage.WRITE));
      assertEquals(1, set.awaitCommit(LONG));
      assertEquals("READ line:1", fences(0).describe());
    }
  }

  /** What a job had before it was aborted may be gone when it begins again. */
  @Test
  void aSetThatBeginsAgainClaimsNothingOfTheNextHolder() {
    try (ReservationSet set = ReservationSet.on(line);
        ReservationSet other = ReservationSet.on(lost)) {
      assertTrue(set.awaitTake(fences(0), Usage.WRITE, LONG));
      assertTrue(set.awaitTake(fences(1), Usage.WRITE, LONG));
      other.add(fences(1), Usage.WRITE);
      assertEquals(1, other.awaitCommit(LONG));
      lost.signal(1);
      assertEquals(0, set.awaitCommit(LONG));
      staleOf(0);
      assertTrue(set.awaitTake(fences(2), Usage.WRITE, LONG));
      assertEquals("", fences(0).describe(), "another holder's now");
      assertEquals("claimed", fences(1).describe(), "taken again with the first");
      assertEquals(1, set.awaitCommit(LONG));
      assertEquals("", fences(1).describe(), "but no member unless it is asked for");
      assertEquals("WRITE line:1", fences(2).describe());
    }
  }
}
