package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError.Kind;
import io.entrepot.sync.FenceWatchdog;
import io.entrepot.sync.Job;
import io.entrepot.sync.Jobs;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.AgentTerminationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * C4 and C11: whatever becomes of a producer, who waits for it gets an answer, with an error; and
 * what it may still write is not handed out. A thousand times each.
 *
 * <p><b>Bounds.</b> A producer that closes its timeline, or whose work ends: at once. One that just
 * stops: twice the watchdog's limit. One that is lost: when the collector finds it. A wait's own
 * deadline ends it in any case. Waits here have a deadline that no sound run comes near.
 */
@Timeout(120)
class C4C11DeadProducersTest {
  private static final int TIMES = 1_000;
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final BufferPool pool = BufferPool.offHeap("pool", 64, 1);

  @AfterEach
  void nothingIsLeft() {
    SharedBuffer buffer = pool.tryAcquire(64);
    assertNotNull(buffer, "handed out again when all work has ended");
    buffer.close();
    pool.close();
  }

  /** A producer with one buffer under way, and somebody who waits for it. */
  private final class Production {
    final Timeline timeline = pool.sync().timeline("producer");
    final Fence fence = timeline.next();
    final Elsewhere<Boolean> waiting;

    Production() {
      SharedBuffer buffer = pool.tryAcquire(64);
      assertNotNull(buffer);
      buffer.reservation().add(fence, Usage.WRITE);
      buffer.close();
      waiting = Elsewhere.start(() -> fence.await(BOUND));
    }

    /** The waiter has an answer, and the buffer is kept until the producer is known to be gone. */
    void hasEndedWith(Kind kind) {
      assertTrue(waiting.result());
      assertEquals(kind, fence.error().orElseThrow().kind());
      assertNull(pool.tryAcquire(64), "the producer may still write it");
      assertEquals(1, pool.sync().settle("producer"));
    }
  }

  // ---------------------------------------------------------------- threads

  /** Killed by what it throws, with the timeline closed on the way out. */
  @Test
  void aThreadThatDiesClosingItsTimeline() {
    AtomicInteger deaths = new AtomicInteger();
    for (int i = 0; i < TIMES; i++) {
      Production production = new Production();
      Thread producer =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((dead, thrown) -> deaths.incrementAndGet())
              .start(() -> {
                try (Timeline own = production.timeline) {
                  throw new IllegalStateException("killed with " + own);
                }
              });
      // What it had can be settled when its close is over, a moment after who waits is told.
      join(producer);
      production.hasEndedWith(Kind.ISSUER_CLOSED);
    }
    assertEquals(TIMES, deaths.get());
  }

  /** Killed without a word: nobody but a watchdog ends what it has begun. */
  @Test
  void aThreadThatJustDies() throws Exception {
    AtomicInteger deaths = new AtomicInteger();
    FenceWatchdog watchdog = FenceWatchdog.create(Duration.ofNanos(100_000));
    for (int i = 0; i < TIMES; i++) {
      Production production = new Production();
      watchdog.watch(production.timeline);
      Thread producer =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((dead, thrown) -> deaths.incrementAndGet())
              .start(() -> {
                throw new StackOverflowError("killed");
              });
      join(producer);
      while (watchdog.doWork() == 0) {
        Thread.onSpinWait();
      }
      production.hasEndedWith(Kind.TIMED_OUT);
    }
    assertEquals(TIMES, deaths.get());
  }

  /** A job's work has ended when it has thrown: its buffer is free. */
  @Test
  void aJobThatThrows() {
    try (Timeline timeline = pool.sync().timeline("jobs")) {
      Jobs jobs = Jobs.on(timeline, Thread::startVirtualThread);
      for (int i = 0; i < TIMES; i++) {
        SharedBuffer buffer = pool.tryAcquire(64);
        assertNotNull(buffer, "round " + i);
        Fence fence =
            jobs.awaitSubmit(
                Job.of(
                        "throws",
                        () -> {
                          throw new IllegalStateException("disk");
                        })
                    .writing(buffer.reservation()),
                BOUND);
        buffer.close();
        assertTrue(fence.await(BOUND));
        assertEquals(Kind.FAILED, fence.error().orElseThrow().kind());
      }
    }
  }

  /** A job goes on after its timeline was closed: its buffer is kept until it has returned. */
  @Test
  void aJobWhoseTimelineIsClosedUnderIt() throws InterruptedException {
    for (int i = 0; i < TIMES; i++) {
      Timeline timeline = pool.sync().timeline("jobs");
      SharedBuffer buffer = pool.tryAcquire(64);
      assertNotNull(buffer, "round " + i);
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      AtomicReference<Thread> worker = new AtomicReference<>();
      Fence fence =
          Jobs.on(timeline, task -> worker.set(Thread.startVirtualThread(task)))
              .awaitSubmit(
                  Job.of(
                          "goes on",
                          () -> {
                            begun.countDown();
                            goOn.await();
                          })
                      .writing(buffer.reservation()),
                  BOUND);
      buffer.close();
      begun.await();
      timeline.close();
      assertTrue(fence.await(BOUND));
      assertEquals(Kind.ISSUER_CLOSED, fence.error().orElseThrow().kind());
      assertNull(pool.tryAcquire(64), "its work goes on");
      goOn.countDown();
      join(worker.get());
    }
  }

