package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.av_buffer_ref;
import static org.bytedeco.ffmpeg.global.avutil.av_buffer_unref;

import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.SharedBuffer;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;

/**
 * A slot in the decoder's hands: our reference to it, and the lease that lets the decoder write.
 *
 * <p>A decoder writes again to a frame that it has given out, if nobody else has an {@code
 * AVBufferRef} of it: those of animations and screen recordings do. The readers have references of
 * the pool, which FFmpeg does not see, so while there are any they have one of FFmpeg's too.
 */
final class DecoderSlot {
  private final SlotGeneration generation;
  private final SharedBuffer reference;
  private final NativeLease lease;
  private AVBufferRef forReaders;
  private int readers;

  DecoderSlot(SlotGeneration generation, SharedBuffer reference, NativeLease lease) {
    this.generation = generation;
    this.reference = reference;
    this.lease = lease;
  }

  SlotGeneration generation() {
    return generation;
  }

  NativeLease lease() {
    return lease;
  }

  SlotLedger.Slot ledger() {
    return generation.ledger(lease.bufferIndex());
  }

  /**
   * The frame is decoded.
   *
   * @return a reference to publish; one for each time, since decoders repeat frames
   */
  SharedBuffer publishing() {
    ledger().publishing();
    return reference.share();
  }

  /**
   * The frame goes to one reader more.
   *
   * @param buffer the frame's, good for the time of this call
   */
  synchronized void addReader(AVBufferRef buffer) {
    if (readers == 0) {
      forReaders = NativeCalls.checkAllocated(av_buffer_ref(buffer), "a reference");
    }
    readers++;
    ledger().addHolder();
  }

  /** A reader is done with the frame. */
  void readerDone() {
    readersDone(1);
  }

  /** A reader has left that had not come to the frame. */
  void readerLeft() {
    ledger().holderLeft();
    readersDone(1);
  }

  /** Nobody will read what was published and not read: the readers have left. */
  void dropUnread() {
    readersDone(unread());
  }

  private synchronized int unread() {
    return readers;
  }

  private void readersDone(int count) {
    AVBufferRef last = null;
    synchronized (this) {
      readers -= count;
      if (readers == 0) {
        last = forReaders;
        forReaders = null;
      }
    }
    if (last != null) {
      av_buffer_unref(last);
    }
  }

  /** FFmpeg has dropped its last reference. */
  void release() {
    ledger().done(SlotLedger.DECODER);
    lease.close();
    reference.close();
  }
}
