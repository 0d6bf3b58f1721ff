package io.entrepot.examples.aeron;

import io.aeron.Subscription;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.agrona.concurrent.IdleStrategy;

/**
 * The receiving end, a process of its own: a thread that receives frames into a pool, and one that
 * verifies them there. Its properties are those of {@link Plan}.
 */
public final class ReceivingProcess {
  /** Where the result goes, in the directory for the report. */
  static final String RESULT = "received.json";

  /**
   * What this end has come to.
   *
   * @param received off the network
   * @param dropped frames that the reader has not seen
   * @param frames that it has seen
   * @param damaged of those
   * @param outOfOrder of those
   * @param measuredBytes of the frames at full speed
   * @param measuredNs from the first of those to the last
   * @param fullSpeed ages of those
   * @param paced ages of the frames at a rate
   * @param allocated bytes, by the receiving thread, in each window of the measured frames
   * @param buffers of the pool
   * @param freeAtEnd of those
   */
  record Result(
      FrameAssembler.Received received,
      long dropped,
      long frames,
      long damaged,
      long outOfOrder,
      long measuredBytes,
      long measuredNs,
      Percentiles fullSpeed,
      Percentiles paced,
      long[] allocated,
      int buffers,
      int freeAtEnd) {}

  private ReceivingProcess() {}

  /** Receives until a sender has ended, writes the result. */
  public static void main(String[] args)
      throws IOException, ExecutionException, InterruptedException {
    EndProcess.run(
        RESULT,
        (plan, network) -> {
          try (Subscription subscription = network.subscribe(plan.channel(), plan.stream())) {
            return receive(plan, subscription);
          }
        });
  }

  private static Result receive(Plan plan, Subscription subscription)
      throws ExecutionException, InterruptedException {
    try (BufferPool pool = BufferPool.offHeap("arrivals", plan.bufferBytes(), plan.buffers())) {
      var allocated = AllocationWindows.of(plan);
      FrameReceiver receiver;
      FeedReader reader;
      FutureTask<FrameVerifier.Verified> verifying;
      try (Broadcast feed = pool.broadcast("arrivals")) {
        reader = feed.join("verifier", Access.READ, Overflow.BLOCK, plan.depth());
        receiver =
            new FrameReceiver(
                subscription, feed, plan.holdUp(), plan.patience(), System.err::println);
        verifying = new FutureTask<>(new FrameVerifier(reader, plan));
        Thread.ofPlatform().name("verifier").start(verifying);
        try {
          run(plan, receiver, allocated);
        } finally {
          receiver.onClose();
          verifying.get();
        }
      }
      FrameVerifier.Verified verified = verifying.get();
      pool.holders(); // takes back what readers have passed
      return new Result(
          receiver.received(),
          reader.dropped(),
          verified.frames(),
          verified.damaged(),
          verified.outOfOrder(),
          verified.measuredBytes(),
          verified.measuredNs(),
          Percentiles.of(verified.fullSpeedNs()),
          Percentiles.of(verified.pacedNs()),
          allocated.bytes(),
          plan.buffers(),
          pool.statistics().free());
    }
  }

  private static void run(Plan plan, FrameReceiver receiver, AllocationWindows allocated) {
    IdleStrategy idle = plan.idle();
    receiver.onStart();
    long lastNs = System.nanoTime();
    while (receiver.ends() == 0) {
      EndProcess.checkGoesOn();
      int messages = receiver.doWork();
      idle.idle(messages);
      allocated.at(receiver.frames());
      long nowNs = System.nanoTime();
      if (messages > 0) {
        lastNs = nowNs;
      } else if (nowNs - lastNs > plan.patience().toNanos()) {
        throw new NetworkException(
            "nothing came on %s, stream %d, for %d s; %d frames were received: does the sender run?"
                .formatted(
                    plan.channel(), plan.stream(), plan.patience().toSeconds(), receiver.frames()));
      }
    }
  }
}
