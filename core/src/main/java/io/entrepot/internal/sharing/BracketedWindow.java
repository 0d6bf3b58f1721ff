package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PlacedBytes;
import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.CpuWindow;
import io.entrepot.sync.Fence;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A window over a confined arena of its own, with one hold on its buffer. */
public final class BracketedWindow implements CpuWindow, BufferUse {
  private final PoolAttachment attachment;
  private final int buffer;
  private final long generation;
  private final Access access;
  private final Thread owner = Thread.currentThread();
  private final Arena arena = Arena.ofConfined();

  /** {@code null} until they were looked up. */
  private volatile PlacedBytes bytes;

  private MemorySegment segment;

  private BracketedWindow(PoolAttachment attachment, int buffer, long generation, Access access) {
    this.attachment = attachment;
    this.buffer = buffer;
    this.generation = generation;
    this.access = access;
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
  public boolean mayLookAt(long memory) {
    return PlacedBytes.mayLieIn(bytes, memory);
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  /** Opens a window under a reference; {@code null} when the time was over. */
  static BracketedWindow open(PoolAttachment attachment, HeldBuffer held, Patience patience) {
    Access access = attachment.granted().access();
    BracketedWindow window =
        new BracketedWindow(attachment, held.index(), held.generation(), access);
    boolean begun = false;
    try {
      begun = attachment.uses().begin(window, held, access, patience);
    } finally {
      if (!begun) {
        window.arena.close();
      }
    }
    if (!begun) {
      return null;
    }
    window.begin();
    attachment.pool().numbers().count(PoolCounter.WINDOWS, 1);
    return window;
  }

  /**
   * Looks up where the buffer lies, now that the window is listed, and tells the exporter that it
   * opens; gives everything back when that is refused.
   */
  @SuppressWarnings("restricted")
  private void begin() {
    boolean begun = false;
    try {
      bytes = attachment.pool().placed(buffer);
      MemorySegment shown = bytes.segment().reinterpret(arena, null);
      segment = access == Access.READ ? shown.asReadOnly() : shown;
      attachment.pool().exporter().beginCpuAccess(bytes.segment(), access);
      begun = true;
    } finally {
      if (!begun) {
        arena.close();
        attachment.uses().end(this);
      }
    }
  }

  @Override
  public void close(Fence until) {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException(
          this + " of thread '" + owner.getName() + "' was closed by another");
    }
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException(
          this + " is closed: a fence does not protect its buffer any more");
    }
    attachment.uses().protect(this, until, access);
    close();
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      end();
    }
  }

  /** Whether the one thread that could close this window has ended. */
  boolean isOrphaned() {
    return owner.getState() == Thread.State.TERMINATED;
  }

  /** Closes the window of a thread that has ended: its segment is out of everybody's reach. */
  void abandon() {
    end();
  }

  private void end() {
    try {
      attachment.pool().exporter().endCpuAccess(bytes.segment(), access);
    } finally {
      attachment.uses().end(this);
    }
  }

  @Override
  public String toString() {
    return "CPU window on buffer " + buffer + " by '" + attachment.importer().name() + "'";
  }
}
