package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PlacedBytes;
import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Fence;

/** A lease: one hold on one generation of a buffer, dropped when native code has let go. */
public final class HeldLease implements NativeLease, BufferUse {
  private final PoolAttachment attachment;
  private final int buffer;
  private final long generation;
  private final Access access;

  /** {@code null} until it was looked up. */
  private volatile PlacedBytes bytes;

  HeldLease(PoolAttachment attachment, int buffer, long generation, Access access) {
    this.attachment = attachment;
    this.buffer = buffer;
    this.generation = generation;
    this.access = access;
  }

  @Override
  public long generation() {
    return generation;
  }

  @Override
  public long address() {
    return bytes.segment().address();
  }

  @Override
  public long byteSize() {
    return attachment.pool().byteSize(buffer);
  }

  /** Looks up where its buffer lies, once it is listed; before anybody is given it. */
  void find() {
    bytes = attachment.pool().placed(buffer);
  }

  @Override
  public boolean mayLookAt(long memory) {
    return PlacedBytes.mayLieIn(bytes, memory);
  }

  @Override
  public Access access() {
    return access;
  }

  @Override
  public int bufferIndex() {
    return buffer;
  }

  /**
   * Another thread may close the lease at any instant: a hold of our own keeps the buffer this one
   * until the fence is in.
   */
  @Override
  public void close(Fence until) {
    if (!holdAgain()) {
      throw new IllegalStateException(
          this + " is closed: a fence does not protect its buffer any more");
    }
    try {
      attachment.uses().protect(this, until, access);
      close();
    } finally {
      attachment.pool().unhold(buffer, generation);
    }
  }

  /**
   * Makes a reference beside this lease.
   *
   * @throws io.entrepot.sharing.StaleBufferException when this lease is closed
   */
  public SharedBuffer share() {
    HeldBuffer beside = HeldBuffer.adopting(attachment.pool(), buffer, generation);
    if (!holdAgain()) {
      throw beside.stale();
    }
    return beside;
  }

  /** Takes another hold beside this lease's, for the caller to drop; false when it is closed. */
  private boolean holdAgain() {
    PoolCore pool = attachment.pool();
    if (!pool.hold(buffer, generation)) {
      return false;
    }
    boolean isOpen = attachment.uses().has(this);
    if (!isOpen) {
      pool.unhold(buffer, generation);
    }
    return isOpen;
  }

  @Override
  public void close() {
    if (attachment.uses().end(this)) {
      attachment.pool().numbers().count(PoolCounter.LEASES_RETURNED, 1);
    }
  }

  @Override
  public String toString() {
    return "native lease of buffer " + buffer + " by '" + attachment.importer().name() + "'";
  }
}
