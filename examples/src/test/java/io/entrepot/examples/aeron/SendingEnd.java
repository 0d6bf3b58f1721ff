package io.entrepot.examples.aeron;

import io.aeron.ExclusivePublication;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Pool, feed, writer and sender, all of the test's thread. */
final class SendingEnd implements AutoCloseable {
  static final int BUFFERS = 8;
  static final int DEPTH = 4;

  final BufferPool pool;
  final Broadcast feed;
  final FeedReader reader;
  final FrameSender sender;
  private final FeedWriter writer;
  private final NumberedFrames frames = new NumberedFrames(1);
  private long number;

  SendingEnd(
      ExclusivePublication publication,
      long bufferBytes,
      Importer importer,
      Overflow overflow,
      Duration patience) {
    pool = BufferPool.offHeap("there", bufferBytes, BUFFERS);
    feed = pool.broadcast("there");
    reader = feed.join(importer, overflow, DEPTH, Division.EACH);
    sender = new FrameSender(reader, publication, patience);
    sender.onStart();
    writer = feed.writer();
  }

  SendingEnd(
      ExclusivePublication publication, long bufferBytes, Overflow overflow, Duration patience) {
    this(publication, bufferBytes, Importer.viewing("sender", Access.READ), overflow, patience);
  }

  SendingEnd(ExclusivePublication publication, long bufferBytes) {
    this(publication, bufferBytes, Overflow.BLOCK, TestNetwork.PATIENCE);
  }

  /** Publishes the next frame if there is a buffer, with its number as time stamp. */
  boolean offer(int length) {
    WritableView slot = writer.acquire(0, TimeUnit.NANOSECONDS);
    if (slot == null) {
      return false;
    }
    if (length >= NumberedFrames.MIN_BYTES) {
      frames.fill(slot, number, length);
    } else {
      slot.fill(NumberedFrames.offset(number), length, (byte) number);
    }
    writer.valid(NumberedFrames.offset(number), length);
    writer.publish(number++);
    return true;
  }

  /** The next frame's number. */
  long number() {
    return number;
  }

  /** No more frames. */
  void end() {
    writer.close();
  }

  @Override
  public void close() {
    sender.onClose();
    writer.close();
    feed.close();
    pool.close(); // says who holds what, if anybody does
  }
}
