package io.entrepot.internal.sharing;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sync.Fence;

/** A lease: one hold on one generation of a buffer, dropped when native code has let go. */
public final class HeldLease implements NativeLease, BufferUse {
  private final PoolAttachment attachment;
  private final int buffer;
  private final long generation;
  private final Access access;

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
    return attachment.pool().memory(buffer).address();
  }

  @Override
  public long byteSize() {
    return attachment.pool().byteSize(buffer);
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
    PoolCore pool = attachment.pool();
    if (!pool.hold(buffer, generation)) {
      throw closed();
    }
    try {
      if (!attachment.uses().has(this)) {
        throw closed();
      }
      attachment.uses().protect(this, until, access);
      close();
    } finally {
      pool.unhold(buffer, generation);
    }
  }

  private IllegalStateException closed() {
    return new IllegalStateException(
        this + " is closed: a fence does not protect its buffer any more");
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
