package io.entrepot.flow;

import io.entrepot.internal.flow.RingWriter;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;

/**
 * The writing end of a {@link Broadcast}.
 *
 * {@snippet class="io.entrepot.flow.FeedExamples" region="write"}
 *
 * <p>What does not write through views, but through a channel, a window or native code, fills
 * buffers of the pool and publishes references to them:
 *
 * {@snippet class="io.entrepot.flow.FeedExamples" region="transfer"}
 *
 * <p>So does who publishes a frame on which work goes on: a {@linkplain SharedBuffer#importFence
 * fence} that the reference was given before it is published is waited for by whoever maps the
 * frame.
 *
 * <p><b>Threads.</b> Bound to the thread that opened it.
 *
 * <p><b>Memory effects.</b> What was written to a buffer before it was published happens-before
 * what a reader does after it got the frame.
 */
public sealed interface FeedWriter extends AutoCloseable permits RingWriter {

  /**
   * Takes a free buffer and maps it for writing. Waits while the pool is empty, or while a {@link
   * Overflow#BLOCK} reader has no room, and evicts readers that stand still meanwhile for longer
   * than the {@linkplain Broadcast#stallLimit stall limit}; a pool that is empty because {@link
   * Overflow#DROP_OLDEST} readers have not read is refilled from their oldest frames.
   *
   * <p>A buffer that was acquired before and not published is given back, as by {@link #abort()}.
   *
   * @param timeout longest time to wait; 0 or less to wait for nothing
   * @param unit of the time
   * @return this writer's flyweight over the buffer, or {@code null} when the time was over
   * @throws IllegalStateException when this writer's importer has not negotiated views for writing
   * @throws io.entrepot.sharing.RevokedException when its access was revoked
   */
  WritableView acquire(long timeout, TimeUnit unit);

  /**
   * Says how the bytes of the acquired buffer, and of those after it, make a picture.
   *
   * @param layout the layout, or {@code null} when they make none
   */
  void layout(FrameLayout layout);

  /**
   * Says which bytes of the acquired buffer are valid; all of them unless said.
   *
   * @param offset first valid byte, 0 or more
   * @param length number of valid bytes; {@code offset + length} is at most the buffer's size
   * @throws IndexOutOfBoundsException when the range is not within the buffer
   * @throws IllegalStateException when no buffer is acquired
   */
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
   * Gives the acquired buffer back instead of publishing it: unmaps it, and no reader sees it. The
   * next frame that is published has its number.
   *
   * @throws IllegalStateException when no buffer is acquired
   */
  void abort();

  /**
   * As {@link #publish(SharedBuffer, FrameLayout, long, long, long, long, TimeUnit)}, with all
   * bytes valid.
   *
   * @param buffer an open reference to a buffer of this feed's pool
   * @param layout how its bytes make a picture, or {@code null}
   * @param timestamp in the producer's unit
   * @param timeout longest time to wait for room in {@link Overflow#BLOCK} readers; 0 or less to
   *     wait for none
   * @param unit of the time
   * @return false when a BLOCK reader had no room in time; the reference is still the caller's
   */
  default boolean publish(
      SharedBuffer buffer, FrameLayout layout, long timestamp, long timeout, TimeUnit unit) {
    return publish(buffer, layout, 0, buffer.byteSize(), timestamp, timeout, unit);
  }

  /**
   * Publishes a buffer that was acquired from the pool, by whatever thread, and filled. Consumes
   * the reference on success only.
   *
   * <p>A buffer that is published already keeps its layout and valid range: somebody may be reading
   * them. It is from its first publication on, whether or not anybody reads the feed, and is
   * written to {@linkplain Port#mapInPlace in place} after that.
   *
   * @param buffer an open reference to a buffer of this feed's pool
   * @param layout how its bytes make a picture, or {@code null}
   * @param validOffset first valid byte, 0 or more
   * @param validLength number of valid bytes; {@code validOffset + validLength} is at most the
   *     buffer's size
   * @param timestamp in the producer's unit
   * @param timeout longest time to wait for room in {@link Overflow#BLOCK} readers; 0 or less to
   *     wait for none
   * @param unit of the time
   * @return false when a BLOCK reader had no room in time; the reference is still the caller's
   * @throws IndexOutOfBoundsException when the range is not within the buffer
   * @throws IllegalArgumentException when the buffer is of another pool
   * @throws io.entrepot.sharing.StaleBufferException when the reference is closed
   * @throws IllegalStateException when the buffer is mapped for writing; nothing was published, and
   *     the reference is still the caller's
   */
  boolean publish(
      SharedBuffer buffer,
      FrameLayout layout,
      long validOffset,
      long validLength,
      long timestamp,
      long timeout,
      TimeUnit unit);

  /** {@return the attachment of this writer's importer, to lease buffers or map them otherwise} */
  Attachment attachment();

  /**
   * {@return the port of this writer's thread, for windows, channel transfers and mappings of other
   * buffers; it ends with the writer}
   */
  Port port();

  /**
   * Ends the feed with an error that readers get after the frames published so far.
   *
   * @param cause what went wrong; the cause of their {@link FeedFailedException}
   */
  void fail(Throwable cause);

  /** Ends the feed: readers see the end after the frames published so far. Twice is harmless. */
  @Override
  void close();
}
