package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.LaneWords;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Jobs of one timeline: {@code JobLane} and {@code SubmittedJob}, as they are.
 *
 * <p><b>Must not be.</b> A job is over and its fence stays pending, or is signaled before an
 * earlier one is over, or tells another job's error; a buffer is given free under running work, or
 * kept when all work has ended.
 *
 * <p><b>Order.</b> A job's state, the queue and the timeline's words are volatile. A job is over
 * before its thread looks at the head of the queue.
 */
class JobsTest {
  private static final String PENDING = "over, and its fence stays pending";
  private static final FenceError.Kind FAILED = FenceError.Kind.FAILED;

  @Test
  void jobsThatEndTogetherAreBothSignaledInOrder() {
    holds(() -> {
      LaneWords jobs = LaneWords.onHeap();
      boolean[] ran = new boolean[1];
      Fence first = jobs.submit(() -> ran[0] = true);
      Fence second =
          jobs.submit(() -> {
            throw new IllegalStateException("disk");
          });
      inParallel(
          () -> jobs.run(0),
          () -> {
            jobs.run(1);
            require(!second.isSignaled() || ran[0], "signaled before an earlier one was over");
          });
      require(first.isSignaled() && second.isSignaled() && jobs.pending() == 0, PENDING);
      require(first.error().isEmpty(), "another's error");
      require(second.error().orElseThrow().kind() == FAILED, "the error is lost");
    });
  }

  @Test
  void workThatEndsWithItsTimelineFreesItsBuffers() {
    holds(() -> {
      LaneWords jobs = LaneWords.onHeap();
      boolean[] isOver = new boolean[1];
      boolean[] early = new boolean[1];
      AtomicInteger runs = new AtomicInteger();
      Fence fence =
          jobs.submit(() -> {
            runs.incrementAndGet();
            early[0] = jobs.isSettled();
            isOver[0] = true;
          });
      inParallel(() -> jobs.run(0), jobs::end);
      require(fence.isSignaled(), PENDING);
      require(!early[0], "given free under running work");
      require(isOver[0] == (runs.get() == 1), "neither run nor cancelled");
      require(jobs.isSettled(), "kept though all work has ended");
    });
  }

  @Test
  void lookBeforeOverPlantedBugIsFound() {
    findsBug(
        PENDING,
        () -> {
          LookBeforeOverPlantedBug jobs = new LookBeforeOverPlantedBug();
          inParallel(() -> jobs.end(0), () -> jobs.end(1));
          require(jobs.words.getVolatile(LookBeforeOverPlantedBug.SIGNALED) == 2, PENDING);
        });
  }

  /** Planted: looks at the head first, and is over, and signals, after that. */
  private static final class LookBeforeOverPlantedBug {
    static final long SIGNALED = 2L * Words.WORD_BYTES;

    final Words words = new HeapWords(3L * Words.WORD_BYTES);

    void end(int job) {
      boolean isHead = words.getVolatile(SIGNALED) == job;
      words.setVolatile((long) job * Words.WORD_BYTES, 1);
      if (isHead) {
        words.setVolatile(SIGNALED, job + 1);
        if (job == 0 && words.getVolatile(Words.WORD_BYTES) == 1) {
          words.setVolatile(SIGNALED, 2);
        }
      }
    }
  }
}
