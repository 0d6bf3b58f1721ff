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
import io.entrepot.sharing.Importer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

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
    stallLimitMs = limit.toMillis();
  }

  @Override
  public FeedWriter writer() {
    return writer(Importer.viewing(name + " writer", Access.WRITE));
  }

  @Override
  public FeedWriter writer(Importer importer) {
    checkOpen();
    PoolAttachment attachment = pool.attach(importer);
    if (writer.get() != null) {
      pool.reap();
    }
    RingWriter opened;
    try {
      opened = new RingWriter(this, attachment);
    } catch (RuntimeException noPort) {
      attachment.close();
      throw noPort;
    }
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
    return join(Importer.viewing(reader, access), overflow, DEFAULT_DEPTH, Division.EACH);
  }

  @Override
  public FeedReader join(Importer importer, Overflow overflow, int depth, Division division) {
    checkOpen();
    if (depth < 1 || depth > 1 << 20) {
      throw new IllegalArgumentException("depth " + depth + " is not within 1 to " + (1 << 20));
    }
    return new RingReader(this, pool.attach(importer), overflow, depth, division);
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
  synchronized void remove(RingReader.Subscription subscription) {
    subscriptions =
        Arrays.stream(subscriptions)
            .filter(kept -> kept != subscription)
            .toArray(RingReader.Subscription[]::new);
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
      if (unread > 0 && !subscription.ring().isClosed()) {
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
