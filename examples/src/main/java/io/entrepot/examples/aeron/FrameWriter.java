package io.entrepot.examples.aeron;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.FeedWriter;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** The thread that makes the frames: as fast as there are buffers first, then at a rate. */
final class FrameWriter implements Callable<Long> {
  private static final long SEED = 42;

  private final Broadcast feed;
  private final Plan plan;
  private final NumberedFrames frames = new NumberedFrames(SEED);
  private final IdleStrategy idle = new BackoffIdleStrategy();

  FrameWriter(Broadcast feed, Plan plan) {
    this.feed = feed;
    this.plan = plan;
  }

  /** Writes all frames, unless it is interrupted; how many. */
  @Override
  public Long call() throws TimeoutException {
    long number = 0;
    try (FeedWriter writer = feed.writer()) {
      long dueNs = 0;
      for (; number < plan.total() && !isInterrupted(); number++) {
        if (plan.isPaced(number)) {
          dueNs = dueNs == 0 ? System.nanoTime() : dueNs + plan.framePeriodNs();
          awaitTime(dueNs);
        }
        write(writer, number);
      }
    }
    return number;
  }

  private void write(FeedWriter writer, long number) throws TimeoutException {
    WritableView slot = writer.acquire(plan.patience().toNanos(), TimeUnit.NANOSECONDS);
    if (slot == null && isInterrupted()) {
      return;
    }
    if (slot == null) {
      throw new TimeoutException(
          "no buffer within " + plan.patience().toSeconds() + " s: the sender is held up");
    }
    frames.fill(slot, number, plan.frameBytes());
    writer.valid(NumberedFrames.offset(number), plan.frameBytes());
    writer.publish(System.nanoTime());
  }

  private void awaitTime(long dueNs) {
    idle.reset();
    while (System.nanoTime() - dueNs < 0 && !isInterrupted()) {
      idle.idle();
    }
  }

  private static boolean isInterrupted() {
    return Thread.currentThread().isInterrupted();
  }
}
