package io.entrepot.examples.aeron;

import io.aeron.ExclusivePublication;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * The sending end, a process of its own: a thread that writes frames into a pool, and one that
 * sends them. Its properties are those of {@link Plan}.
 */
public final class SendingProcess {
  /** Where the result goes, in the directory for the report. */
  static final String RESULT = "sent.json";

  /**
   * What this end has come to.
   *
   * @param published frames that were written
   * @param dropped of those, at the source
   * @param sent of those, over the network
   * @param allocated bytes, by the sending thread, in each window of the measured frames
   * @param buffers of the pool
   * @param freeAtEnd of those
   */
  record Result(
      long published,
      long dropped,
      FrameSender.Sent sent,
      long[] allocated,
      int buffers,
      int freeAtEnd) {}

  private SendingProcess() {}

  /** Sends all frames, waits until the receiver has gone, writes the result. */
  public static void main(String[] args)
      throws IOException, ExecutionException, InterruptedException {
    EndProcess.run(
        RESULT,
        (plan, network) -> {
          try (ExclusivePublication publication = network.publish(plan.channel(), plan.stream())) {
            return send(plan, publication);
          }
        });
  }

  private static Result send(Plan plan, ExclusivePublication publication)
      throws ExecutionException, InterruptedException {
    try (BufferPool pool = BufferPool.offHeap("frames", plan.bufferBytes(), plan.buffers())) {
      var allocated = AllocationWindows.of(plan);
      FrameSender sender;
      FeedReader reader;
      FutureTask<Long> writing;
      try (Broadcast feed = pool.broadcast("frames")) {
        reader = feed.join(importer(plan), plan.overflow(), plan.depth(), Division.EACH);
        sender = new FrameSender(reader, publication, plan.patience());
        writing = new FutureTask<>(new FrameWriter(feed, plan));
        Thread writer = Thread.ofPlatform().name("writer").start(writing);
        try {
          run(plan, sender, allocated);
        } finally {
          sender.onClose();
          writer.interrupt(); // has no effect on one that is done
          writer.join();
        }
      }
      linger(plan, publication);
      pool.holders(); // takes back what readers have passed
      return new Result(
          writing.get(),
          reader.dropped(),
          sender.sent(),
          allocated.bytes(),
          plan.buffers(),
          pool.statistics().free());
    }
  }

  private static Importer importer(Plan plan) {
    return plan.isOffered()
        ? Importer.accepting(
            "sender", Release.BOUNDED, Need.of(MappingType.CPU_WINDOW, Access.READ))
        : Importer.viewing("sender", Access.READ);
  }

  private static void run(Plan plan, FrameSender sender, AllocationWindows allocated) {
    IdleStrategy idle = plan.idle();
    sender.onStart();
    while (!sender.isDone()) {
      EndProcess.checkGoesOn();
      idle.idle(sender.doWork());
      allocated.at(sender.frames());
    }
  }

  /** An embedded driver that ends takes with it what is still on the way. */
  private static void linger(Plan plan, ExclusivePublication publication) {
    IdleStrategy idle = new BackoffIdleStrategy();
    long startNs = System.nanoTime();
    while (publication.isConnected() && System.nanoTime() - startNs < plan.patience().toNanos()) {
      EndProcess.checkGoesOn();
      idle.idle();
    }
  }
}
