package io.entrepot.internal.flow;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.sharing.PoolAttachment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.concurrent.IdleStrategy;

/** A reader's membership: its attachment, and a ring for each thread or one for all. */
public final class RingReader implements FeedReader {
  private final RingBroadcast feed;
  private final PoolAttachment attachment;
  private final Overflow overflow;
  private final int depth;
  private final Division division;
  private final List<RingPort> ports = new CopyOnWriteArrayList<>();
  private final List<Subscription> mine = new CopyOnWriteArrayList<>();
  private Subscription unclaimed;
  private volatile long droppedByClosed;
  private volatile boolean closed;

  /** A ring to which the writer delivers, with what only the writer's thread looks at. */
  static final class Subscription {
    private final RingReader reader;
    private final ReaderRing ring;

    /** Writer only: whether the frame being published goes here. */
    boolean delivers;

    /** Writer only: where the reader stood when it was first found without room. */
    long stalledPosition = -1;

    /** Writer only: since when it stands there. */
    long stalledSinceMs;

    Subscription(RingReader reader, ReaderRing ring) {
      this.reader = reader;
      this.ring = ring;
    }

    RingReader reader() {
      return reader;
    }

    ReaderRing ring() {
      return ring;
    }

    Overflow overflow() {
      return reader.overflow;
    }

    /** A revoked reader's ring is closed by whoever sees it first: its frames come back. */
    void closeIfRevoked() {
      if (reader.attachment.isRevoked() && !ring.isClosed()) {
        ring.close();
      }
    }

    /** Whether nobody reads the ring any more. */
    boolean isGone() {
      closeIfRevoked();
      return ring.isClosed();
    }
  }

  RingReader(
      RingBroadcast feed,
      PoolAttachment attachment,
      Overflow overflow,
      int depth,
      Division division) {
    this.feed = feed;
    this.attachment = attachment;
    this.overflow = overflow;
    this.depth = depth;
    this.division = division;
    this.unclaimed = subscribe();
  }

  private Subscription subscribe() {
    Subscription made = new Subscription(this, ReaderRing.offHeap(depth));
    mine.add(made);
    feed.add(made);
    return made;
  }

  RingBroadcast feed() {
    return feed;
  }

  @Override
  public PoolAttachment attachment() {
    return attachment;
  }

  @Override
  public FramePort open() {
    return open(null);
  }

  @Override
  public synchronized FramePort open(IdleStrategy idle) {
    if (closed) {
      throw new IllegalStateException(
          "reader '" + attachment.importer().name() + "' has left feed '" + feed.name() + "'");
    }
    RingPort port = new RingPort(this, attachment.openPort(), claim(), idle);
    ports.add(port);
    return port;
  }

  /** The first port has what was published since the join; later ones start now, or share it. */
  private Subscription claim() {
    if (division == Division.DIVIDED) {
      return mine.getFirst();
    }
    Subscription claimed = unclaimed != null ? unclaimed : subscribe();
    unclaimed = null;
    return claimed;
  }

  boolean isClosed() {
    return closed;
  }

  synchronized void closed(RingPort port, Subscription subscription) {
    ports.remove(port);
    if (division == Division.EACH) {
      subscription.ring().close();
      mine.remove(subscription);
      droppedByClosed += subscription.ring().dropped();
      feed.left();
    }
    detachIfLast();
  }

  @Override
  public long dropped() {
    return droppedByClosed
        + mine.stream().mapToLong(subscription -> subscription.ring().dropped()).sum();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    mine.forEach(subscription -> subscription.ring().close());
    feed.left();
    detachIfLast();
  }

  private void detachIfLast() {
    if (closed && ports.isEmpty()) {
      attachment.closeWhenUnused();
    }
  }

  /** Takes the memory back from a reader that holds the writer up, and its frames with it. */
  void evict() {
    attachment.revoke(0);
    close();
  }
}
