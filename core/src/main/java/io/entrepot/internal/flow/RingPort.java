package io.entrepot.internal.flow;

import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.Frame;
import io.entrepot.flow.FramePort;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.sharing.HeldBuffer;
import io.entrepot.internal.sharing.LanePort;
import io.entrepot.internal.sharing.MappedView;
import io.entrepot.internal.sharing.MappingSlot;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.PoolDescriptor;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/** A reading thread's end of a ring; see {@link ReaderRing} for how frames are taken. */
public final class RingPort implements FramePort {
  private final RingReader reader;
  private final RingBroadcast feed;
  private final PoolCore pool;
  private final RingReader.Subscription subscription;
  private final ReaderRing ring;
  private final LanePort port;
  private final IdleStrategy idle;
  private final boolean viewing;
  private final BooleanSupplier readable = this::isReadable;

  private MappingSlot slot;
  private MappedView view;
  private boolean mapped;

  /** The frame was taken as a lease or a reference, which is the caller's to end. */
  private boolean passedOn;

  private int buffer = -1;
  private long generation;
  private long sequence = -1;
  private long timestamp;
  private long validOffset;
  private long validLength;
  private FrameLayout layout;
  private boolean closed;

  RingPort(
      RingReader reader, LanePort port, RingReader.Subscription subscription, IdleStrategy idle) {
    this.reader = reader;
    this.feed = reader.feed();
    this.pool = feed.pool();
    this.subscription = subscription;
    this.ring = subscription.ring();
    this.port = port;
    this.idle = idle;
    this.viewing = reader.attachment().granted().type() == MappingType.VIEW;
    this.slot = port.flyweightSlot();
    this.view = port.flyweight(slot);
    port.onAbandon(() -> reader.closed(this, subscription));
  }

  private boolean isReadable() {
    return ring.headAcquire() > ring.position()
        || feed.isEnded()
        || ring.isClosed()
        || reader.attachment().isRevoked();
  }

  // ---------------------------------------------------------------- next, in three forms

  @Override
  public View next(long timeout, TimeUnit unit) {
    unmap();
    if (!viewing) {
      reader.attachment().require(MappingType.VIEW, Access.READ);
    }
    if (takeView(0)) {
      return view;
    }
    long startNs = System.nanoTime();
    long timeoutNs = unit.toNanos(timeout);
    while (awaitFrame(timeoutNs - (System.nanoTime() - startNs))) {
      if (takeView(idle == null ? timeoutNs - (System.nanoTime() - startNs) : 0)) {
        return view;
      }
      if (isOver(startNs, timeoutNs)) {
        return null;
      }
    }
    return null;
  }

  @Override
  public NativeLease nextLease(long timeout, TimeUnit unit) {
    reader.attachment().require(MappingType.NATIVE_POINTER, Access.READ);
    return takeHeld(true, timeout, unit) ? lease() : null;
  }

  private NativeLease lease() {
    // Our own hold keeps the generation; the lease takes one of its own.
    try {
      return reader.attachment().lease(buffer, generation);
    } finally {
      pool.unhold(buffer, generation);
    }
  }

  @Override
  public SharedBuffer nextBuffer(long timeout, TimeUnit unit) {
    return takeHeld(false, timeout, unit) ? HeldBuffer.adopting(pool, buffer, generation) : null;
  }

