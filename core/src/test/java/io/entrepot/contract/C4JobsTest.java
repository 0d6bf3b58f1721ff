package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceError.Kind;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.FenceWatchdog;
import io.entrepot.sync.Job;
import io.entrepot.sync.Jobs;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** C4: the fence of a job is signaled whatever becomes of the job. */
class C4JobsTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final BufferPool pool = BufferPool.offHeap("pool", 64, 3);
  private final Timeline timeline = pool.sync().timeline("jobs");
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Jobs jobs = Jobs.on(timeline, executor);
  private final SignalableFence input = SignalableFence.create("input");

  @AfterEach
  void nothingIsLeft() {
    input.close();
    executor.close();
    assertEquals(0, jobs.pending());
    timeline.close();
    pool.close();
  }

  private static Optional<FenceError> outcome(Fence fence) {
    assertTrue(fence.await(LONG));
    return fence.error();
  }

  private static Kind kind(Fence fence) {
    return outcome(fence).orElseThrow().kind();
  }

  // ---------------------------------------------------------------- submission

  @Test
  void theFenceIsPublishedBeforeTheWorkBegins() {
    try (SharedBuffer source = pool.tryAcquire(64);
        SharedBuffer target = pool.tryAcquire(64)) {
      List<String> seen = new ArrayList<>();
      Fence fence =
          jobs.awaitSubmit(
              Job.of(
                      "copy",
                      () -> {
                        seen.add(source.reservation().snapshot(Usage.READ).toString());
                        seen.add(target.reservation().snapshot(Usage.WRITE).toString());
                      })
                  .reading(source.reservation())
                  .writing(target.reservation()),
              LONG);
      assertEquals(Optional.empty(), outcome(fence));
      assertEquals(List.of("{READ jobs:1}", "{WRITE jobs:1}"), seen);
      assertTrue(target.reservation().isSignaled(Usage.BOOKKEEP));
    }
  }

  @Test
  void noThreadIsTakenWhileDependenciesArePending() {
    AtomicInteger executed = new AtomicInteger();
    Timeline other = pool.sync().timeline("other");
    Jobs counted =
        Jobs.on(
            other,
            task -> {
              executed.incrementAndGet();
              executor.execute(task);
            });
    try (SharedBuffer buffer = pool.tryAcquire(64)) {
      Fence first =
          jobs.awaitSubmit(
              Job.of("write", () -> {}).after(input.fence()).writing(buffer.reservation()), LONG);
      Fence second =
          counted.awaitSubmit(Job.of("read", () -> {}).reading(buffer.reservation()), LONG);
      assertEquals(0, executed.get());
      assertFalse(first.isSignaled() || second.isSignaled());
      assertEquals(1, counted.pending());
      input.signal();
      assertEquals(Optional.empty(), outcome(second));
      assertEquals(1, executed.get());
    }
    other.close();
  }

  @Test
  void fencesAreSignaledInTheOrderOfSubmission() {
    Fence first = jobs.awaitSubmit(Job.of("first", () -> {}).after(input.fence()), LONG);
    CountDownLatch ran = new CountDownLatch(1);
    Fence second =
        jobs.awaitSubmit(
            Job.of(
                "second",
                () -> {
                  ran.countDown();
                  throw new IllegalStateException("disk");
                }),
            LONG);
    assertTrue(Elsewhere.call(() -> ran.await(60, TimeUnit.SECONDS)));
    assertFalse(second.isSignaled(), "it is over, and the first is not");
    input.signal();
    assertEquals(Optional.empty(), outcome(first));
    assertEquals(Kind.FAILED, kind(second));
  }

  @Test
  void whatCannotBeSubmittedIsNoJob() {
    SharedBuffer buffer = pool.tryAcquire(64);
    Reservation fences = buffer.reservation();
    try (ReservationSet other = ReservationSet.on(timeline)) {
      assertTrue(other.awaitTake(fences, Usage.WRITE, LONG));
      Job job = Job.of("late", () -> {}).writing(fences);
      assertNull(jobs.awaitSubmit(job, Duration.ZERO));
      assertTrue(
          Elsewhere.call(() -> {
            Thread.currentThread().interrupt();
            return jobs.awaitSubmit(job, LONG) == null && Thread.interrupted();
          }));
    }
    buffer.close();
    assertThrows(
        IllegalStateException.class,
        () -> jobs.awaitSubmit(Job.of("released", () -> {}).reading(fences), LONG));
    Timeline foreign = SyncDomain.create(1).timeline("foreign");
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Jobs.on(foreign, executor)
                .awaitSubmit(Job.of("foreign", () -> {}).reading(fences), LONG));
    assertEquals(0, jobs.pending());
    assertEquals(Optional.empty(), outcome(jobs.awaitSubmit(Job.of("next", () -> {}), LONG)));
  }

  @Test
  void oneThreadAtATimeSubmits() {
    AtomicReference<Throwable> refused = new AtomicReference<>();
    AtomicBoolean isSubmitting = new AtomicBoolean();
    Job two = Job.of("two", () -> {});
    // Asked by the submission, whether its point is signaled.
    FenceIssuer asked =
        new FenceIssuer() {
          @Override
          public long completed() {
            if (isSubmitting.compareAndSet(true, false)) {
              Elsewhere.run(() ->
                  refused.set(
                      assertThrows(
                          IllegalStateException.class, () -> jobs.awaitSubmit(two, LONG))));
            }
            return 0;
          }
        };
    try (Timeline lazy = pool.sync().timeline("lazy", asked);
        SharedBuffer buffer = pool.tryAcquire(64)) {
      buffer.reservation().add(lazy, lazy.issue(), Usage.WRITE);
      isSubmitting.set(true);
      Fence fence = jobs.awaitSubmit(Job.of("one", () -> {}).reading(buffer.reservation()), LONG);
      assertTrue(refused.get().getMessage().contains("'jobs'"), refused.get().getMessage());
      lazy.signal(lazy.issued());
      assertEquals(Optional.empty(), outcome(fence));
    }
  }

  @Test
  void workThatRunsInTheSubmittingThreadMaySubmit() {
    Timeline own = pool.sync().timeline("own");
    Jobs direct = Jobs.on(own, Runnable::run);
    AtomicReference<Fence> inner = new AtomicReference<>();
    Fence outer =
        direct.awaitSubmit(
            Job.of("outer", () -> inner.set(direct.awaitSubmit(Job.of("in", () -> {}), LONG))),
            LONG);
    assertEquals(Optional.empty(), outcome(outer));
    assertEquals(Optional.empty(), outcome(inner.get()));
    own.close();
  }

  // ---------------------------------------------------------------- errors

  @Test
  void whatTheWorkThrowsIsTheErrorOfItsFence() {
    record Case(Exception thrown, Kind kind) {}
    for (Case one :
        List.of(
            new Case(new IllegalStateException("disk"), Kind.FAILED),
            new Case(new TimeoutException("late"), Kind.TIMED_OUT),
            new Case(new InterruptedException("stop"), Kind.CANCELLED),
            new Case(new CancellationException("stop"), Kind.CANCELLED))) {
      Fence fence =
          jobs.awaitSubmit(
              Job.of(
                  "throws",
                  () -> {
                    throw one.thrown;
                  }),
              LONG);
      assertEquals(one.kind, kind(fence));
      assertTrue(fence.error().orElseThrow().message().contains(one.thrown.getMessage()));
    }
  }

  @Test
  void anErrorEndsTheFenceAndGoesOnToTheExecutor() throws Exception {
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    AtomicReference<Thread> thread = new AtomicReference<>();
    Timeline own = pool.sync().timeline("own");
    Jobs killed =
        Jobs.on(
            own,
            task ->
                thread.set(
                    Thread.ofPlatform()
                        .uncaughtExceptionHandler((dead, thrown) -> uncaught.set(thrown))
                        .start(task)));
    StackOverflowError error = new StackOverflowError("deep");
    Fence fence =
        killed.awaitSubmit(
            Job.of(
                "dies",
                () -> {
                  throw error;
                }),
            LONG);
    assertEquals(Kind.FAILED, kind(fence));
    thread.get().join();
    assertSame(error, uncaught.get());
    own.close();
  }

  /** What users throw may be neither exception nor error, and need not know its own text. */
  @Test
  void whateverTheWorkThrowsItsFenceIsSignaled() {
    for (Throwable odd :
        List.of(
            new Odd.Thrown(), new Odd.Mute(), new Odd.Causeless(), new Odd.MuteInterruption())) {
      Timeline own = pool.sync().timeline("own");
      AtomicReference<Throwable> uncaught = new AtomicReference<>();
      Jobs threads =
          Jobs.on(
              own,
              task ->
                  Thread.ofPlatform()
                      .uncaughtExceptionHandler((dead, thrown) -> uncaught.set(thrown))
                      .start(task));
      Fence fence = threads.awaitSubmit(Job.of("throws", () -> Odd.sneak(odd)), LONG);
      Kind kind = odd instanceof InterruptedException ? Kind.CANCELLED : Kind.FAILED;
      assertEquals(kind, kind(fence), odd.getClass().getName());
      assertTrue(fence.error().orElseThrow().message().contains("Odd"));
      own.close();
    }
  }

  @Test
  void whateverTheExecutorRefusesWithTheFenceIsSignaled() {
    try (Timeline own = pool.sync().timeline("own")) {
      Fence fence =
          Jobs.on(own, task -> Odd.sneak(new Odd.Mute()))
              .awaitSubmit(Job.of("never", () -> {}), LONG);
      assertEquals(Kind.CANCELLED, kind(fence));
    }
  }

  @Test
  void aJobWhoseDependencyFailsEndsWithItsErrorAndDoesNotRun() {
    FenceError disk = FenceError.failed("disk");
    AtomicInteger runs = new AtomicInteger();
    Job job = Job.of("after", runs::incrementAndGet).after(Fence.signaled(), input.fence());
    Fence waiting = jobs.awaitSubmit(job, LONG);
    input.signal(disk);
    assertEquals(Optional.of(disk), outcome(waiting));
    assertEquals(
        Optional.of(disk), outcome(jobs.awaitSubmit(job, LONG)), "one that had failed before");
    assertEquals(0, runs.get());
    assertEquals(Optional.empty(), outcome(jobs.awaitSubmit(job.evenAfterErrors(), LONG)));
    assertEquals(1, runs.get());
  }

  @Test
  void aJobThatTheExecutorRefusesIsCancelled() {
    try (Timeline own = pool.sync().timeline("own");
        SharedBuffer buffer = pool.tryAcquire(64)) {
      Executor refusing =
          task -> {
            throw new RejectedExecutionException("shut down");
          };
      Fence fence =
          Jobs.on(own, refusing)
              .awaitSubmit(
                  Job.of("never", () -> {}).after(input.fence()).writing(buffer.reservation()),
                  LONG);
      assertFalse(fence.isSignaled());
      input.signal();
      assertEquals(Kind.CANCELLED, kind(fence));
      assertTrue(fence.error().orElseThrow().message().contains("shut down"));
    }
  }

  @Test
  void aJobThatTheExecutorForgetsIsCancelled() {
    Timeline own = pool.sync().timeline("own");
    Fence fence = Jobs.on(own, task -> {}).awaitSubmit(Job.of("forgotten", () -> {}), LONG);
    Elsewhere.await(
        "the dropped job is signaled",
        () -> {
          System.gc();
          return fence.await(Duration.ofMillis(10));
        });
    assertEquals(Kind.CANCELLED, kind(fence));
    own.close();
  }

  /** Nor does the job keep what it was handed to, nor the work what it refers to. */
  @Test
  void aJobThatIsForgottenWithItsExecutorIsCancelled() {
    try (Timeline own = pool.sync().timeline("own")) {
      Fence fence = queuedAndForgotten(own);
      Elsewhere.await(
          "the dropped job is signaled",
          () -> {
            System.gc();
            return fence.await(Duration.ofMillis(10));
          });
      assertEquals(Kind.CANCELLED, kind(fence));
    }
  }

  private static Fence queuedAndForgotten(Timeline own) {
    Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
    return Jobs.on(own, queue::add).awaitSubmit(Job.of("forgotten", queue::clear), LONG);
  }

  // ---------------------------------------------------------------- the timeline's end

  @Test
  void anEndedTimelineEndsWaitingAndKeepsTheBuffersOfRunningWork() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Timeline own = pool.sync().timeline("own");
    Jobs ended = Jobs.on(own, executor);
    SharedBuffer buffer = pool.tryAcquire(64);
    Fence running =
        ended.awaitSubmit(
            Job.of(
                    "running",
                    () -> {
                      begun.countDown();
                      goOn.await();
                    })
                .writing(buffer.reservation()),
            LONG);
    AtomicInteger runs = new AtomicInteger();
    Fence waiting =
        ended.awaitSubmit(Job.of("waiting", runs::incrementAndGet).after(input.fence()), LONG);
    begun.await();
    buffer.close();
    FenceWatchdog watchdog = FenceWatchdog.create(Duration.ofNanos(1));
    watchdog.watch(own);
    while (watchdog.doWork() == 0) {
      Thread.onSpinWait();
    }
    assertEquals(Kind.TIMED_OUT, kind(running));
    assertEquals(Kind.TIMED_OUT, kind(waiting));
    List<SharedBuffer> others = List.of(pool.tryAcquire(64), pool.tryAcquire(64));
    assertNull(pool.acquire(64, 5, TimeUnit.MILLISECONDS), "its work runs");
    goOn.countDown();
    SharedBuffer again = pool.acquire(64, 60, TimeUnit.SECONDS);
    assertNotNull(again, "its work has ended");
    input.signal();
    assertEquals(0, runs.get(), "what had not begun never does");
    Elsewhere.await("it counts no more", () -> ended.pending() == 0);
    assertThrows(
        IllegalStateException.class, () -> ended.awaitSubmit(Job.of("late", () -> {}), LONG));
    again.close();
    others.forEach(SharedBuffer::close);
  }

  /** What a job waits for may be pending for as long as the program runs. */
  @Test
  void aJobThatNeverRunsIsNotKeptByWhatItHasWaitedFor() {
    Timeline own = pool.sync().timeline("own");
    Jobs ended = Jobs.on(own, executor);
    int[] frame = new int[1];
    WeakReference<int[]> kept = new WeakReference<>(frame);
    Fence fence = ended.awaitSubmit(jobOver(frame).after(input.fence()), LONG);
    frame = null;
    own.close();
    assertEquals(Kind.ISSUER_CLOSED, kind(fence));
    Elsewhere.await(
        "the job's frame is collected",
        () -> {
          System.gc();
          return kept.get() == null;
        });
    assertFalse(input.fence().isSignaled());
  }

  private static Job jobOver(int... frame) {
    return Job.of("works on a frame", () -> frame[0]++);
  }

  // ---------------------------------------------------------------- many

  /** Each signal starts the next job, on the thread that signals. */
  @Test
  void aLongChainOfJobsInTheSignalingThreadDoesNotNest() {
    Timeline own = pool.sync().timeline("own");
    Jobs direct = Jobs.on(own, Runnable::run);
    AtomicInteger runs = new AtomicInteger();
    Fence last = input.fence();
    int count = 20_000;
    for (int i = 0; i < count; i++) {
      int turn = i;
      last =
          direct.awaitSubmit(
              Job.of("link", () -> assertTrue(runs.compareAndSet(turn, turn + 1))).after(last),
              LONG);
    }
    input.signal();
    assertEquals(Optional.empty(), outcome(last));
    assertEquals(count, runs.get());
    own.close();
  }

  /** Two streams over three buffers: nobody writes beside another, and every write is seen. */
  @Test
  void jobsOfSeveralStreamsNeverMeetInABuffer() {
    SharedBuffer[] buffers = {pool.tryAcquire(64), pool.tryAcquire(64), pool.tryAcquire(64)};
    AtomicInteger[] writers = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
    int[] plain = new int[buffers.length];
    List<Elsewhere<Integer>> streams = new ArrayList<>();
    for (int stream = 0; stream < 2; stream++) {
      int seed = stream;
      streams.add(
          Elsewhere.start(() -> {
            Timeline own = pool.sync().timeline("stream " + seed);
            Jobs mine = Jobs.on(own, executor);
            SplittableRandom random = new SplittableRandom(seed);
            Fence last = Fence.signaled();
            for (int i = 0; i < 2_000; i++) {
              int from = random.nextInt(buffers.length);
              int to = (from + 1 + random.nextInt(buffers.length - 1)) % buffers.length;
              Job job =
                  Job.of(
                          "job " + i,
                          () -> {
                            assertEquals(0, writers[from].get(), "read beside a writer");
                            assertEquals(1, writers[to].incrementAndGet());
                            plain[to]++;
                            assertEquals(0, writers[to].decrementAndGet());
                          })
                      .reading(buffers[from].reservation())
                      .writing(buffers[to].reservation());
              last = mine.awaitSubmit(job, LONG);
              assertNotNull(last);
              if (i % 64 == 0) {
                assertEquals(Optional.empty(), outcome(last));
              }
            }
            assertEquals(Optional.empty(), outcome(last));
            own.close();
            return (int) last.point();
          }));
    }
    streams.forEach(Elsewhere::result);
    assertEquals(4_000, plain[0] + plain[1] + plain[2], "no write is lost");
    for (SharedBuffer buffer : buffers) {
      buffer.close();
    }
  }
}
