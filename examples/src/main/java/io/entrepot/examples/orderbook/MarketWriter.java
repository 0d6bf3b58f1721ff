package io.entrepot.examples.orderbook;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.FeedWriter;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.IdleStrategy;

/** The writing thread: encodes into a buffer of the pool, stamps it, publishes it. */
final class MarketWriter implements Callable<AllocationMeter> {
  private final Broadcast feed;
  private final Plan plan;
  private final Market market;
  private final IdleStrategy idle;
  private final MarketEncoder encoder = new MarketEncoder();

  MarketWriter(Broadcast feed, Plan plan, Market market, IdleStrategy idle) {
    this.feed = feed;
    this.plan = plan;
    this.market = market;
    this.idle = idle;
  }

  @Override
  public AllocationMeter call() throws TimeoutException {
    var meter = new AllocationMeter(plan.windows());
    try (FeedWriter writer = feed.writer(idle)) {
      long dueNs = 0;
      for (long frame = 0; frame < plan.frames(); frame++) {
        if (plan.isWindowEdge(frame)) {
          meter.mark();
        }
        if (frame == plan.warmupFrames()) {
          dueNs = System.nanoTime();
        }
        if (frame >= plan.warmupFrames()) {
          awaitTime(dueNs);
          dueNs += plan.framePeriodNs();
        }
        write(writer);
      }
      meter.mark();
    }
    return meter;
  }

  private void write(FeedWriter writer) throws TimeoutException {
    WritableView slot = writer.acquire(MarketReader.PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (slot == null) {
      throw new TimeoutException("no buffer within " + MarketReader.PATIENCE_SECONDS + " s");
    }
    encoder.begin(slot);
    for (int message = 0; message < plan.messagesPerFrame(); message++) {
      market.next(encoder);
    }
    writer.valid(0, encoder.length());
    writer.publish(System.nanoTime());
  }

  private void awaitTime(long dueNs) {
    idle.reset();
    while (System.nanoTime() - dueNs < 0) {
      idle.idle();
    }
  }
}
