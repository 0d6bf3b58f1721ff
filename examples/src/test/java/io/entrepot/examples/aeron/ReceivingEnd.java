package io.entrepot.examples.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aeron.Subscription;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Pool, feed, receiver and a reader that checks, all of the test's thread. */
final class ReceivingEnd implements AutoCloseable {
  static final int BUFFERS = 4;

  final FrameReceiver receiver;
  final List<String> log = new ArrayList<>();

  /** Numbers of the frames that were read. */
  final List<Long> read = new ArrayList<>();

  final BufferPool pool;
  private final Broadcast feed;
  private final FeedReader reader;
  private final FramePort port;

  ReceivingEnd(Subscription subscription, long bufferBytes, Duration holdUp, Duration patience) {
    pool = BufferPool.offHeap("here", bufferBytes, BUFFERS);
    feed = pool.broadcast("here");
    reader = feed.join("reader", Access.READ, Overflow.BLOCK, BUFFERS);
    port = reader.open();
    receiver = new FrameReceiver(subscription, feed, holdUp, patience, log::add);
    receiver.onStart();
  }

  ReceivingEnd(Subscription subscription, long bufferBytes) {
    this(subscription, bufferBytes, TestNetwork.PATIENCE, TestNetwork.PATIENCE);
  }

  /** Reads the frames that are there, and checks that each is what its number says. */
  int readAll() {
    int count = 0;
    while (port.next(0, TimeUnit.NANOSECONDS) instanceof View frame) {
      long number = port.timestamp();
      assertEquals(NumberedFrames.offset(number), port.validOffset());
      if (port.validLength() >= NumberedFrames.MIN_BYTES) {
        assertEquals(number, NumberedFrames.check(frame, port.validOffset(), port.validLength()));
      } else {
        for (long at = 0; at < port.validLength(); at++) {
          assertEquals((byte) number, frame.getByte(port.validOffset() + at));
        }
      }
      read.add(number);
      count++;
    }
    port.unmap();
    return count;
  }

  /** One turn of everything on this side. */
  int work() {
    return receiver.doWork() + readAll();
  }

  FrameAssembler.Received received() {
    return receiver.received();
  }

  @Override
  public void close() {
    receiver.onClose();
    port.close();
    reader.close();
    feed.close();
    pool.close(); // says who holds what, if anybody does
  }
}
