package io.entrepot.internal.flow;

import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.sharing.BufferOwner;
import io.entrepot.internal.sharing.HeldBuffer;
import io.entrepot.internal.sharing.LanePort;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * The writing end of a feed.
 *
 * <p>Publishing decides for each ring whether the frame goes there, gives the buffer as many holds
 * as there are such rings, and only then pushes: a hold is there before anybody can give it back.
 * Room in the rings of BLOCK readers is seen to before a buffer is handed out, so publishing never
 * waits.
 */
public final class RingWriter implements FeedWriter {
  private final RingBroadcast feed;
  private final PoolCore pool;
  private final PoolAttachment attachment;
  private final boolean ownsAttachment;
  private final IdleStrategy idle;
  private final LanePort port;
  private final BufferOwner owner;
  private final Dropping dropping;
  private final Eviction eviction;
  private final BooleanSupplier tryTake = this::tryTake;
  private final FreeBuffers.Holds unhold;
  private final boolean writesThroughViews;
  private WritableView view;

  /** To which of the rings that were chosen from the frame being published goes. */
  private boolean[] delivers = {};

  /** Room for what is retired at once. */
  private final long[] room = new long[RingBroadcast.RETIRED_AT_ONCE];

  /** Whether no buffer was there when one was looked for last. */
  private boolean isKeptWaiting;

  /** Whether this thread waits for room, with a reference to publish. */
  private boolean isAwaitingRoom;

  private long sequence;
  private FrameLayout layout;
  private long validOffset;
  private long validLength = -1;
  private boolean closed;

  /** A writer that parks when it waits, unless there is a strategy to idle by. */
  RingWriter(
      RingBroadcast feed, PoolAttachment attachment, boolean ownsAttachment, IdleStrategy idle) {
    this.feed = feed;
    this.dropping = new Dropping(feed);
    this.eviction = new Eviction(feed);
    this.pool = feed.pool();
    this.unhold = pool::unhold;
    this.attachment = attachment;
    this.ownsAttachment = ownsAttachment;
    this.idle = idle;
    this.writesThroughViews =
        attachment.granted().type() == MappingType.VIEW
            && attachment.granted().access() == Access.WRITE;
    this.port = attachment.openPort();
    this.owner = new BufferOwner(port, true);
    port.onAbandon(this::abandoned);
  }

  /** The thread has ended without closing this writer. Runs on another thread. */
  private void abandoned() {
    feed.seat()
        .end(
            this,
            sequence,
            new IllegalStateException(
                "the thread of the writer of feed '" + feed.name() + "' has ended"));
    detach();
  }

  /** Goes on from the numbers of the writer before. */
  void begin(long nextSequence) {
    sequence = nextSequence;
  }

  // ---------------------------------------------------------------- acquiring

  @Override
  public WritableView acquire(long timeout, TimeUnit unit) {
    port.checkUsable();
    if (!writesThroughViews) {
      attachment.require(MappingType.VIEW, Access.WRITE);
    }
    if (owner.isOwning()) {
      checkNotPublishing();
      owner.give();
    }
    owner.checkOwnsNone();
    if (!tryTake() && !owner.await(tryTake, unit.toNanos(timeout), idle)) {
      return null;
    }
    validOffset = 0;
    validLength = -1;
    return view;
  }

  private boolean tryTake() {
    if (!hasRoom()) {
      return false;
    }
    WritableView taken;
    // Before the try: one that found all withheld has not found that none is free.
    boolean mayTake = pool.free().isHandingOut();
    while ((taken = owner.tryTake()) == null) {
      // What is dropped would be withheld as what is free is.
      if (!mayTake || !pool.free().isHandingOut() || !letsGoOfOne()) {
        return false;
      }
    }
    if (view != taken) {
      view = taken;
    }
    if (isKeptWaiting) {
      isKeptWaiting = false;
      eviction.waitIsOver();
    }
    return true;
  }

  /** Whether a buffer was taken from readers, by a drop or an eviction. */
  private boolean letsGoOfOne() {
    boolean hasBegun = feed.looks().writerBegins();
    try {
      if (dropping.dropOldest()) {
        return true;
      }
      isKeptWaiting = true;
      return eviction.evictWhoKeepsAll();
    } finally {
      feed.looks().writerEnds(hasBegun);
    }
  }

  private boolean hasRoom() {
    if (isRoomKnown()) {
      return true;
    }
    boolean hasBegun = feed.looks().writerBegins();
    try {
      return makesRoom();
    } finally {
      feed.looks().writerEnds(hasBegun);
    }
  }

