package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import java.util.List;

/**
 * Who writes in place to published buffers: one at a time to each, when nobody else uses it.
 *
 * <p>A writer takes the buffer's writer word by CAS, raises the attention word of every lane, runs
 * the heavy barrier, and then waits for the uses that are there. Readers defer: who maps stores its
 * slot, then looks at its attention word, and takes the slot back where a writer is at work ({@link
 * Admission}). Readers in other processes look at the writer word itself, behind their hold ({@link
 * ExporterWords}).
 */
final class InPlaceWriters {
  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final Peers peers;
  private final List<PoolAttachment> attachments;
  private final WaitList freed;

  InPlaceWriters(
      Words words,
      PoolDescriptor layout,
      Lanes lanes,
      Peers peers,
      List<PoolAttachment> attachments,
      WaitList freed) {
    this.words = words;
    this.layout = layout;
    this.lanes = lanes;
    this.peers = peers;
    this.attachments = attachments;
    this.freed = freed;
  }

  /** Keeps new readers of a buffer out; false when another writer is at work on it. */
  boolean begin(int buffer, int lane) {
    if (!words.compareAndSet(place(buffer), 0, lane + 1L)) {
      return false;
    }
    lanes.writersInPlace(1);
    Barrier.heavy();
    return true;
  }

  /** Lets readers in again. */
  void end(int buffer) {
    words.setRelease(place(buffer), 0);
    lanes.writersInPlace(-1);
    freed.signal();
  }

  /** Whether another lane or process, native code, a window or a channel is using a buffer. */
  boolean isUsedByOthers(int buffer, int lane) {
    if (lanes.isMapped(buffer, lane) || peers.isUsing(buffer)) {
      return true;
    }
    for (PoolAttachment attachment : attachments) {
      if (attachment.uses().isUsing(buffer)) {
        return true;
      }
    }
    return false;
  }

  /** Whether somebody else than a lane writes in place to a buffer. */
  boolean hasOther(int buffer, int lane) {
    long writer = words.getVolatile(place(buffer));
    return writer != 0 && writer != lane + 1L;
  }

  private long place(int buffer) {
    return layout.buffer(buffer) + PoolDescriptor.WRITER;
  }
}
