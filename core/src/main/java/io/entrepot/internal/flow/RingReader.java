package io.entrepot.internal.flow;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.sharing.LanePort;
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

    private volatile ReaderRings.Member backlog;

    Subscription(RingReader reader, ReaderRings.Member member) {
      this.reader = reader;
      this.member = member;
      this.ring = member.ring();
    }

    @Override
    public PoolAttachment reader() {
      return reader.attachment;
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
    public ReaderRing backlog() {
      ReaderRings.Member before = backlog;
      return before == null ? null : before.ring();
    }

    private void portOpened() {
      reader.rings.portOpened(member);
      if (backlog != null) {
        reader.rings.portOpened(backlog);
      }
    }

    private void portClosed() {
      if (backlog != null) {
        reader.rings.portClosed(backlog);
      }
      reader.rings.portClosed(member);
    }

    /** In this order: another process is told of both by the first. */
    private void closeRings() {
      ring.close();
      if (backlog != null) {
        backlog.ring().close();
      }
    }

    @Override
    public boolean takesFrames(FrameLayout frame) {
      return true;
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
      Division division,
      Start start) {
    this.feed = feed;
    this.attachment = attachment;
    this.ownsAttachment = ownsAttachment;
    this.overflow = overflow;
    this.depth = depth;
    this.division = division;
    this.first = subscribe(start);
  }

  private Subscription subscribe(Start start) {
    OpenedRing opened = feed.openRing(attachment, overflow, depth, division, start);
    Subscription made = new Subscription(this, rings.add(opened.ring()));
    feed.add(made);
    ReaderRing backlog = opened.backlog();
    if (backlog != null && feed.fill(backlog, made, depth, start)) {
      ReaderRings.Member member = rings.add(backlog);
      made.backlog = member;
      feed.add(new Backlog(made, backlog, depth, () -> rings.leftFeed(member)));
      if (made.ring().isClosed()) {
        // By somebody who has not seen the backlog: it is to be looked for again.
        feed.left();
      }
    }
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
      throw left(null);
    }
    attachment.checkAttached();
    if (readsFirst() && first.ring.isCutOff()) {
      throw left(null);
    }
    LanePort lane = attachment.openPort();
    RingPort port = null;
    try {
      port = new RingPort(this, feed, feed.pool(), lane, claim(), idle);
    } finally {
      if (port == null) {
        lane.close();
      }
    }
    ports.add(port);
    return port;
  }

  private IllegalStateException left(Throwable cause) {
    return new IllegalStateException(
        "reader '" + attachment.importer().name() + "' has left feed '" + feed.name() + "'", cause);
  }

  /** Whether the next port reads what the reader joined. */
  private boolean readsFirst() {
    return division == Division.DIVIDED || !firstIsClaimed;
  }

  /**
   * The first port has what the reader started with, and what came since; later ones start now, or
   * share it.
   */
  private Subscription claim() {
    Subscription claimed = readsFirst() ? first : subscribeAgain();
    firstIsClaimed = true;
    claimed.portOpened();
    return claimed;
  }

  private Subscription subscribeAgain() {
    try {
      return subscribe(Start.NEXT);
    } catch (IllegalArgumentException noFeed) {
      // There was one when the reader joined: another process has closed it.
      throw left(noFeed);
    }
  }

  boolean isClosed() {
    return closed;
  }

  synchronized void closed(RingPort port, Subscription subscription) {
    ports.remove(port);
    try {
      if (division == Division.EACH) {
        subscription.closeRings();
      }
    } finally {
      // Also when the writer's process does not answer.
      if (division == Division.EACH) {
        feed.left();
      }
      subscription.portClosed();
      detachIfLast();
    }
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
    try {
      rings.close();
    } finally {
      // Also when the writer's process does not answer.
      feed.left();
      detachIfLast();
    }
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

  @Override
  public String toString() {
    return "reader '" + attachment.importer().name() + "' of " + feed;
  }
}
