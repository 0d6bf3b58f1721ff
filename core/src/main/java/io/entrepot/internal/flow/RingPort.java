package io.entrepot.internal.flow;

import io.entrepot.flow.Frame;
import io.entrepot.flow.FramePort;
import io.entrepot.internal.buffers.ExporterWords;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.sharing.HeldBuffer;
import io.entrepot.internal.sharing.HeldLease;
import io.entrepot.internal.sharing.LanePort;
import io.entrepot.internal.sharing.MappedView;
import io.entrepot.internal.sharing.MappingSlot;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sync.Usage;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * A reading thread's end of a ring, from which it takes frames in three forms; see {@link
 * ReaderRing} for how.
 */
public final class RingPort implements FramePort {
  /**
   * How often a frame is looked for that is gone when it is to be taken, before the time is looked
   * at: a hostile writer's words may change for ever.
   */
  private static final int MOST_LOOKS = 1_000;

  /** How a frame is taken: as a view, as a hold, or as a hold for a use that begins at once. */
  private enum Form {
    VIEW,
    HOLD,
    READY_HOLD
  }

  private final RingReader reader;
  private final Upstream feed;
  private final PoolCore pool;
  private final RingReader.Subscription subscription;

  /** What is published from the join on. */
  private final ReaderRing ring;

  private final LanePort port;
  private final IdleStrategy idle;
  private final boolean viewing;
  private final Usage awaited;

  /** The words of the process that exports the pool, or {@code null} where that is this one. */
  private final ExporterWords exporter;

  private final NumberedLayout farLayout;

  private final BooleanSupplier readable = this::isReadable;

  private MappingSlot slot;
  private MappedView view;
  private boolean mapped;

  /** The frame was taken as a lease or a reference, which is the caller's to end. */
  private boolean passedOn;

  /** The reference or lease that it was taken as last. */
  private HeldBuffer reference;

  private HeldLease lease;

  /** The entry that is looked at. */
  private final NextEntry next;

  private final RingEntry seen;
  private final NoFrame noFrame;

  /** The frame that was taken last. */
  private final RingEntry frame = new RingEntry();

  private FrameLayout layout;
  private boolean closed;

  RingPort(
      RingReader reader,
      Upstream feed,
      PoolCore pool,
      LanePort port,
      RingReader.Subscription subscription,
      IdleStrategy idle) {
    this.reader = reader;
    this.feed = feed;
    this.pool = pool;
    this.subscription = subscription;
    this.ring = subscription.ring();
    this.next = new NextEntry(feed, pool, subscription.backlog(), ring, MOST_LOOKS);
    this.seen = next.seen();
    this.noFrame = new NoFrame(feed, pool, reader.attachment(), ring, next);
    this.port = port;
    this.idle = idle;
    this.viewing = reader.attachment().granted().type() == MappingType.VIEW;
    this.slot = port.flyweightSlot();
    this.view = port.flyweight(slot);
    this.exporter = pool.imported();
    this.farLayout = new NumberedLayout(feed);
    this.awaited = Usage.awaitedBy(reader.attachment().granted().access() == Access.WRITE);
    port.onAbandon(this::left);
  }

  private void left() {
    mapped = false;
    reader.closed(this, subscription);
  }

  private boolean isReadable() {
    return next.isReadable() || feed.isLost() || reader.attachment().isRevoked();
  }

  // ---------------------------------------------------------------- next, in three forms

  @Override
  public View next(long timeout, TimeUnit unit) {
    unmap();
    if (!viewing) {
      reader.attachment().require(MappingType.VIEW, Access.READ);
    }
    return takeView(0) || awaitAndTake(Form.VIEW, timeout, unit) ? view : null;
  }

  @Override
  public NativeLease nextLease(long timeout, TimeUnit unit) {
    reader.attachment().require(MappingType.NATIVE_POINTER, Access.READ);
    return takeHeld(Form.READY_HOLD, timeout, unit) ? lease() : null;
  }

  private NativeLease lease() {
    // Our own hold keeps the generation; the lease takes one of its own.
    try {
      lease = reader.attachment().lease(frame.buffer, frame.generation);
      return lease;
    } finally {
      pool.unhold(frame.buffer, frame.generation);
    }
  }

  @Override
  public SharedBuffer nextBuffer(long timeout, TimeUnit unit) {
    if (!takeHeld(Form.HOLD, timeout, unit)) {
      return null;
    }
    reference = HeldBuffer.adopting(pool, frame.buffer, frame.generation);
    return reference;
  }

  private boolean takeHeld(Form form, long timeout, TimeUnit unit) {
    unmap();
    return take(form, 0) || awaitAndTake(form, timeout, unit);
  }

