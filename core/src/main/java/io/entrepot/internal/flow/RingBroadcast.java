package io.entrepot.internal.flow;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * A feed: one ring for each reader. Published buffers have one hold for each ring that they are in,
 * so that a reader which stands still keeps its own frames from coming back and no others.
 */
public final class RingBroadcast implements Broadcast, Upstream, FreeBuffers.Retirer {
  /** Entries that are taken over by one step; a thread that is stopped behind it keeps as many. */
  static final int RETIRED_AT_ONCE = 16;

  private final PoolCore pool;
  private final String name;
  private final WaitList published = WaitList.withWordsOfItsOwn();

  private final Publishing publishing = new Publishing();
  private final RingLooks looks = new RingLooks(publishing);
  private volatile Subscriber[] subscriptions = {};

  private volatile long stallLimitMs = DEFAULT_STALL_LIMIT.toMillis();

  /** What is written to the rings' words: see {@link ReaderRing#over}. */
  private long over = RingDescriptor.OPEN;

  private volatile Throwable failure;
  private volatile boolean closed;

  private final Retention retention;
  private final WriterSeat seat;
  private final Joining joining;

  RingBroadcast(PoolCore pool, String name) {
    this.pool = pool;
    this.name = name;
    this.retention = new Retention(this);
    this.seat = new WriterSeat(this);
    this.joining = new Joining(this, this::checkOpen, pool::attach);
    pool.free().register(this);
  }

  /**
   * A feed of a pool, by its name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static RingBroadcast named(PoolCore pool, String name) {
    return pool.free().retirers().stream()
        .filter(RingBroadcast.class::isInstance)
        .map(RingBroadcast.class::cast)
        .filter(feed -> feed.name.equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("pool '" + pool.name() + "' has no feed '" + name + "'"));
  }

  @Override
  public PoolCore pool() {
    return pool;
  }

  @Override
  public OpenedRing openRing(
      PoolAttachment attachment, Overflow overflow, int depth, Division division, Start start) {
    // Also for a further ring of one who joined before: the feed may have been closed meanwhile.
    checkOpen();
    boolean isWhole = OpenedRing.isWhole(division, overflow);
    return new OpenedRing(ring(depth, isWhole), start == Start.NEXT ? null : ring(depth, isWhole));
  }

  private static ReaderRing ring(int depth, boolean isWhole) {
    RingPlaces places = RingPlaces.offHeap(depth);
    return isWhole ? ReaderRing.whole(places, depth) : new ReaderRing(places, depth);
  }

  @Override
  public boolean fill(ReaderRing backlog, Subscriber to, int depth, Start start) {
    return retention.fill(backlog, to, depth, start, buffer -> 0);
  }

  @Override
  public FrameLayout layout(long number) {
    throw new UnsupportedOperationException("layouts of this process have no numbers: " + number);
  }

  @Override
  public boolean isLost() {
    return false;
  }

  @Override
  public String name() {
    return name;
  }

  WaitList published() {
    return published;
  }

  @Override
  public boolean awaitPublished(ReaderRing ring, BooleanSupplier condition, long timeoutNs) {
    return published.await(condition, timeoutNs);
  }

  @Override
  public void roomMade() {
    pool.freed().signal();
  }

  Retention retention() {
    return retention;
  }

  WriterSeat seat() {
    return seat;
  }

  Publishing publishing() {
    return publishing;
  }

  /** Who is at the rings: whoever goes over the subscriptions says so before and behind it. */
  RingLooks looks() {
    return looks;
  }

  Subscriber[] subscriptions() {
    return subscriptions;
  }

  @Override
  public Throwable failure(ReaderRing ring) {
    return failure;
  }

  long stallLimitMs() {
    return stallLimitMs;
  }

  @Override
  public void stallLimit(Duration limit) {
    if (limit.isNegative()) {
      throw new IllegalArgumentException("stall limit " + limit + " is less than 0");
    }
    // Not toMillis, which overflows where somebody means for ever.
    stallLimitMs = TimeUnit.MILLISECONDS.convert(limit);
  }