  // ---------------------------------------------------------------- timelines

  @Test
  void aTimelineThatIsClosed() {
    for (int i = 0; i < TIMES; i++) {
      Production production = new Production();
      if (i % 2 == 0) {
        production.waiting.awaitWaiting();
      }
      production.timeline.close();
      production.hasEndedWith(Kind.ISSUER_CLOSED);
    }
  }

  /** In batches: a pool has so many timelines at a time, and the collector takes its time. */
  @Test
  void aTimelineThatIsCollected() {
    int batch = TIMES / 5;
    try (BufferPool many = BufferPool.offHeap("many", 64, batch)) {
      for (int done = 0; done < TIMES; done += batch) {
        List<Fence> pending = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
          // The ends of the batch before may be a moment behind its settling.
          SharedBuffer buffer = many.acquire(64, BOUND.toSeconds(), TimeUnit.SECONDS);
          assertNotNull(buffer);
          Fence fence = many.sync().timeline("lost").next();
          buffer.reservation().add(fence, Usage.WRITE);
          buffer.close();
          pending.add(fence);
        }
        var waiting = Elsewhere.start(() -> pending.stream().allMatch(fence -> fence.await(BOUND)));
        Elsewhere.await(
            "the lost timelines are found",
            () -> {
              System.gc();
              return pending.stream().allMatch(fence -> fence.await(Duration.ofMillis(10)));
            });
        assertTrue(waiting.result());
        for (Fence fence : pending) {
          assertEquals(Kind.ISSUER_LOST, fence.error().orElseThrow().kind());
        }
        assertNull(many.tryAcquire(64), "whoever has lost them may still write");
        assertEquals(batch, settled(many, batch));
      }
    }
  }

  /** A timeline can be settled when its end is complete, a moment after its fences are signaled. */
  private static int settled(BufferPool many, int expected) {
    AtomicInteger settled = new AtomicInteger();
    Elsewhere.await(
        "all are settled", () -> settled.addAndGet(many.sync().settle("lost")) >= expected);
    return settled.get();
  }

  // ---------------------------------------------------------------- callbacks and agents

  @Test
  void callbacksThatThrow() {
    AtomicInteger thrown = new AtomicInteger();
    Thread producer =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((alive, fault) -> thrown.incrementAndGet())
            .start(() -> {
              for (int i = 0; i < TIMES; i++) {
                Production production = new Production();
                AtomicInteger ran = new AtomicInteger();
                for (int callback = 0; callback < 3; callback++) {
                  int number = callback;
                  production.fence.onSignal(() -> {
                    ran.incrementAndGet();
                    throw new IllegalStateException("callback " + number);
                  });
                }
                production.timeline.close();
                production.hasEndedWith(Kind.ISSUER_CLOSED);
                assertEquals(3, ran.get());
              }
            });
    join(producer);
    assertEquals(3 * TIMES, thrown.get(), "each has thrown, and nothing else");
  }

  /** A producer on a duty cycle, which is stopped, or stops itself, in the middle of its work. */
  @Test
  void agentsThatAreStopped() {
    for (int i = 0; i < TIMES; i++) {
      Production production = new Production();
      AtomicInteger faults = new AtomicInteger();
      boolean stopsItself = i % 2 == 0;
      AgentInvoker invoker =
          new AgentInvoker(
              fault -> faults.incrementAndGet(), null, agent(production.timeline, stopsItself));
      invoker.start();
      invoker.invoke();
      assertEquals(stopsItself, invoker.isClosed());
      invoker.close();
      production.hasEndedWith(Kind.ISSUER_CLOSED);
      assertEquals(stopsItself ? 1 : 0, faults.get());
    }
  }

  private static Agent agent(Timeline timeline, boolean stopsItself) {
    return new Agent() {
      @Override
      public int doWork() {
        if (stopsItself) {
          throw new AgentTerminationException("broken");
        }
        return 0;
      }

      @Override
      public void onClose() {
        timeline.close();
      }

      @Override
      public String roleName() {
        return "producer";
      }
    };
  }

  /** When even the watchdog is stopped, a wait has its own deadline. */
  @Test
  void watchdogsThatAreStopped() {
    for (int i = 0; i < TIMES; i++) {
      Production production = new Production();
      AgentInvoker watchdog =
          new AgentInvoker(
              fault -> {
                throw new AssertionError(fault);
              },
              null,
              FenceWatchdog.create(BOUND.multipliedBy(2)));
      watchdog.start();
      watchdog.invoke();
      watchdog.close();
      assertFalse(production.fence.await(Duration.ofNanos(1_000)));
      assertNull(pool.tryAcquire(64), "the producer is at work");
      production.timeline.signal(production.fence.point());
      assertTrue(production.waiting.result());
      production.timeline.close();
    }
  }

  private static void join(Thread thread) {
    Elsewhere.run(() -> {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    });
  }
}
