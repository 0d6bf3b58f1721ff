package io.entrepot.flow;

import io.entrepot.internal.flow.RingBroadcast;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;

/**
 * A queue of frames from one writer to many readers, without copies: each reader has a cursor, a
 * depth and a policy of its own. The writer's end, in the process that exports the pool.
 *
 * <pre>
 *              +--> reader 'analyser'   DROP_OLDEST   [ 7 8 9 ]
 *   writer ----+
 *              +--> reader 'transcoder' BLOCK         [ 9 ]
 * </pre>
 *
 * <p>A reader sees the frames that were published after it joined, and before them {@linkplain
 * #retain retained} ones if it asks for them, in order, until the writer closes (end of stream) or
 * fails. Frames that were published before travel all the way.
 *
 * <p><b>Attachments.</b> A writer or reader that is given an {@link Importer} attaches it, and ends
 * the attachment with itself. One that is given an {@link Attachment} works under it and leaves it
 * to the caller, who may use it for several feeds, for channel transfers or for leases, and have
 * all of that revoked at once.
 *
 * <p><b>Threads.</b> Any thread may call any method.
 */
public sealed interface Broadcast extends Feed, AutoCloseable permits RingBroadcast {

  /** Time after which a reader that does not move, and keeps the writer waiting, is evicted. */
  Duration DEFAULT_STALL_LIMIT = Duration.ofSeconds(60);

  /**
   * Opens the writer, bound to the calling thread, which writes through views and parks while it
   * waits for a buffer.
   *
   * @return the writer
   * @throws IllegalStateException when there is a writer already, or the feed or pool is closed
   * @throws io.entrepot.sharing.AttachRefusedException when the exporter offers no view for writing
   */
  FeedWriter writer();

  /**
   * As {@link #writer()}, idling by a strategy while {@link FeedWriter#acquire} waits.
   *
   * @param idle used by this writer's thread alone, so one with state serves no other
   * @return the writer
   */
  FeedWriter writer(IdleStrategy idle);

  /**
   * As {@link #writer()}, for an importer of the caller's making: a decoder, say.
   *
   * @param importer who writes; negotiation decides how it gets at the bytes
   * @return the writer
   */
  FeedWriter writer(Importer importer);

  /**
   * As {@link #writer()}, under an attachment that the caller has negotiated and will close. What
   * it writes by leases, windows or channel transfers it publishes by {@link
   * FeedWriter#publish(io.entrepot.sharing.SharedBuffer, io.entrepot.sharing.FrameLayout, long,
   * long, java.util.concurrent.TimeUnit)}.
   *
   * @param attachment to this feed's pool
   * @return the writer
   * @throws IllegalArgumentException when the attachment is to another pool
   * @throws io.entrepot.sharing.RevokedException when it was revoked
   */
  FeedWriter writer(Attachment attachment);

  /**
   * As {@link #writer(Attachment)}, idling by a strategy while {@link FeedWriter#acquire} waits.
   *
   * @param attachment to this feed's pool
   * @param idle used by this writer's thread alone, so one with state serves no other
   * @return the writer
   */
  FeedWriter writer(Attachment attachment, IdleStrategy idle);

  /**
   * Sets the time after which a reader that does not move, and keeps the writer waiting, is
   * evicted: its attachment is revoked, its views are closed by force and its unread frames come
   * back.
   *
   * <p>It counts while the writer waits: for room for a {@link Overflow#BLOCK} reader's next frame,
   * or for a buffer while a BLOCK or {@link Overflow#DROP_NEWEST} reader, which has a right to
   * them, has unread frames; of several such readers the one with the most is evicted first. Where
   * the writer asks again and again instead of waiting, the time between two of its calls counts,
   * but no more of it than a quarter of the limit. A late joiner moves, too, in what was retained.
   * The pool's own {@code acquire} evicts nobody.
   *
   * @param limit 0 or more; {@link #DEFAULT_STALL_LIMIT} unless set
   * @throws IllegalArgumentException when it is negative
   */
  void stallLimit(Duration limit);

  /**
   * Keeps the newest frames for readers that {@linkplain Start join late}. Each keeps its buffer
   * from coming back, until newer ones take its place, or until the pool is empty and this feed's
   * writer needs a buffer: then the oldest is given up first, as if a {@link Overflow#DROP_OLDEST}
   * reader had not read it; where the readers of another policy have a right to the oldest ones,
   * these go with the first of which they have not. They are kept when the writer has closed or
   * failed, too; so an {@code acquire} of the pool's own may find all buffers retained and no
   * writer to give one up.
   *
   * <p>It starts anew with another number than before: what is retained then goes back.
   *
   * @param frames how many, from 0 to the number of buffers of the pool; 0 unless set
   * @throws IllegalArgumentException when it is out of range
   * @throws IllegalStateException when the feed or pool is closed
   */
  void retain(int frames);

  /**
   * Waits until so many readers have joined, in this process and in others that import the pool.
   *
   * <p>Each of them is delivered, as its {@link Overflow} says, what is published after this has
   * returned. It counts from when it has joined until it leaves, is evicted or revoked, or its
   * process has ended; whether it has opened a port says nothing. Readers count by their
   * attachments: one that has several threads, or joins under one attachment more than once, counts
   * once.
   *
   * <p>An interrupt ends the wait as if the time were over, and stays set.
   *
   * @param count 0 or more
   * @param timeout longest time to wait; 0 or less to wait for nothing
   * @param unit of the time
   * @return false when there were fewer and the time was over
   * @throws IllegalArgumentException when the count is negative
   * @throws IllegalStateException when the feed or pool is closed, also while this waits
   */
  boolean awaitReaders(int count, long timeout, TimeUnit unit);

  /**
   * Closes the feed: readers see the end, and their unread frames come back. Twice is harmless.
   *
   * @throws IllegalStateException when the writer is open
   */
  @Override
  void close();
}