  /** Takes the next frame, waiting for its fences, if they matter, for so long. */
  private boolean take(Form form, long timeoutNs) {
    return form == Form.VIEW ? takeView(timeoutNs) : takeHold(form == Form.READY_HOLD, timeoutNs);
  }

  /** Takes the next frame, when the first try took none. */
  private boolean awaitAndTake(Form form, long timeout, TimeUnit unit) {
    long startNs = System.nanoTime();
    long timeoutNs = limitNs(timeout, unit);
    long leftNs = timeoutNs;
    while (true) {
      // The frame comes first: why there is none is looked for when there is none.
      boolean isReadable = awaitReadable(leftNs);
      // An idle strategy may have closed the port, whose slot is somebody else's then.
      port.checkUsable();
      if (isReadable && take(form, 0)) {
        return true;
      }
      if (!noFrame.mayCome(isReadable, leftNs)) {
        return false;
      }
      if (form != Form.HOLD && look()) {
        noFrame.requireWhole();
      }
      if (idle == null && take(form, timeoutNs - (System.nanoTime() - startNs))) {
        return true;
      }
      if (isOver(startNs, timeoutNs)) {
        return false;
      }
      leftNs = timeoutNs - (System.nanoTime() - startNs);
    }
  }

  /** No less than 0: of the longest negative time nothing could be taken off. */
  private static long limitNs(long timeout, TimeUnit unit) {
    return Math.max(0, unit.toNanos(timeout));
  }

  /**
   * Whether to give up on a frame that is there, but that a fence or a writer in place keeps; idles
   * if not.
   */
  private boolean isOver(long startNs, long timeoutNs) {
    if (System.nanoTime() - startNs >= timeoutNs || Thread.currentThread().isInterrupted()) {
      return true;
    }
    if (idle != null) {
      idle.idle();
    }
    return false;
  }

  private boolean awaitReadable(long timeoutNs) {
    return idle == null
        ? feed.awaitPublished(ring, this.readable, timeoutNs)
        : WaitList.await(this.readable, timeoutNs, idle);
  }

  /** Takes the next frame as a mapping: slot first, then the claim, then the floor again. */
  private boolean takeView(long timeoutNs) {
    long startNs = timeoutNs > 0 ? System.nanoTime() : 0;
    long leftNs = timeoutNs;
    for (int tries = 0; tries < MOST_LOOKS && look(); tries++) {
      int taken = seen.buffer;
      port.store(slot, taken, false);
      if (!port.admit(slot, taken, false, leftNs)) {
        port.unmapFlyweight(slot, view);
        return false;
      }
      if (exporter != null && !isQuietBehindFence(taken)) {
        // Readers defer: the slot is taken back while somebody is waited for.
        port.unmapFlyweight(slot, view);
        if (leftNs > 0) {
          leftNs = limitNs(leftNs - (System.nanoTime() - startNs), TimeUnit.NANOSECONDS);
        }
        if (!exporter.awaitQuietOrLost(taken, awaited, leftNs)) {
          return false;
        }
        leftNs = 0;
        continue;
      }
      if (next.claim()) {
        took();
        if (LanePort.isChecked()) {
          view = port.flyweight(slot);
        }
        port.show(slot, view, false);
        mapped = true;
        return true;
      }
      port.unmapFlyweight(slot, view);
    }
    return false;
  }

  /**
   * Whether nobody in the exporter's process writes to a buffer in place, nor has fences on it that
   * are to be waited for. That process cannot see our attention word, nor we a barrier of its, so
   * the fence between our slot and its words is ours.
   */
  private boolean isQuietBehindFence(int buffer) {
    VarHandle.fullFence();
    return exporter.isQuiet(buffer, awaited);
  }

  /**
   * Takes a hold of this process's on the entry that is looked at, whose buffer the exporter's
   * queue holds for us. Readers defer: where somebody writes to it in place, or fences are pending,
   * the hold is dropped again.
   *
   * @param ready whether fences and writers in place matter
   * @return false when there is something to wait for, or the entry was dropped
   */
  private boolean adopt(int buffer, boolean ready) {
    if (!pool.adopt(buffer, seen.generation)) {
      pool.checkOpen();
      next.requireGone();
      return false;
    }
    if (ready && !exporter.isQuiet(buffer, awaited)) {
      pool.disown(buffer);
      return false;
    }
    return true;
  }

