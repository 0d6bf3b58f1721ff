package io.entrepot.internal.flow;

import io.entrepot.flow.FeedWriter;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.IdleStrategy;

/**
 * The place of a feed's writer, of whom there is one at a time: each goes on with the numbers of
 * the one before.
 *
 * <p>It is taken, given back and closed by a CAS each, which is the linearization point.
 */
final class WriterSeat {
  private static final Object CLOSED = new Object();

  private final RingBroadcast feed;
  private final PoolCore pool;

  /** The open writer, {@code null}, or {@link #CLOSED}. */
  private final AtomicReference<Object> writer = new AtomicReference<>();

  /** Number of the next frame while there is no writer: each goes on where the last one ended. */
  private volatile long sequence;

  /** Nobody's yet. */
  WriterSeat(RingBroadcast feed) {
    this.feed = feed;
    this.pool = feed.pool();
  }

  /** A writer with an attachment of its own, through which it views. */
  FeedWriter open(IdleStrategy idle) {
    return open(Importer.viewing(feed.name() + " writer", Access.WRITE), idle);
  }

  /** A writer with an attachment of its own. */
  FeedWriter open(Importer importer, IdleStrategy idle) {
    feed.checkOpen();
    PoolAttachment attachment = pool.attach(importer);
    try {
      return open(attachment, true, idle);
    } catch (RuntimeException notOpened) {
      attachment.close();
      throw notOpened;
    }
  }

  /**
   * A writer.
   *
   * @param ownsAttachment whether the attachment goes with it
   * @param idle what it does when it waits; {@code null} to park
   */
  FeedWriter open(PoolAttachment attachment, boolean ownsAttachment, IdleStrategy idle) {
    feed.checkOpen();
    if (writer.get() != null) {
      pool.reap();
    }
    RingWriter opened = new RingWriter(feed, attachment, ownsAttachment, idle);
    if (!writer.compareAndSet(null, opened)) {
      opened.discard();
      feed.checkOpen();
      throw new IllegalStateException("feed '" + feed.name() + "' has a writer already");
    }
    opened.begin(sequence);
    feed.writerOpened();
    return opened;
  }

  /** The writer is gone, unless it is one that never came to be the writer. */
  void end(RingWriter gone, long nextSequence, Throwable cause) {
    if (writer.get() != gone) {
      return;
    }
    sequence = nextSequence;
    feed.writerEnded(cause);
    writer.compareAndSet(gone, null);
    feed.published().signal();
  }

  /** Nobody writes any more; throws when there is a writer. */
  void close() {
    pool.reap();
    if (!writer.compareAndSet(null, CLOSED)) {
      throw new IllegalStateException(
          "feed '" + feed.name() + "' has an open writer; close it first");
    }
  }
}
