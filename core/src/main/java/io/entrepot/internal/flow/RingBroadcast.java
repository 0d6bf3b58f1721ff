package io.entrepot.internal.flow;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sharing.FreeBuffers;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;
import org.agrona.concurrent.IdleStrategy;

/**
 * A feed: one ring for each reader. Published buffers have one hold for each ring that they are in,
 * so that a reader which stands still keeps its own frames from coming back and no others.
 *
 * <p>Longer than a page for the many forms of {@code join} and {@code writer} that a feed has.
 */
public final class RingBroadcast implements Broadcast, Upstream, FreeBuffers.Retirer {
  /** Entries that are taken over by one step; a thread that is stopped behind it keeps as many. */
  static final int RETIRED_AT_ONCE = 16;

  /** How long a publication that is under way holds a late joiner up. */
  private static final long AWARE_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final Object CLOSED = new Object();

  private final PoolCore pool;
  private final String name;
  private final WaitList published = WaitList.withWordsOfItsOwn();

  /** The open writer, {@code null}, or {@link #CLOSED}. */
  private final AtomicReference<Object> writer = new AtomicReference<>();

  private final Publishing publishing = new Publishing();
  private final RingLooks looks = new RingLooks(publishing);
  private volatile Subscriber[] subscriptions = {};

  /** What is retained, if anything: the last of the subscriptions, until it is closed. */
  private volatile History history;

  private volatile long stallLimitMs = DEFAULT_STALL_LIMIT.toMillis();

  /** What is written to the rings' words: see {@link ReaderRing#over}. */
  private long over = RingDescriptor.OPEN;

  private volatile Throwable failure;
  private volatile boolean closed;

  /** Number of the next frame while there is no writer: each goes on where the last one ended. */
  private volatile long sequence;

  RingBroadcast(PoolCore pool, String name) {
    this.pool = pool;
    this.name = name;
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
    return fill(backlog, to, depth, start, buffer -> 0);
  }

  private boolean fill(
      ReaderRing backlog, Subscriber to, int depth, Start start, IntUnaryOperator layoutNumber) {
    if (!publishing.awaitAware(AWARE_NS)) {
      return false;
    }
    History kept = history;
    if (kept == null) {
      return false;
    }
    int most = start == Start.NEWEST ? 1 : depth;
    if (to.overflow() == Overflow.DROP_OLDEST) {
      most = Math.clamp(depth - Backlog.unread(to.ring()), 0, most);
    }
    return Backlog.fill(
            kept.ring(), to.ring(), backlog, most, pool::hold, pool::unhold, layoutNumber)
        > 0;
  }

  @Override
  public FrameLayout layout(long number) {
    throw new UnsupportedOperationException("layouts of this process have no numbers: " + number);
  }

  @Override
  public boolean isLost() {
    return false;
  }

  /**
   * Adds a reader of another process.
   *
   * @param attachment of its importer
   * @param producer memory that this process writes, {@link FarReader#producerBytes} of it
   * @param reader words that the other process writes
   * @param readerPlace where the reader's record lies in them
   */
  public FarReader join(
      PoolAttachment attachment,
      Overflow overflow,
      int depth,
      Words producer,
      Words reader,
      long readerPlace) {
    checkOpen();
    FarReader made =
        new FarReader(
            attachment,
            overflow,
            FarReader.ring(depth, producer, producer.base(), reader, readerPlace),
            this::left,
            looks);
    add(made);
    return made;
  }

  /**
   * Gives a reader of another process, which has just been added, what was retained.
   *
   * @param producer as of {@link #join(PoolAttachment, Overflow, int, Words, Words, long)}, of
   *     twice {@link FarReader#producerBytes}: the backlog lies behind the other ring
   * @param readerPlace where another record of the reader lies
   */
  public void backlog(
      FarReader to, int depth, Start start, Words producer, Words reader, long readerPlace) {
    long producerPlace = producer.base() + FarReader.producerBytes(depth);
    ReaderRing ring = FarReader.ring(depth, producer, producerPlace, reader, readerPlace);
    if (fill(ring, to, depth, start, this::layoutNumber)) {
      to.backlog(ring);
      add(new Backlog(to, ring, depth, to::backlogLeft));
      if (to.ring().isClosed()) {
        // By somebody who has not seen the backlog: it is to be looked for again.
        left();
      }
    }
  }

  private int layoutNumber(int buffer) {
    return pool.frames().number(pool.frames().layout(buffer));
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
    return writer(viewing());
  }

  @Override
  public FeedWriter writer(IdleStrategy idle) {
    return attachedWriter(viewing(), Objects.requireNonNull(idle, "idle"));
  }

  @Override
  public FeedWriter writer(Importer importer) {
    return attachedWriter(importer, null);
  }

  @Override
  public FeedWriter writer(Attachment attachment) {
    return openWriter(pool.ours(attachment), false, null);
  }

  @Override
  public FeedWriter writer(Attachment attachment, IdleStrategy idle) {
    return openWriter(pool.ours(attachment), false, Objects.requireNonNull(idle, "idle"));
  }