  /**
   * Takes the next frame as a hold, which the caller passes on. Fences are waited for under the
   * hold and before the claim: a frame that is waited for in vain is still there.
   */
  private boolean takeHold(boolean ready, long timeoutNs) {
    long leftNs = timeoutNs;
    for (int tries = 0; tries < MOST_LOOKS; tries++) {
      reader.attachment().checkAttachedOrClosed();
      if (!look()) {
        return false;
      }
      int taken = seen.buffer;
      long generation = seen.generation;
      // A hold that fails tells that the entry was dropped; one that is taken keeps the buffer.
      if (exporter != null) {
        if (!adopt(taken, ready)) {
          if (!exporter.awaitQuietOrLost(taken, awaited, leftNs)) {
            return false;
          }
          leftNs = 0;
          continue;
        }
      } else if (!pool.hold(taken, generation)) {
        next.requireGone();
        continue;
      }
      if (ready && exporter == null && pool.isHalfOverwritten(taken, generation)) {
        letGo(taken, generation);
        return false;
      }
      if (ready && !awaitFences(taken, generation, leftNs)) {
        letGo(taken, generation);
        return false;
      }
      if (next.claim()) {
        took();
        passedOn = true;
        reference = null;
        lease = null;
        return true;
      }
      letGo(taken, generation);
    }
    return false;
  }

  private void letGo(int buffer, long generation) {
    if (exporter != null) {
      pool.disown(buffer);
    } else {
      pool.unhold(buffer, generation);
    }
  }

  /** Looks at the next entry; false when there is none. */
  private boolean look() {
    if (!next.look()) {
      return false;
    }
    if (exporter != null) {
      farLayout.learn(next.layoutNumber());
    }
    return true;
  }

  private boolean awaitFences(int held, long heldGeneration, long timeoutNs) {
    return HeldBuffer.adopting(pool, held, heldGeneration)
        .reservation()
        .await(awaited, Duration.ofNanos(timeoutNs));
  }

  private void took() {
    frame.set(seen);
    // Copied now: after this mapping, or hold, the buffer and its layout are somebody else's.
    FrameLayout takenLayout =
        exporter == null ? pool.frames().layout(frame.buffer) : farLayout.layout();
    if (layout != takenLayout) {
      layout = takenLayout;
    }
    feed.roomMade();
  }

  // ---------------------------------------------------------------- the frame at hand

  @Override
  public void unmap() {
    port.checkUsable();
    passedOn = false;
    if (mapped) {
      mapped = false;
      port.unmapFlyweight(slot, view);
    }
  }

  @Override
  public View keep() {
    checkMapped();
    MappedView kept = view;
    MappingSlot other = port.flyweightSlot();
    port.keepMapped(slot);
    mapped = false;
    slot = other;
    view = port.flyweight(other);
    return kept;
  }

  @Override
  public SharedBuffer hold() {
    if (passedOn && (reference != null || lease != null)) {
      port.checkUsable();
      return reference != null ? reference.share() : lease.share();
    }
    checkMapped();
    if (!pool.holdMapped(frame.buffer, frame.generation)) {
      throw new IllegalStateException(
          "buffer " + frame.buffer + " is mapped but over: " + pool.dump());
    }
    if (!view.isOpen()) {
      // Forced meanwhile: the slot may have been out of sight before the hold was there, and
      // somebody be told since that nobody uses the buffer.
      pool.unhold(frame.buffer, frame.generation);
      checkMapped();
    }
    return HeldBuffer.adopting(pool, frame.buffer, frame.generation);
  }

  private void checkMapped() {
    port.checkUsable();
    if (!mapped || !view.isOpen()) {
      throw new IllegalStateException("no frame is mapped; call next first");
    }
  }

  private void checkTaken() {
    if (frame.buffer < 0) {
      throw new IllegalStateException("no frame was taken yet; call next first");
    }
  }

  @Override
  public long sequence() {
    checkTaken();
    return frame.sequence;
  }

  @Override
  public long timestamp() {
    checkTaken();
    return frame.timestamp;
  }

  @Override
  public FrameLayout layout() {
    checkTaken();
    return layout;
  }

  @Override
  public long validOffset() {
    checkTaken();
    return frame.validOffset;
  }

  @Override
  public long validLength() {
    checkTaken();
    return frame.validLength;
  }

  @Override
  public Frame frame() {
    return new Frame(
        sequence(), frame.timestamp, layout, frame.validOffset, frame.validLength, frame.buffer);
  }

  @Override
  public boolean isEnded() {
    return next.isEnded();
  }

  @Override
  public Port port() {
    return port;
  }

  @Override
  public void close() {
    if (!closed) {
      port.checkClosable();
      closed = true;
      port.close();
      left();
    }
  }
}
