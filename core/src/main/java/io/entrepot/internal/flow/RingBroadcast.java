package io.entrepot.internal.flow;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.sharing.FreeBuffers;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.IdleStrategy;

/**
 * A feed: one ring for each reader. Published buffers have one hold for each ring that they are in,
 * so that a reader which stands still keeps its own frames from coming back and no others.
 */
public final class RingBroadcast implements Broadcast, FreeBuffers.Retirer {
  private static final Object CLOSED = new Object();

  private final PoolCore pool;
  private final String name;
  private final WaitList published = WaitList.withWordsOfItsOwn();

  /** The open writer, {@code null}, or {@link #CLOSED}. */
  private final AtomicReference<Object> writer = new AtomicReference<>();

  private volatile RingReader.Subscription[] subscriptions = {};
  private volatile long stallLimitMs = DEFAULT_STALL_LIMIT.toMillis();
  private volatile boolean ended;
  private volatile Throwable failure;
  private volatile boolean closed;

  /** Number of the next frame while there is no writer: each goes on where the last one ended. */
  private volatile long sequence;

  RingBroadcast(PoolCore pool, String name) {
    this.pool = pool;
    this.name = name;
    pool.free().register(this);
  }

  PoolCore pool() {
    return pool;
  }

  @Override
  public String name() {
    return name;
  }

  WaitList published() {
    return published;
  }

  RingReader.Subscription[] subscriptions() {
    return subscriptions;
  }

  boolean isEnded() {
    return ended;
  }

  Throwable failure() {
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
    return openWriter(ours(attachment), false, null);
  }

  @Override
  public FeedWriter writer(Attachment attachment, IdleStrategy idle) {
    return openWriter(ours(attachment), false, Objects.requireNonNull(idle, "idle"));
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
    ended = false;
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
    checkOpen();
    checkDepth(importer, depth);
    return new RingReader(this, pool.attach(importer), true, overflow, depth, division);
  }

  @Override
  public FeedReader join(Attachment attachment, Overflow overflow, int depth, Division division) {
    checkOpen();
    checkDepth(attachment.importer(), depth);
    return new RingReader(this, ours(attachment), false, overflow, depth, division);
  }

  private void checkDepth(Importer importer, int depth) {
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

  /** The attachment, when it is one that a user made to this pool and that still stands. */
  private PoolAttachment ours(Attachment attachment) {
    PoolAttachment given = (PoolAttachment) attachment;
    if (given.pool() != pool) {
      throw new IllegalArgumentException(
          "attachment " + attachment + " is not of pool '" + pool.name() + "'");
    }
    given.checkAttached();
    return given;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("feed '" + name + "' is closed");
    }
    pool.checkOpen();
  }

  /** Adds a ring to deliver to. */
  synchronized void add(RingReader.Subscription subscription) {
    RingReader.Subscription[] more = Arrays.copyOf(subscriptions, subscriptions.length + 1);
    more[more.length - 1] = subscription;
    subscriptions = more;
  }

  /** Forgets a ring that is closed and drained. Called by the writer, or when there is none. */
  void remove(RingReader.Subscription subscription) {
    synchronized (this) {
      subscriptions =
          Arrays.stream(subscriptions)
              .filter(kept -> kept != subscription)
              .toArray(RingReader.Subscription[]::new);
    }
    subscription.leftFeed();
  }

  @Override
  public void retirePassed() {
    for (RingReader.Subscription subscription : subscriptions) {
      subscription.closeIfRevoked();
      retirePassed(subscription.ring());
    }
  }

  void retirePassed(ReaderRing ring) {
    long handle;
    while ((handle = ring.retireNext()) != ReaderRing.NONE) {
      pool.unhold(ReaderRing.buffer(handle), ReaderRing.generation(handle));
    }
  }

  /** The writer is gone: readers see the end, or the failure, after what was published. */
  void end(RingWriter gone, long nextSequence, Throwable cause) {
    sequence = nextSequence;
    failure = cause;
    ended = true;
    writer.compareAndSet(gone, null);
    published.signal();
  }

  /** Wakes readers and, for BLOCK, the writer, after somebody has left. */
  void left() {
    published.signal();
    pool.freed().signal();
  }

  @Override
  public void poolClosed() {
    ended = true;
    for (RingReader.Subscription subscription : subscriptions) {
      subscription.ring().close();
    }
    published.signal();
  }

  @Override
  public String describeHolds() {
    StringBuilder text = new StringBuilder();
    for (RingReader.Subscription subscription : subscriptions) {
      long unread = subscription.ring().unread();
      if (unread > 0) {
        text.append(text.isEmpty() ? "feed '" + name + "': " : ", ");
        text.append(unread).append(" unread by '");
        text.append(subscription.reader().attachment().importer().name()).append('\'');
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
    ended = true;
    for (RingReader.Subscription subscription : subscriptions) {
      subscription.reader().close();
      retirePassed(subscription.ring());
      remove(subscription);
    }
    pool.free().unregister(this);
    left();
  }
}