  @Override
  public FeedWriter writer() {
    return seat.open(null);
  }

  @Override
  public FeedWriter writer(IdleStrategy idle) {
    return seat.open(Objects.requireNonNull(idle, "idle"));
  }

  @Override
  public FeedWriter writer(Importer importer) {
    return seat.open(importer, null);
  }

  @Override
  public FeedWriter writer(Attachment attachment) {
    return seat.open(pool.ours(attachment), false, null);
  }

  @Override
  public FeedWriter writer(Attachment attachment, IdleStrategy idle) {
    return seat.open(pool.ours(attachment), false, Objects.requireNonNull(idle, "idle"));
  }

  @Override
  public FeedReader join(String reader, Access access, Overflow overflow) {
    return joining.join(reader, access, overflow);
  }

  @Override
  public FeedReader join(String reader, Access access, Overflow overflow, int depth) {
    return joining.join(reader, access, overflow, depth);
  }

  @Override
  public FeedReader join(Importer importer, Overflow overflow, int depth, Division division) {
    return joining.join(importer, overflow, depth, division, Start.NEXT);
  }

  @Override
  public FeedReader join(
      Importer importer, Overflow overflow, int depth, Division division, Start start) {
    return joining.join(importer, overflow, depth, division, start);
  }

  @Override
  public FeedReader join(Attachment attachment, Overflow overflow, int depth, Division division) {
    return joining.join(attachment, overflow, depth, division, Start.NEXT);
  }

  @Override
  public FeedReader join(
      Attachment attachment, Overflow overflow, int depth, Division division, Start start) {
    return joining.join(attachment, overflow, depth, division, start);
  }

  @Override
  public void retain(int frames) {
    retention.retain(frames);
  }

  @Override
  public boolean awaitReaders(int count, long timeout, TimeUnit unit) {
    if (count < 0) {
      throw new IllegalArgumentException(
          count + " readers of feed '" + name + "' to wait for are less than 0");
    }
    checkOpen();
    boolean areThere =
        published.await(
            () -> closed || pool.isClosed() || readers() >= count, unit.toNanos(timeout));
    checkOpen();
    return areThere;
  }

  /**
   * How many have joined and not left. A ring that is seen here is seen by every publication that
   * begins later: both read the same volatile field.
   */
  private long readers() {
    looks.begin();
    try {
      return Arrays.stream(subscriptions)
          .filter(subscription -> subscription.reader() != null && !subscription.isGone())
          .map(Subscriber::reader)
          .distinct()
          .count();
    } finally {
      looks.end();
    }
  }

  /** Throws unless so many unread frames can be asked for. */
  public void checkDepth(Importer importer, int depth) {
    Joining.checkDepth(pool, importer, depth);
  }

