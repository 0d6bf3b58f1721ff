package io.entrepot.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code tools/testing/selftests/sync}: software timelines and their fences. There a fence of any
 * number can be made before the timeline comes to it; here a point has to be issued.
 */
class SyncSelftestsTest {
  private final SyncDomain domain = SyncDomain.create(40);

  private Timeline timeline(long issued) {
    Timeline timeline = domain.timeline("timeline");
    for (long point = 1; point <= issued; point++) {
      assertEquals(point, timeline.issue());
    }
    return timeline;
  }

  @Test
  void allocTimeline() {
    Timeline timeline = timeline(0);
    assertEquals("timeline", timeline.name());
    assertEquals(0, timeline.signaled());
  }

  @Test
  void allocFence() {
    Fence fence = timeline(1).fence(1);
    assertFalse(fence.isSignaled());
    assertEquals("timeline", fence.timelineName());
  }

  @Test
  void allocFenceNegative() {
    Timeline timeline = timeline(1);
    assertThrows(IllegalArgumentException.class, () -> timeline.fence(-1));
    assertThrows(IllegalArgumentException.class, () -> timeline.fence(2));
    timeline.close();
    assertThrows(IllegalStateException.class, timeline::next);
  }

  @Test
  void fenceOneTimelineWait() {
    Timeline timeline = timeline(15);
    Fence fence = timeline.fence(5);
    assertFalse(fence.await(Duration.ZERO));
    timeline.signal(1);
    assertFalse(fence.await(Duration.ZERO));
    timeline.signal(5);
    assertTrue(fence.await(Duration.ZERO));
    timeline.signal(15);
    assertTrue(fence.await(Duration.ZERO));
  }

  @Test
  void fenceOneTimelineMerge() {
    Timeline timeline = timeline(3);
    Fence merged =
        Fences.merge(
            "d",
            timeline.fence(2),
            Fences.merge("inner", timeline.fence(1), timeline.fence(3), timeline.fence(2)));
    assertEquals(
        List.of(timeline.fence(3)),
        assertInstanceOf(FenceArray.class, merged).members(),
        "one point is active");
    for (long point = 1; point <= 3; point++) {
      assertFalse(merged.isSignaled());
      timeline.signal(point);
    }
    assertTrue(merged.isSignaled());
  }

  @Test
  void fenceMergeSameFence() {
    Timeline timeline = timeline(5);
    Fence fence = timeline.fence(5);
    Fence merged = Fences.merge("merged", fence, fence);
    assertSame(fence, merged);
    timeline.signal(5);
    assertTrue(merged.isSignaled());
  }

  @Test
  void fenceMultiTimelineWait() {
    Timeline a = timeline(10);
    Timeline b = timeline(10);
    Timeline c = timeline(10);
    FenceArray merged =
        assertInstanceOf(
            FenceArray.class, Fences.merge("merged", a.fence(5), b.fence(5), c.fence(5)));
    int expected = 0;
    assertEquals(3, merged.members().size());
    for (Timeline next : new Timeline[] {a, b, c}) {
      assertFalse(merged.await(Duration.ZERO));
      assertEquals(expected++, signaled(merged));
      next.signal(5);
      assertEquals(expected, signaled(merged));
    }
    assertTrue(merged.await(Duration.ZERO));
  }

  private static long signaled(FenceArray array) {
    return array.members().stream().filter(Fence::isSignaled).count();
  }

  /** What two threads share has no other protection than the fences. There 65,536 rounds. */
  @Test
  void stressTwoThreadsSharedTimeline() {
    int rounds = 8_192;
    Timeline timeline = timeline(2L * rounds);
    long[] counter = new long[1];
    List<CompletableFuture<Boolean>> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int self = i;
      threads.add(
          Kernel.start(() -> {
            for (int round = 0; round < rounds; round++) {
              long turn = 2L * round + self;
              assertTrue(turn == 0 || timeline.fence(turn).await(Kernel.LONG));
              assertEquals(turn, counter[0], "strictly in turn");
              counter[0]++;
              assertTrue(timeline.signal(turn + 1));
            }
            return true;
          }));
    }
    threads.forEach(CompletableFuture::join);
    assertEquals(2L * rounds, counter[0]);
  }

  /** There 4,096 rounds, waiting by poll or busily; here parking or spinning. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void consumerStressMultiProducerSingleConsumer(boolean parks) {
    int producers = 5;
    int rounds = 400;
    Timeline consumed = timeline(rounds);
    List<Timeline> produced = Stream.generate(() -> timeline(rounds)).limit(producers).toList();
    AtomicLong counter = new AtomicLong();
    List<CompletableFuture<Boolean>> threads = new ArrayList<>();
    for (Timeline own : produced) {
      threads.add(
          Kernel.start(() -> {
            for (long round = 1; round <= rounds; round++) {
              if (round > 1) {
                await(parks, consumed.fence(round - 1));
              }
              counter.incrementAndGet();
              assertTrue(own.signal(round));
            }
            return true;
          }));
    }
    for (long round = 1; round <= rounds; round++) {
      long current = round;
      Fence all =
          Fences.merge(
              "all", produced.stream().map(own -> own.fence(current)).toArray(Fence[]::new));
      await(parks, all);
      assertEquals(producers * round, counter.get());
      assertTrue(consumed.signal(round));
    }
    threads.forEach(CompletableFuture::join);
  }

  private static void await(boolean parks, Fence fence) {
    if (parks) {
      assertTrue(fence.await(Kernel.LONG));
      return;
    }
    long startNs = System.nanoTime();
    while (!fence.isSignaled()) {
      assertTrue(System.nanoTime() - startNs < Kernel.LONG.toNanos(), "never signaled");
      // More threads than processors spin.
      Thread.yield();
    }
  }

  /** There 32,768 merges. */
  @Test
  void mergeStressRandomMerge() {
    int points = 1_000;
    List<Timeline> timelines = Stream.generate(() -> timeline(points)).limit(32).toList();
    long[] latest = new long[timelines.size()];
    Random random = new Random(32);
    Fence merged = Fence.signaled();
    for (int i = 0; i < 2_048; i++) {
      int touched = random.nextInt(timelines.size());
      long point = 1 + random.nextInt(points);
      latest[touched] = Math.max(latest[touched], point);
      merged = Fences.merge("merged", merged, timelines.get(touched).fence(point));
    }
    List<Fence> members = assertInstanceOf(FenceArray.class, merged).members();
    assertEquals(timelines.size(), members.size(), "as many as were touched: all, of so many");
    for (int i = 0; i < latest.length; i++) {
      assertFalse(merged.isSignaled());
      assertTrue(members.contains(timelines.get(i).fence(latest[i])), "the latest of each");
      timelines.get(i).signal(latest[i]);
    }
    assertTrue(merged.isSignaled());
  }
}
