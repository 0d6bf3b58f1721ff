package io.entrepot.benchmarks;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/**
 * One end of Aeron IPC: messages of {@value #MESSAGE_BYTES} bytes out on one stream and in on
 * another, claimed in place, both ends spinning.
 *
 * <p>The media driver is no party to a message. Its one thread looks after the streams once in a
 * millisecond and sleeps otherwise, so that on a machine of two cores it stays out of the way; the
 * window of 8 MiB holds far more than is sent in that time.
 */
final class AeronLink implements AutoCloseable {
  static final int MESSAGE_BYTES = 64;

  /** Streams, as the side that asks sees them. */
  static final int THERE = 1;

  static final int BACK = 2;

  private static final int TERM_BYTES = 16 << 20;
  private static final String CHANNEL = "aeron:ipc";

  /** What is shorter is the last one. */
  private static final int LAST_BYTES = 8;

  private final ExclusivePublication out;
  private final Subscription in;
  private final BufferClaim claim = new BufferClaim();
  private final FragmentHandler taking = this::take;
  private Image image;
  private long sum;
  private long messages;
  private boolean over;

  AeronLink(Aeron aeron, int outStream, int inStream) {
    out = aeron.addExclusivePublication(CHANNEL, outStream);
    in = aeron.addSubscription(CHANNEL, inStream);
  }

  /** A driver in this process, with a directory of its own that goes with it. */
  static MediaDriver startDriver() {
    return MediaDriver.launchEmbedded(
        new MediaDriver.Context()
            .threadingMode(ThreadingMode.SHARED)
            .sharedIdleStrategy(new SleepingMillisIdleStrategy(1))
            .ipcTermBufferLength(TERM_BYTES)
            .dirDeleteOnShutdown(true));
  }

  /** A client of a driver. */
  static Aeron connect(String directory) {
    return Aeron.connect(new Aeron.Context().aeronDirectoryName(directory));
  }

  /** Waits until the other end is there. */
  void awaitOther() {
    while (in.hasNoImages() || !out.isConnected()) {
      Thread.onSpinWait();
    }
    image = in.imageAtIndex(0);
  }

  private void claim(int bytes) {
    long position = out.tryClaim(bytes, claim);
    while (position < 0) {
      if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
        throw new IllegalStateException("the publication said " + position);
      }
      Thread.onSpinWait();
      position = out.tryClaim(bytes, claim);
    }
  }

  /** Sends a message that nobody has written to. */
  void send() {
    claim(MESSAGE_BYTES);
    claim.commit();
  }

  /** Sends a message that begins with a number. */
  void send(long number) {
    claim(MESSAGE_BYTES);
    claim.buffer().putLong(claim.offset(), number);
    claim.commit();
  }

  /** Tells the other end that no more comes. */
  void sendLast() {
    claim(LAST_BYTES);
    claim.commit();
  }

  /** Waits for a message; false when it was the last. */
  boolean take() {
    while (image.poll(taking, 1) == 0) {
      Thread.onSpinWait();
    }
    return !over;
  }

  private void take(DirectBuffer buffer, int offset, int bytes, Header header) {
    over = bytes == LAST_BYTES;
  }

  /** Takes messages until the last, up to so many at a time, and adds up their numbers. */
  void takeAll(int atATime) {
    FragmentHandler adding = this::add;
    while (!over) {
      if (image.poll(adding, atATime) == 0) {
        Thread.onSpinWait();
      }
    }
  }

  private void add(DirectBuffer buffer, int offset, int bytes, Header header) {
    over = bytes == LAST_BYTES;
    if (!over) {
      sum += buffer.getLong(offset);
      messages++;
    }
  }

  /** What {@link #takeAll} took. */
  Tally tally() {
    return new Tally(messages, sum);
  }

  @Override
  public void close() {
    in.close();
    out.close();
  }
}