  /** Takes the next frame as a hold, one whose fences are signaled if that is asked. */
  private boolean takeHeld(boolean ready, long timeout, TimeUnit unit) {
    unmap();
    if (takeHold(ready, 0)) {
      return true;
    }
    long startNs = System.nanoTime();
    long timeoutNs = unit.toNanos(timeout);
    while (awaitFrame(timeoutNs - (System.nanoTime() - startNs))) {
      if (takeHold(ready, idle == null ? timeoutNs - (System.nanoTime() - startNs) : 0)) {
        return true;
      }
      if (isOver(startNs, timeoutNs)) {
        return false;
      }
    }
    return false;
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

  /** Waits for a frame; false when there will be none in time. Throws when the feed has failed. */
  private boolean awaitFrame(long timeoutNs) {
    boolean readable =
        idle == null
            ? feed.published().await(this.readable, timeoutNs)
            : WaitList.await(this.readable, timeoutNs, idle);
    reader.attachment().checkAttachedOrClosed();
    if (!readable && timeoutNs > 0) {
      // A writer whose thread has died tells nobody: look for it when a wait was in vain.
      pool.reap();
    }
    if (!readable || ring.unread() == 0) {
      if (isEnded() && feed.failure() != null) {
        throw new FeedFailedException(
            "the writer of feed '" + feed.name() + "' has failed", feed.failure());
      }
      return false;
    }
    return true;
  }

  /** Takes the next frame as a mapping: slot first, then the claim, then the floor again. */
  private boolean takeView(long timeoutNs) {
    while (true) {
      long cursor = ring.cursor();
      long position = Math.max(cursor, ring.floor());
      if (position >= ring.headAcquire() || ring.isClosed()) {
        return false;
      }
      long handle = ring.handle(position);
      int taken = ReaderRing.buffer(handle);
      long takenGeneration = ReaderRing.generation(handle);
      long takenSequence = ring.sequence(position);
      long takenTimestamp = ring.timestamp(position);
      if (!pool.isBuffer(taken)) {
        // The entry was overwritten under our eyes: it was dropped, the floor is above it.
        continue;
      }
      port.store(slot, taken, false);
      if (!port.admit(slot, taken, false, timeoutNs)) {
        port.unmapFlyweight(slot, view);
        return false;
      }
      if (!ring.claim(cursor, position) || ring.wasDropped(position)) {
        port.unmapFlyweight(slot, view);
        continue;
      }
      took(taken, takenGeneration, takenSequence, takenTimestamp);
      if (LanePort.isChecked()) {
        view = port.flyweight(slot);
      }
      port.show(slot, view, false);
      mapped = true;
      return true;
    }
  }

  /**
   * Takes the next frame as a hold, which the caller passes on. Fences are waited for under the
   * hold and before the claim: a frame that is waited for in vain is still there.
   */
  private boolean takeHold(boolean ready, long timeoutNs) {
    while (true) {
      reader.attachment().checkAttachedOrClosed();
      long cursor = ring.cursor();
      long position = Math.max(cursor, ring.floor());
      if (position >= ring.headAcquire() || ring.isClosed()) {
        return false;
      }
      long handle = ring.handle(position);
      int taken = ReaderRing.buffer(handle);
      long takenGeneration = ReaderRing.generation(handle);
      long takenSequence = ring.sequence(position);
      long takenTimestamp = ring.timestamp(position);
      // A hold that fails tells that the entry was dropped; one that is taken keeps the buffer.
      if (!pool.isBuffer(taken) || !pool.hold(taken, takenGeneration)) {
        continue;
      }
      if (ready && !awaitFences(taken, takenGeneration, timeoutNs)) {
        pool.unhold(taken, takenGeneration);
        return false;
      }
      if (!ring.claim(cursor, position) || ring.wasDropped(position)) {
        pool.unhold(taken, takenGeneration);
        continue;
      }
      took(taken, takenGeneration, takenSequence, takenTimestamp);
      passedOn = true;
      return true;
    }
  }

  private boolean awaitFences(int held, long heldGeneration, long timeoutNs) {
    boolean write = reader.attachment().granted().access() == Access.WRITE;
    return HeldBuffer.adopting(pool, held, heldGeneration)
        .reservation()
        .await(Usage.awaitedBy(write), Duration.ofNanos(timeoutNs));
  }

  private void took(int taken, long takenGeneration, long takenSequence, long takenTimestamp) {
    buffer = taken;
    generation = takenGeneration;
    sequence = takenSequence;
    timestamp = takenTimestamp;
    // Copied now: after this mapping, or hold, the buffer and its words are somebody else's.
    validOffset = pool.frameWord(taken, PoolDescriptor.VALID_OFFSET);
    validLength = pool.frameWord(taken, PoolDescriptor.VALID_LENGTH);
    FrameLayout takenLayout = pool.frameLayout(taken);
    if (layout != takenLayout) {
      layout = takenLayout;
    }
    // Room in the ring is what a blocked writer waits for.
    pool.freed().signal();
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
    MappingSlot next = port.flyweightSlot();
    port.keepMapped(slot);
    mapped = false;
    slot = next;
    view = port.flyweight(next);
    return kept;
  }

  @Override
  public SharedBuffer hold() {
    if (passedOn) {
      port.checkUsable();
      HeldBuffer held = HeldBuffer.adopting(pool, buffer, generation);
      if (!pool.hold(buffer, generation)) {
        throw held.stale();
      }
      return held;
    }
    checkMapped();
    if (!pool.holdMapped(buffer, generation)) {
      throw new IllegalStateException("buffer " + buffer + " is mapped but over: " + pool.dump());
    }
    return HeldBuffer.adopting(pool, buffer, generation);
  }

  private void checkMapped() {
    port.checkUsable();
    if (!mapped || !view.isOpen()) {
      throw new IllegalStateException("no frame is mapped; call next first");
    }
  }

  private void checkTaken() {
    if (buffer < 0) {
      throw new IllegalStateException("no frame was taken yet; call next first");
    }
  }

  @Override
  public long sequence() {
    checkTaken();
    return sequence;
  }

  @Override
  public long timestamp() {
    checkTaken();
    return timestamp;
  }

  @Override
  public FrameLayout layout() {
    checkTaken();
    return layout;
  }

  @Override
  public long validOffset() {
    checkTaken();
    return validOffset;
  }

  @Override
  public long validLength() {
    checkTaken();
    return validLength;
  }

  @Override
  public Frame frame() {
    return new Frame(sequence(), timestamp, layout(), validOffset(), validLength(), buffer);
  }

  @Override
  public boolean isEnded() {
    return ring.isClosed() || (feed.isEnded() && ring.headAcquire() <= ring.position());
  }

  @Override
  public Port port() {
    return port;
  }

  @Override
  public void close() {
    if (!closed) {
      port.checkUsable();
      closed = true;
      mapped = false;
      port.close();
      reader.closed(this, subscription);
    }
  }
}
