package io.entrepot.internal.sharing;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.CpuWindow;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A window over a confined arena of its own, with one hold on its buffer. */
public final class BracketedWindow implements CpuWindow, BufferUse {
  private final PoolAttachment attachment;
  private final int buffer;
  private final long generation;
  private final Access access;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment segment;

  @SuppressWarnings("restricted")
  BracketedWindow(PoolAttachment attachment, int buffer, long generation, Access access) {
    this.attachment = attachment;
    this.buffer = buffer;
    this.generation = generation;
    this.access = access;
    MemorySegment bytes = attachment.pool().memory(buffer).reinterpret(arena, null);
    this.segment = access == Access.READ ? bytes.asReadOnly() : bytes;
  }

  @Override
  public int bufferIndex() {
    return buffer;
  }

  @Override
  public long generation() {
    return generation;
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    if (!arena.scope().isAlive()) {
      return;
    }
    arena.close();
    PoolCore pool = attachment.pool();
    attachment.endUse(this);
    try {
      pool.exporter().endCpuAccess(pool.memory(buffer), access);
    } finally {
      pool.unhold(buffer, generation);
    }
  }

  @Override
  public String toString() {
    return "CPU window on buffer " + buffer + " by '" + attachment.importer().name() + "'";
  }
}
