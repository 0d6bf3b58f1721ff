package io.entrepot.flow;

import io.entrepot.internal.flow.RingReader;
import io.entrepot.sharing.Attachment;
import org.agrona.concurrent.IdleStrategy;

/** A reader's membership in a {@link Broadcast}. */
public sealed interface FeedReader extends AutoCloseable permits RingReader {

  /** The attachment of this reader's importer. */
  Attachment attachment();

  /** Opens a port for the calling thread, which spins briefly and then parks when it waits. */
  FramePort open();

  /** As {@link #open()}, idling by a strategy when it waits. */
  FramePort open(IdleStrategy idle);

  /** Frames that were dropped for this reader, over all its threads. */
  long dropped();

  /** Leaves the feed. Open ports of other threads see the end. Twice is harmless. */
  @Override
  void close();
}