  boolean isClosed() {
    return closed;
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("feed '" + name + "' is closed");
    }
    pool.checkOpen();
  }

  @Override
  public synchronized void add(Subscriber subscription) {
    tell(subscription);
    putIn(subscription);
    // For those who wait until it has joined.
    published.signal();
  }

  /** Tells all rings whether more frames may come; those that are added later are told then. */
  private synchronized void over(long why) {
    over = why;
    for (Subscriber subscription : subscriptions) {
      tell(subscription);
    }
  }

  private void tell(Subscriber subscription) {
    Throwable cause = failure;
    if (over == RingDescriptor.FAILED && cause != null) {
      subscription.ring().failure().write("" + cause);
    }
    subscription.ring().over(over);
    subscription.wake();
  }

  /**
   * Forgets a ring that is closed and drained. Called by the writer, or when it is known to push
   * nothing to the ring any more.
   */
  void remove(Subscriber subscription) {
    takeOut(subscription);
    subscription.leftFeed();
  }

  /** Whether it was in. */
  private synchronized boolean takeOut(Subscriber subscription) {
    int before = subscriptions.length;
    subscriptions =
        Arrays.stream(subscriptions)
            .filter(kept -> kept != subscription)
            .toArray(Subscriber[]::new);
    return subscriptions.length < before;
  }

  synchronized void putIn(Subscriber subscription) {
    int at = subscriptions.length;
    Subscriber[] more = Arrays.copyOf(subscriptions, at + 1);
    if (at > 0 && more[at - 1] == retention.history()) {
      // Which stays the last: see History.
      more[at] = more[--at];
    }
    more[at] = subscription;
    subscriptions = more;
  }

  /**
   * Forgets all rings that are closed. The writer does so with each frame, but may publish none for
   * a long time while readers come and go. One that is at it just now does it behind that.
   */
  void forgetClosed() {
    looks.begin();
    try {
      for (Subscriber subscription : subscriptions) {
        // Closed before the barrier: a publication that begins behind it does not push there.
        if (subscription.isGone() && publishing.isAwareOfChanges()) {
          retirePassed(subscription.ring(), new long[RETIRED_AT_ONCE], pool::unhold);
          if (takeOut(subscription)) {
            subscription.leftFeed();
          }
        }
      }
    } finally {
      looks.end();
    }
  }

  @Override
  public void retirePassed(FreeBuffers.Pass pass) {
    looks.begin();
    try {
      for (Subscriber subscription : subscriptions) {
        if (pass.isFull()) {
          return;
        }
        subscription.closeIfRevoked();
        retirePassed(subscription.ring(), pass.room(), pass);
      }
    } finally {
      looks.end();
    }
  }

  /** Gives back what a ring's reader has passed. */
  static void retirePassed(ReaderRing ring, long[] room, FreeBuffers.Holds holds) {
    int count;
    do {
      count = ring.retire(room);
      for (int i = 0; i < count; i++) {
        holds.drop(RingDescriptor.buffer(room[i]), RingDescriptor.generation(room[i]));
      }
    } while (count == room.length && !holds.isFull());
  }

  /** There is a writer: more frames may come. */
  void writerOpened() {
    over(RingDescriptor.OPEN);
  }

  /** The writer is gone: readers see the end, or the failure, after what was published. */
  void writerEnded(Throwable cause) {
    failure = cause;
    publishing.end();
    over(cause == null ? RingDescriptor.ENDED : RingDescriptor.FAILED);
  }

  /** Forgets who has left, and wakes readers and, for BLOCK, the writer. */
  @Override
  public void left() {
    forgetClosed();
    published.signal();
    pool.freed().signal();
  }

  @Override
  public void poolClosed() {
    over(failure == null ? RingDescriptor.ENDED : RingDescriptor.FAILED);
    looks.begin();
    try {
      for (Subscriber subscription : subscriptions) {
        subscription.ring().close();
      }
    } finally {
      looks.end();
    }
    published.signal();
  }

  @Override
  public String describeHolds() {
    looks.begin();
    try {
      return describeUnread();
    } finally {
      looks.end();
    }
  }

  private String describeUnread() {
    StringBuilder text = new StringBuilder();
    for (Subscriber subscription : subscriptions) {
      long unread = subscription.ring().unread();
      if (unread > 0) {
        text.append(text.isEmpty() ? "feed '" + name + "': " : ", ");
        text.append(unread)
            .append(subscription == retention.history() ? " retained for '" : " unread by '");
        text.append(subscription.name()).append('\'');
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    seat.close();
    closed = true;
    over(failure == null ? RingDescriptor.ENDED : RingDescriptor.FAILED);
    RuntimeException first = closeAll();
    pool.free().unregister(this);
    left();
    if (first != null) {
      throw first;
    }
  }

  /**
   * Closes all, also when an exporter throws when it is told: what was thrown first, if anything.
   */
  private RuntimeException closeAll() {
    RuntimeException first = null;
    looks.begin();
    try {
      long[] room = new long[RETIRED_AT_ONCE];
      for (Subscriber subscription : subscriptions) {
        try {
          subscription.close();
        } catch (RuntimeException e) {
          first = first == null ? e : first;
        }
        retirePassed(subscription.ring(), room, pool::unhold);
        remove(subscription);
      }
    } finally {
      looks.end();
    }
    return first;
  }

  @Override
  public String toString() {
    return "feed '" + name + "' of pool '" + pool.name() + "'";
  }
}