  private Importer viewing() {
    return Importer.viewing(name + " writer", Access.WRITE);
  }

  private FeedWriter attachedWriter(Importer importer, IdleStrategy idle) {
    checkOpen();
    PoolAttachment attachment = pool.attach(importer);
    try {
      return openWriter(attachment, true, idle);
    } catch (RuntimeException notOpened) {
      attachment.close();
      throw notOpened;
    }
  }

  private FeedWriter openWriter(
      PoolAttachment attachment, boolean ownsAttachment, IdleStrategy idle) {
    checkOpen();
    if (writer.get() != null) {
      pool.reap();
    }
    RingWriter opened = new RingWriter(this, attachment, ownsAttachment, idle);
    if (!writer.compareAndSet(null, opened)) {
      opened.discard();
      checkOpen();
      throw new IllegalStateException("feed '" + name + "' has a writer already");
    }
    opened.begin(sequence);
    over(RingDescriptor.OPEN);
    return opened;
  }

  @Override
  public FeedReader join(String reader, Access access, Overflow overflow) {
    return join(reader, access, overflow, Math.min(DEFAULT_DEPTH, pool.buffers()));
  }

  @Override
  public FeedReader join(String reader, Access access, Overflow overflow, int depth) {
    return join(Importer.viewing(reader, access), overflow, depth, Division.EACH);
  }

  @Override
  public FeedReader join(Importer importer, Overflow overflow, int depth, Division division) {
    return join(importer, overflow, depth, division, Start.NEXT);
  }

  @Override
  public FeedReader join(
      Importer importer, Overflow overflow, int depth, Division division, Start start) {
    checkOpen();
    checkDepth(importer, depth);
    requireChoices(overflow, division, start);
    PoolAttachment attachment = pool.attach(importer);
    FeedReader reader = null;
    try {
      reader = new RingReader(this, attachment, true, overflow, depth, division, start);
      return reader;
    } finally {
      if (reader == null) {
        attachment.close();
      }
    }
  }

  @Override
  public FeedReader join(Attachment attachment, Overflow overflow, int depth, Division division) {
    return join(attachment, overflow, depth, division, Start.NEXT);
  }

  @Override
  public FeedReader join(
      Attachment attachment, Overflow overflow, int depth, Division division, Start start) {
    checkOpen();
    checkDepth(attachment.importer(), depth);
    requireChoices(overflow, division, start);
    return new RingReader(this, pool.ours(attachment), false, overflow, depth, division, start);
  }

  @Override
  public void retain(int frames) {
    checkOpen();
    if (frames < 0 || frames > pool.buffers()) {
      throw new IllegalArgumentException(
          frames
              + " frames to retain are not within 0 to "
              + pool.buffers()
              + ", the buffers of pool '"
              + pool.name()
              + "'");
    }
    retainFrom(frames);
    left();
  }

  private synchronized void retainFrom(int frames) {
    History before = history;
    if (frames == (before == null ? 0 : before.frames())) {
      return;
    }
    if (before != null) {
      before.close();
    }
    history = null;
    if (frames > 0 && !closed) {
      History next = new History(frames);
      putIn(next);
      history = next;
    }
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
    checkDepth(pool, importer, depth);
  }

  static void checkDepth(PoolCore pool, Importer importer, int depth) {
    if (depth < 1 || depth > pool.buffers()) {
      throw new IllegalArgumentException(
          "depth "
              + depth
              + " of reader '"
              + importer.name()
              + "' is not within 1 to "
              + pool.buffers()
              + ", the buffers of pool '"
              + pool.name()
              + "'");
    }
  }

  /** Before anything is attached: what is missing here would be found by the writer's thread. */
  static void requireChoices(Overflow overflow, Division division, Start start) {
    Objects.requireNonNull(overflow, "overflow");
    Objects.requireNonNull(division, "division");
    Objects.requireNonNull(start, "start");
  }

  private void checkOpen() {
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

  private synchronized void putIn(Subscriber subscription) {
    int at = subscriptions.length;
    Subscriber[] more = Arrays.copyOf(subscriptions, at + 1);
    if (at > 0 && more[at - 1] == history) {
      // Which stays the last: see there.
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

  /** The writer is gone: readers see the end, or the failure, after what was published. */
  void end(RingWriter gone, long nextSequence, Throwable cause) {
    if (writer.get() != gone) {
      // One that never came to be the writer.
      return;
    }
    sequence = nextSequence;
    failure = cause;
    publishing.end();
    over(cause == null ? RingDescriptor.ENDED : RingDescriptor.FAILED);
    writer.compareAndSet(gone, null);
    published.signal();
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
        text.append(unread).append(subscription == history ? " retained for '" : " unread by '");
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
    pool.reap();
    if (!writer.compareAndSet(null, CLOSED)) {
      throw new IllegalStateException("feed '" + name + "' has an open writer; close it first");
    }
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
