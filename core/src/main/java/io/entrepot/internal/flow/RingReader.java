package io.entrepot.internal.flow;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.FrameLayout;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.concurrent.IdleStrategy;

/** A reader's membership: its attachment, and a ring for each thread or one for all. */
public final class RingReader implements FeedReader {
  private final Upstream feed;
  private final PoolAttachment attachment;
  private final boolean ownsAttachment;
  private final Overflow overflow;
  private final int depth;
  private final Division division;
  private final List<RingPort> ports = new CopyOnWriteArrayList<>();
  private final ReaderRings rings = new ReaderRings();
  private final Subscription first;
  private boolean firstIsClaimed;
  private volatile boolean closed;

  /** A ring to which the writer delivers. */
  static final class Subscription implements Subscriber {
    private final RingReader reader;
    private final ReaderRings.Member member;
    private final ReaderRing ring;
    private final Stall stall = new Stall();

    Subscription(RingReader reader, ReaderRings.Member member) {
      this.reader = reader;
      this.member = member;
      this.ring = member.ring();
    }

    @Override
    public String name() {
      return reader.attachment.importer().name();
    }

    @Override
    public ReaderRing ring() {
      return ring;
    }

    @Override
    public Overflow overflow() {
      return reader.overflow;
    }

    @Override
    public void closeIfRevoked() {
      if (reader.attachment.isRevoked() && !ring.isClosed()) {
        ring.close();
      }
    }

    @Override
    public boolean isGone() {
      closeIfRevoked();
      return ring.isClosed();
    }

    @Override
    public void evict() {
      reader.evict();
    }

    @Override
    public void leftFeed() {
      reader.rings.leftFeed(member);
    }

    @Override
    public void close() {
      reader.close();
    }

    @Override
    public void wake() {
      // Readers of this process wait at the feed.
    }

    @Override
    public int layoutNumber(FrameLayout frame) {
      // The buffer's own record has the layout itself.
      return 0;
    }

    @Override
    public Stall stall() {
      return stall;
    }
  }

  RingReader(
      Upstream feed,
      PoolAttachment attachment,
      boolean ownsAttachment,
      Overflow overflow,
      int depth,
      Division division) {
    this.feed = feed;
    this.attachment = attachment;
    this.ownsAttachment = ownsAttachment;
    this.overflow = overflow;
    this.depth = depth;
    this.division = division;
    this.first = subscribe();
  }

  private Subscription subscribe() {
    Subscription made =
        new Subscription(this, rings.add(feed.openRing(attachment, overflow, depth)));
    feed.add(made);
    return made;
  }

  @Override
  public PoolAttachment attachment() {
    return attachment;
  }

  @Override
  public FramePort open() {
    return openPort(null);
  }

  @Override
  public FramePort open(IdleStrategy idle) {
    return openPort(Objects.requireNonNull(idle, "idle"));
  }

  private synchronized FramePort openPort(IdleStrategy idle) {
    if (closed) {
      throw new IllegalStateException(
          "reader '" + attachment.importer().name() + "' has left feed '" + feed.name() + "'");
    }
    RingPort port = new RingPort(this, feed, feed.pool(), attachment.openPort(), claim(), idle);
    ports.add(port);
    return port;
  }

  /** The first port has what was published since the join; later ones start now, or share it. */
  private Subscription claim() {
    boolean takesFirst = division == Division.DIVIDED || !firstIsClaimed;
    Subscription claimed = takesFirst ? first : subscribe();
    firstIsClaimed = true;
    rings.portOpened(claimed.member);
    return claimed;
  }

  boolean isClosed() {
    return closed;
  }

  synchronized void closed(RingPort port, Subscription subscription) {
    ports.remove(port);
    if (division == Division.EACH) {
      subscription.ring().close();
      feed.left();
    }
    rings.portClosed(subscription.member);
    detachIfLast();
  }

  @Override
  public long dropped() {
    return rings.dropped();
  }

  @Override
  public long unread() {
    return rings.unread();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    rings.close();
    feed.left();
    detachIfLast();
  }

  private void detachIfLast() {
    if (ownsAttachment && closed && ports.isEmpty()) {
      attachment.closeWhenUnused();
    }
  }

  /** Takes the memory back from a reader that holds the writer up, and its frames with it. */
  void evict() {
    attachment.revoke(0);
    close();
  }
}
