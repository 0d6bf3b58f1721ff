package io.entrepot.examples.video;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The pool for frames of one geometry. When a stream changes its resolution the next frames get a
 * pool of their own, and those in the old one stay valid until everybody has read them.
 */
final class SlotGeneration implements AutoCloseable {
  /** How long to wait before looking whether waiting still makes sense. */
  private static final long WAIT_MS = 100;

  /** What a process had that was killed comes back some milliseconds later. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final FrameGeometry geometry;
  private final SlotShape shape;
  private final SlotBudget budget;
  private final BufferPool pool;
  private final Attachment decoder;
  private final SlotLedger.Slot[] ledger;
  private final AtomicReferenceArray<DecoderSlot> current;
  private final List<FrameFeed> feeds = new ArrayList<>();

  SlotGeneration(
      FrameGeometry geometry,
      SlotShape shape,
      SlotBudget budget,
      int slots,
      Workplace workplace,
      SlotLedger ledger) {
    this.geometry = geometry;
    this.shape = shape;
    this.budget = budget;
    this.pool = workplace.pool("frames " + geometry, shape.byteSize(), slots);
    this.decoder = pool.attach(Importer.leasing("decoder", Access.WRITE));
    this.ledger = ledger.open(slots);
    this.current = new AtomicReferenceArray<>(slots);
  }

  FrameGeometry geometry() {
    return geometry;
  }

  SlotShape shape() {
    return shape;
  }

  SlotBudget budget() {
    return budget;
  }

  BufferPool pool() {
    return pool;
  }

  /** Under which the decoder's memory is leased and its frames are published. */
  Attachment decoder() {
    return decoder;
  }

  SlotLedger.Slot ledger(int buffer) {
    return ledger[buffer];
  }

  /**
   * Takes a slot for the decoder, waiting while all are in use. Called by any of its threads.
   *
   * @param patience the wait ends when not a single slot came back to anybody for so long
   * @param failure the wait ends, too, when the run has failed
   */
  DecoderSlot acquire(Duration patience, RunFailure failure) {
    long askedNs = System.nanoTime();
    long movedNs = askedNs;
    long acquires = pool.statistics().acquires();
    SharedBuffer reference;
    while ((reference = pool.acquire(shape.byteSize(), WAIT_MS, TimeUnit.MILLISECONDS)) == null) {
      failure.check();
      if (pool.statistics().acquires() != acquires) {
        acquires = pool.statistics().acquires();
        movedNs = System.nanoTime();
      } else if (System.nanoTime() - movedNs >= patience.toNanos()) {
        throw new VideoException(
            "no slot of pool '"
                + pool.name()
                + "' came back for "
                + seconds(patience)
                + " s; they are held by: "
                + holders());
      }
    }
    ledger[reference.index()].acquired(askedNs);
    DecoderSlot slot = new DecoderSlot(this, reference, decoder.lease(reference));
    current.set(reference.index(), slot);
    return slot;
  }

  /** A reader has got a frame of this generation. */
  ReaderHold taken(int buffer, String reader) {
    return new ReaderHold(current.get(buffer), reader, System.nanoTime());
  }

  /** Gives back what was published and not read, when there are no readers any more. */
  void dropUnread() {
    for (int i = 0; i < current.length(); i++) {
      DecoderSlot slot = current.get(i);
      if (slot != null) {
        slot.dropUnread();
      }
    }
  }

  /** All who hold a slot, in one line. */
  String holders() {
    return String.join("; ", pool.holders());
  }

  static String seconds(Duration time) {
    return String.valueOf(time.toMillis() / 1000.0).replaceFirst("\\.0$", "");
  }

  /** Opens the way from the decoder's thread, which is the caller's, to the readers. */
  FrameFeed openFeed(List<? extends FeedFollower> readers, int depth) {
    // More than there are slots cannot be unread.
    int fitting = Math.min(depth, current.length());
    FrameFeed feed = new FrameFeed(this, feeds.size(), readers, fitting);
    feeds.add(feed);
    return feed;
  }

  /** Frees the pool; refuses while anybody holds a slot. */
  @Override
  public void close() {
    feeds.forEach(FrameFeed::close);
    decoder.close();
    pool.close(CLOSE_LIMIT);
  }
}
