package io.entrepot.flow;

import io.entrepot.internal.flow.RingReader;
import io.entrepot.sharing.Attachment;
import org.agrona.concurrent.IdleStrategy;

/**
 * A reader's membership in a {@link Broadcast}.
 *
 * <p><b>Numbers.</b> Each frame that was published while this reader was a member, and each from
 * before that it {@linkplain Start started} with, is either taken by one of its ports, or
 * {@linkplain #dropped() dropped}, or still {@linkplain #unread() unread}; with {@link
 * Division#EACH} that is so for each of its threads.
 *
 * <p><b>Threads.</b> Any thread may call any method.
 */
public sealed interface FeedReader extends AutoCloseable permits RingReader {

  /** {@return the attachment of this reader's importer, to lease buffers or map them otherwise} */
  Attachment attachment();

  /**
   * Opens a port for the calling thread, which spins briefly and then parks when it waits:
   *
   * {@snippet class="io.entrepot.flow.FeedExamples" region="read"}
   *
   * <p>The first port gets all frames since the reader joined, and those from before. With {@link
   * Division#EACH} each further one gets those that are published from now on, and closing a port
   * drops what it has not read.
   *
   * @return the port
   * @throws io.entrepot.sharing.RevokedException when the attachment was revoked
   * @throws IllegalStateException when the reader has left, or all lanes of the pool are in use
   */
  FramePort open();

  /**
   * As {@link #open()}, idling by a strategy when {@link FramePort#next next} waits.
   *
   * @param idle used by this port's thread alone, so one with state serves no other
   * @return the port
   */
  FramePort open(IdleStrategy idle);

  /**
   * Counts frames that were published for this reader and that it does not see: dropped or not
   * delivered by its {@link Overflow} policy, or unread when their port, this reader or the feed
   * was closed or its access revoked.
   *
   * @return how many, over all its threads, those of closed ports included
   */
  long dropped();

  /**
   * Counts frames that wait to be read.
   *
   * @return how many, over all its threads; 0 when it has left
   */
  long unread();

  /**
   * Leaves the feed: unread frames are dropped, open ports see the end. Mapped frames stay mapped
   * until their port lets them go. Twice is harmless.
   */
  @Override
  void close();
}
