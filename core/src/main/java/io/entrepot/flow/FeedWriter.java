package io.entrepot.flow;

import io.entrepot.internal.flow.RingWriter;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;

/**
 * The writing end of a {@link Broadcast}.
 *
 * <p><b>Threads.</b> Bound to the thread that opened it.
 *
 * <p><b>Memory effects.</b> What was written to a buffer before it was published happens-before
 * what a reader does after it got the frame.
 */
public sealed interface FeedWriter extends AutoCloseable permits RingWriter {

  /**
   * Takes a free buffer and maps it for writing. Waits while the pool is empty, or while a {@link
   * Overflow#BLOCK} reader has no room; a pool that is empty because {@link Overflow#DROP_OLDEST}
   * readers have not read is refilled from their oldest frames.
   *
   * <p>A buffer that was acquired before and not published is given back.
   *
   * @return this writer's flyweight over the buffer, or {@code null} when the time was over
   */
  WritableView acquire(long timeout, TimeUnit unit);

  /** Says how the bytes of the acquired buffer, and of those after it, make a picture. */
  void layout(FrameLayout layout);

  /** Says which bytes of the acquired buffer are valid; all of them unless said. */
  void valid(long offset, long length);

  /** Publishes the acquired buffer with time stamp 0. */
  default void publish() {
    publish(0);
  }

  /**
   * Publishes the acquired buffer: unmaps it and hands it to the readers.
   *
   * @param timestamp in the producer's unit
   * @throws IllegalStateException when no buffer is acquired
   */
  void publish(long timestamp);

  /**
   * Publishes a buffer that was acquired from the pool, by whatever thread, and filled. Consumes
   * the reference on success only.
   *
   * @param timestamp in the producer's unit
   * @return false when a BLOCK reader had no room in time; the reference is still the caller's
   */
  boolean publish(
      SharedBuffer buffer, FrameLayout layout, long timestamp, long timeout, TimeUnit unit);

  /** The attachment of this writer's importer, to lease buffers or map them otherwise. */
  Attachment attachment();

  /** Ends the feed with an error that readers get after the frames published so far. */
  void fail(Throwable cause);

  /** Ends the feed: readers see the end after the frames published so far. Twice is harmless. */
  @Override
  void close();
}
