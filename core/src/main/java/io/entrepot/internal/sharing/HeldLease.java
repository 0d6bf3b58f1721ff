package io.entrepot.internal.sharing;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.NativeLease;

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
