package io.entrepot.flow;

import io.entrepot.internal.flow.RingBroadcast;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import java.time.Duration;

/**
 * A queue of frames from one writer to many readers, without copies: each reader has a cursor, a
 * depth and a policy of its own.
 *
 * <pre>
 *              +--> reader 'analyser'   DROP_OLDEST   [ 7 8 9 ]
 *   writer ----+
 *              +--> reader 'transcoder' BLOCK         [ 9 ]
 * </pre>
 *
 * <p>A reader sees the frames that were published after it joined, in order, until the writer
 * closes (end of stream) or fails. Frames that were published before travel all the way.
 */
public sealed interface Broadcast extends AutoCloseable permits RingBroadcast {

  /** Unread frames that a reader may have unless it asks for another depth. */
  int DEFAULT_DEPTH = 16;

  /** Time after which a {@link Overflow#BLOCK} reader that does not move is evicted. */
  Duration DEFAULT_STALL_LIMIT = Duration.ofSeconds(60);

  /** Name for people. */
  String name();

  /**
   * Opens the writer, bound to the calling thread, which writes through views.
   *
   * @throws IllegalStateException when there is a writer already
   */
  FeedWriter writer();

  /** As {@link #writer()}, for an importer of the caller's making: a decoder, say. */
  FeedWriter writer(Importer importer);

  /** Adds a reader that looks through views, with the default depth. */
  FeedReader join(String name, Access access, Overflow overflow);

  /**
   * Adds a reader.
   *
   * @param importer who reads; negotiation decides how it gets at the bytes
   * @param overflow what happens when it falls behind
   * @param depth unread frames that it may have, 1 or more
   * @param division how several threads of it share the frames
   * @throws io.entrepot.sharing.AttachRefusedException when negotiation finds no mapping type
   */
  FeedReader join(Importer importer, Overflow overflow, int depth, Division division);

  /** Sets the time after which a BLOCK reader that does not move is evicted. */
  void stallLimit(Duration limit);

  /** Closes the feed: no writer, no readers, nothing held. Twice is harmless. */
  @Override
  void close();
}
