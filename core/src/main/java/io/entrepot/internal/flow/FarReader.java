package io.entrepot.internal.flow;

import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sharing.FrameRecords;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.FrameLayout;

/** A reader in another process, as the writer sees it: a ring of which that process has one end. */
public final class FarReader implements Subscriber {
  private final RingBroadcast feed;
  private final PoolAttachment attachment;
  private final Overflow overflow;
  private final ReaderRing ring;
  private final Stall stall = new Stall();

  /** A ring beside its own, whose end is its own's. */
  private volatile ReaderRing backlog;

  private FrameLayout lastLayout;
  private int lastNumber;

  /** Whether it was logged why the ring was closed; two who ask at a time may both do so. */
  private boolean told;

  /** Whether the feed has forgotten the ring, and what it has beside it. */
  private volatile boolean isOut;

  private volatile boolean isBacklogOut;

  /** Who may be at the rings' words still; {@code null} while others may come. */
  private RingLooks.Pending pending;

  private FarReader(
      RingBroadcast feed, PoolAttachment attachment, Overflow overflow, ReaderRing ring) {
    this.feed = feed;
    this.attachment = attachment;
    this.overflow = overflow;
    this.ring = ring;
  }

  /**
   * Adds a reader to a feed.
   *
   * @param attachment of its importer
   * @param producer memory that this process writes, {@link #producerBytes} of it
   * @param reader words that the other process writes
   * @param readerPlace where the reader's record lies in them
   */
  public static FarReader join(
      RingBroadcast feed,
      PoolAttachment attachment,
      Overflow overflow,
      int depth,
      Words producer,
      Words reader,
      long readerPlace) {
    feed.checkOpen();
    FarReader made =
        new FarReader(
            feed,
            attachment,
            overflow,
            ring(depth, producer, producer.base(), reader, readerPlace));
    feed.add(made);
    return made;
  }

  /**
   * Gives the reader, which has just been added, what was retained.
   *
   * @param producer as of {@link #join}, of twice {@link #producerBytes}: the backlog lies behind
   *     the other ring
   * @param readerPlace where another record of the reader lies
   */
  public void backlog(int depth, Start start, Words producer, Words reader, long readerPlace) {
    long producerPlace = producer.base() + producerBytes(depth);
    ReaderRing filled = ring(depth, producer, producerPlace, reader, readerPlace);
    if (feed.retention().fill(filled, this, depth, start, this::bufferLayoutNumber)) {
      backlog = filled;
      feed.add(new Backlog(this, filled, depth, this::backlogLeft));
      if (ring.isClosed()) {
        // By somebody who has not seen the backlog: it is to be looked for again.
        feed.left();
      }
    }
  }

  private int bufferLayoutNumber(int buffer) {
    FrameRecords frames = attachment.pool().frames();
    return frames.number(frames.layout(buffer));
  }

  /** Bytes of the memory that the writer's process writes and the reader's reads. */
  public static long producerBytes(int depth) {
    return RingPlaces.producerBytes(depth);
  }

  /** A ring whose reader's words are another process's. */
  private static ReaderRing ring(
      int depth, Words producer, long producerPlace, Words reader, long readerPlace) {
    Words keeper = Words.offHeap(RingPlaces.KEEPER_BYTES);
    RingPlaces places =
        new RingPlaces(producer, producerPlace, reader, readerPlace, keeper, keeper.base());
    return new ReaderRing(places, depth);
  }

  @Override
  public PoolAttachment reader() {
    return attachment;
  }

  @Override
  public String name() {
    return attachment.importer().name();
  }

  @Override
  public ReaderRing ring() {
    return ring;
  }

  @Override
  public Overflow overflow() {
    return overflow;
  }

  @Override
  public boolean takesFrames(FrameLayout frame) {
    layoutNumber(frame);
    return true;
  }

  @Override
  public void closeIfRevoked() {
    if (attachment.isRevoked() && !ring.isClosed()) {
      ring.close();
      wake();
    }
  }

  @Override
  public boolean isGone() {
    closeIfRevoked();
    boolean gone = ring.isClosed();
    if (gone && !told && ring.fault() instanceof String fault) {
      told = true;
      attachment
          .pool()
          .peers()
          .log()
          .warn("reader '" + name() + "' of another process is cut off: " + fault);
    }
    return gone;
  }

  /** As near: but the other process is waited for a moment, to say that it has let go. */
  @Override
  public void evict() {
    attachment.revoke(0);
    close();
  }

  @Override
  public void leftFeed() {
    // The other process keeps its own books.
    isOut = true;
  }

  /** Nobody will look for the ring beside its own any more. */
  private void backlogLeft() {
    isBacklogOut = true;
  }

  /**
   * Whether no thread of this process can be at the rings' words any more, by now: the feed has
   * forgotten them, and whoever had found them before has gone. For one thread at a time, when this
   * is closed.
   */
  public boolean isOutOfReach() {
    if (!isOut || (backlog != null && !isBacklogOut)) {
      return false;
    }
    if (pending == null) {
      pending = feed.looks().pending();
    }
    return pending.areOver();
  }

  /** Ends the reading: what is unread comes back. */
  @Override
  public void close() {
    ring.close();
    wake();
    feed.left();
  }

  @Override
  public ReaderRing backlog() {
    return backlog;
  }

  /** Whether the other process's words made no sense, for which a ring was closed. */
  public boolean hasFault() {
    ReaderRing before = backlog;
    return ring.fault() != null || (before != null && before.fault() != null);
  }

  @Override
  public void wake() {
    ring.sleepers().wake();
  }

  /** Asked for each frame, so that the number is kept for as long as the layout stays the same. */
  @Override
  public int layoutNumber(FrameLayout frame) {
    if (frame != lastLayout) {
      lastNumber = attachment.pool().frames().number(frame);
      lastLayout = frame;
    }
    return lastNumber;
  }

  @Override
  public Stall stall() {
    return stall;
  }
}