  /** Whether there is room in all rings and nothing to do, as far as is known without a look. */
  private boolean isRoomKnown() {
    for (Subscriber to : feed.subscriptions()) {
      if (!to.ring().isRoomKnown()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether every BLOCK reader has room; evicts one that has stood still for too long. Makes space
   * in the rings on the way: here nobody waits for the frame yet.
   */
  private boolean makesRoom() {
    boolean room = true;
    for (Subscriber to : feed.subscriptions()) {
      ReaderRing ring = to.ring();
      if (to.overflow() == Overflow.BLOCK && !to.isGone() && !ring.hasRoom()) {
        room &= eviction.evictIfStalled(to);
      }
      if (ring.isWorthRetiring()) {
        owner.refill();
      }
      if (!ring.hasSpace()) {
        retirePassed(ring);
      }
    }
    return room;
  }

  // ---------------------------------------------------------------- publishing

  @Override
  public void layout(FrameLayout next) {
    port.checkUsable();
    checkNotPublishing();
    layout = next;
  }

  @Override
  public void valid(long offset, long length) {
    port.checkUsable();
    checkAcquired();
    checkNotPublishing();
    Objects.checkFromIndexSize(offset, length, pool.byteSize(owner.buffer()));
    validOffset = offset;
    validLength = length;
  }

  @Override
  public void publish(long timestamp) {
    port.checkUsable();
    checkAcquired();
    checkNotPublishing();
    int published = owner.buffer();
    long generation = owner.generation();
    long length = validLength < 0 ? pool.byteSize(published) - validOffset : validLength;
    frameWords(published, layout, validOffset, length);
    feed.publishing().begin();
    try {
      Subscriber[] targets = feed.subscriptions();
      int holders = choose(targets, layout);
      // Code of others that ran meanwhile may have closed the port, and with it given back this.
      checkAcquired();
      if (holders == 0) {
        owner.give();
      } else {
        owner.publish(holders);
      }
      push(
          targets,
          RingDescriptor.handle(published, generation),
          timestamp,
          validOffset,
          length,
          layout);
    } finally {
      feed.publishing().end();
    }
    tellPublished();
  }

  @Override
  public void abort() {
    port.checkUsable();
    checkAcquired();
    checkNotPublishing();
    owner.give();
  }

  @Override
  public boolean publish(
      SharedBuffer reference,
      FrameLayout frame,
      long ofOffset,
      long ofLength,
      long timestamp,
      long timeout,
      TimeUnit unit) {
    port.checkUsable();
    checkNotPublishing();
    HeldBuffer held = ((HeldBuffer) reference).checkOpenIn(pool);
    Objects.checkFromIndexSize(ofOffset, ofLength, held.byteSize());
    if (!hasRoom() && !awaitRoom(unit.toNanos(timeout))) {
      return false;
    }
    if (!held.take()) {
      throw held.stale();
    }
    boolean isPassedOn = false;
    int published = held.index();
    try {
      // Words of a frame that is published already are being read: they stay as they are.
      if (pool.isOwned(published)) {
        frameWords(published, frame, ofOffset, ofLength);
      }
      // Before anything is dropped for it, and whether anybody reads it: it may be refused.
      pool.publish(published, held.generation());
      long offset = pool.frames().validOffset(published);
      long length = pool.frames().validLength(published);
      FrameLayout of = pool.frames().layout(published);
      feed.publishing().begin();
      Subscriber[] targets = feed.subscriptions();
      pool.passOn(published, held.generation(), choose(targets, of));
      isPassedOn = true;
      push(
          targets,
          RingDescriptor.handle(published, held.generation()),
          timestamp,
          offset,
          length,
          of);
    } finally {
      feed.publishing().end();
      if (!isPassedOn) {
        held.untake();
      }
    }
    tellPublished();
    return true;
  }

  private boolean awaitRoom(long timeoutNs) {
    boolean before = isAwaitingRoom;
    isAwaitingRoom = true;
    try {
      return idle == null
          ? pool.freed().await(this::hasRoom, timeoutNs)
          : WaitList.await(this::hasRoom, timeoutNs, idle);
    } finally {
      isAwaitingRoom = before;
    }
  }

  /** What the frame is, for whoever publishes the buffer further. */
  private void frameWords(int published, FrameLayout frame, long offset, long length) {
    pool.frames().layout(published, frame);
    pool.frames().validRange(published, offset, length);
  }

  /**
   * Decides which rings the next frame goes to; how many.
   *
   * @param targets the same are pushed to, whoever joins or leaves meanwhile. In no field: that
   *     would cost each frame a collector's write barrier, with a fence in it
   */
  private int choose(Subscriber[] targets, FrameLayout frame) {
    int holders = 0;
    if (delivers.length < targets.length) {
      delivers = new boolean[targets.length];
    }
    for (int i = 0; i < targets.length; i++) {
      delivers[i] = accepts(targets[i], frame);
      holders += delivers[i] ? 1 : 0;
    }
    return holders;
  }

  /** Whether the next frame goes to a ring, in which there is space then. */
  private boolean accepts(Subscriber to, FrameLayout frame) {
    ReaderRing ring = to.ring();
    if (to.isGone()) {
      cleanUp(to);
      return false;
    }
    if (!to.takesFrames(frame)) {
      return false;
    }
    if (!ring.hasRoom()) {
      if (to.overflow() == Overflow.DROP_NEWEST) {
        ring.refuse();
        return false;
      }
      if (to.overflow() == Overflow.DROP_OLDEST) {
        ring.makeRoom();
        // The reader's hold may have been the last.
        pool.freed().signal();
      }
    }
    if (!ring.hasSpace()) {
      retirePassed(ring);
    }
    return true;
  }

  private void push(
      Subscriber[] targets,
      long handle,
      long timestamp,
      long offset,
      long length,
      FrameLayout frame) {
    long number = sequence++;
    for (int i = 0; i < targets.length; i++) {
      if (delivers[i]) {
        Subscriber to = targets[i];
        to.ring().push(handle, number, timestamp, offset, length, to.layoutNumber(frame));
      }
    }
    // Behind all pushes: to wake somebody takes longer than all of them.
    for (int i = 0; i < targets.length; i++) {
      if (delivers[i]) {
        delivers[i] = false;
        targets[i].wake();
      }
    }
  }

  /** Behind a publication. */
  private void tellPublished() {
    feed.published().signal();
    if (feed.publishing().hasChanged()) {
      feed.forgetClosed();
    }
  }

  private void retirePassed(ReaderRing ring) {
    RingBroadcast.retirePassed(ring, room, unhold);
  }

  /** A reader has left: nobody pushes to its ring any more, so what it held can all come back. */
  private void cleanUp(Subscriber left) {
    retirePassed(left.ring());
    if (left.ring().isDrained()) {
      feed.remove(left);
    }
  }

  private void checkAcquired() {
    if (!owner.isOwning()) {
      throw new IllegalStateException("no buffer is acquired; call acquire first");
    }
  }

  /**
   * Code of others may run in the midst of a publication: a log's, which is told of a reader that
   * was cut off. The frame, and who gets it, are decided for one publication at a time.
   */
  private void checkNotPublishing() {
    if (feed.publishing().hasBegun()) {
      throw new IllegalStateException(
          "the writer of feed '"
              + feed.name()
              + "' is in the midst of publishing a frame: use it when that is done, not from code"
              + " that runs meanwhile, such as a handler of a log");
    }
  }

  /** As {@link #checkNotPublishing}, while room is looked for: behind a close another may write. */
  private void checkNotLooking() {
    if (isAwaitingRoom || feed.looks().hasWriterBegun()) {
      throw new IllegalStateException(
          "the writer of feed '"
              + feed.name()
              + "' looks for room for a frame just now: close it when that is done, not from code"
              + " that runs meanwhile, such as an idle strategy");
    }
  }

  // ---------------------------------------------------------------- the end

  @Override
  public Attachment attachment() {
    return attachment;
  }

  @Override
  public Port port() {
    return port;
  }

  @Override
  public void fail(Throwable cause) {
    end(Objects.requireNonNull(cause, "cause"));
  }

  @Override
  public void close() {
    end(null);
  }

  private void end(Throwable cause) {
    if (closed) {
      return;
    }
    port.checkClosable();
    checkNotPublishing();
    checkNotLooking();
    closed = true;
    if (owner.isOwning()) {
      owner.give();
    }
    feed.seat().end(this, sequence, cause);
    discard();
  }

  /** Gives back the port. */
  void discard() {
    port.close();
    detach();
  }

  /** An attachment of our own goes when its last lease has come back; the caller's is his. */
  private void detach() {
    if (ownsAttachment) {
      attachment.closeWhenUnused();
    }
  }
}
