package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Fences;
import io.entrepot.sync.Timeline;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C4: what is merged again and again tells the first error still, and does not grow. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MergedAgainTest {
  private static final int MERGES = 30_000;
  private static final FenceError DISK = FenceError.failed("disk");
  private static final FenceError NET = FenceError.failed("net");

  private final TimelineTable domain = TimelineTable.offHeap(2);
  private final Timeline timeline = domain.timeline("gpu");
  private final Timeline other = domain.timeline("copy");

  private static int earlier(Fence merged) {
    return EarlierPoints.size(assertInstanceOf(ArrayOfFences.class, merged).earlier(0));
  }

  @Test
  void pointsOfOneTimelineInAnyOrderTellTheFirstError() {
    for (int order = 0; order < 3; order++) {
      Timeline line = TimelineTable.offHeap(1).timeline("line");
      List<Fence> points = new ArrayList<>();
      for (int i = 0; i < MERGES; i++) {
        points.add(line.next());
      }
      switch (order) {
        case 0 -> {}
        case 1 -> points = points.reversed();
        default -> Collections.shuffle(points, new Random(1));
      }
      Fence merged = Fence.signaled();
      for (Fence point : points) {
        merged = Fences.merge("merged", merged, point);
      }
      assertEquals(1, Fences.unwrap(merged).size());
      assertEquals(MERGES, Fences.unwrap(merged).getFirst().point());
      assertEquals(MERGES - 1, earlier(merged), "each may have the first error yet");
      line.signal(MERGES / 2 - 1);
      line.signal(MERGES / 2, DISK);
      line.signal(MERGES - 1, NET);
      assertFalse(merged.isSignaled());
      line.signal(MERGES);
      assertEquals(Optional.of(DISK), merged.error());
      line.close();
    }
  }

  @Test
  void onlyWhatIsPendingIsKept() {
    Fence merged = Fences.merge("merged", timeline.next(), other.next());
    for (int i = 2; i <= MERGES; i++) {
      merged = Fences.merge("merged", merged, timeline.next());
      if (i > 10) {
        signal(i - 10, i == MERGES / 2 ? DISK : i % 1000 == 0 ? NET : null);
      }
      if (i % 1000 == 0) {
        merged = Fences.merge("merged", merged, merged);
      }
      ArrayOfFences array = assertInstanceOf(ArrayOfFences.class, merged);
      assertTrue(array.members().size() <= 3);
      for (int member = 0; member < array.members().size(); member++) {
        assertTrue(EarlierPoints.size(array.earlier(member)) <= 10);
      }
    }
    List<Fence> members = Fences.unwrap(merged);
    assertEquals(3, members.size(), "the error that was told, and the latest of each timeline");
    assertEquals(Optional.of(NET), members.getFirst().error());
    timeline.signal(MERGES);
    other.signal(1);
    assertEquals(Optional.of(NET), merged.error());
  }

  private void signal(long point, FenceError error) {
    if (error == null) {
      timeline.signal(point);
    } else {
      timeline.signal(point, error);
    }
  }

  /** The time of an error is not that of the latest signal. */
  @Test
  void theFirstErrorStaysTheFirstThroughMerges() {
    Fence net = new SignaledFence(50, Optional.of(NET));
    Fence disk = new SignaledFence(60, Optional.of(DISK));
    Fence late = new SignaledFence(100, Optional.empty());
    Fence merged = Fences.merge("merged", net, late, timeline.next());
    merged = Fences.merge("merged", merged, disk);
    timeline.signal(1);
    assertEquals(Optional.of(NET), merged.error());
    assertTrue(merged.signalTimeMs() >= 100);
  }

  @Test
  void whatTwoMergesShareIsKeptOnce() {
    Fence merged = Fence.signaled();
    for (int i = 0; i < 1_000; i++) {
      merged = Fences.merge("merged", merged, timeline.next());
    }
    Fence same = merged;
    for (int i = 0; i < 100; i++) {
      merged = Fences.merge("merged", merged, same);
    }
    assertEquals(999, earlier(merged));
    assertSame(
        ((ArrayOfFences) same).earlier(0), ((ArrayOfFences) merged).earlier(0), "not copied");
  }

  @Test
  void aPointThatWasNotGivenTellsNoError() {
    Fence merged =
        Fences.merge("merged", at(timeline, 1), at(timeline, 5), at(timeline, 3), other.next());
    timeline.signal(1);
    timeline.signal(2, DISK);
    timeline.signal(3);
    timeline.signal(4, DISK);
    timeline.signal(5);
    other.signal(1, NET);
    assertEquals(Optional.of(NET), merged.error());
  }

  private static Fence at(Timeline of, long point) {
    while (of.issued() < point) {
      of.issue();
    }
    return of.fence(point);
  }

  @Test
  void setsOfPointsAreWhatSortedSetsAre() {
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      TreeSet<Long> expected = new TreeSet<>();
      EarlierPoints one = points(random, expected);
      EarlierPoints set = EarlierPoints.union(one, points(random, expected));
      assertEquals(List.copyOf(expected), sorted(set));
      assertEquals(set, EarlierPoints.union(set, one), "one set has one shape");
      long at = random.nextInt(120);
      assertEquals(List.copyOf(expected.tailSet(at, false)), sorted(EarlierPoints.above(set, at)));
      assertEquals(List.copyOf(expected.headSet(at)), sorted(EarlierPoints.below(set, at)));
      assertEquals(expected.size(), EarlierPoints.size(set));
    }
  }

  private static EarlierPoints points(Random random, TreeSet<Long> into) {
    EarlierPoints set = null;
    for (int i = random.nextInt(50); i > 0; i--) {
      long point = 1 + random.nextInt(100);
      set = EarlierPoints.with(set, point);
      into.add(point);
    }
    return set;
  }

  private static List<Long> sorted(EarlierPoints set) {
    List<Long> all = new ArrayList<>();
    EarlierPoints.forEach(set, all::add);
    return all;
  }
}
