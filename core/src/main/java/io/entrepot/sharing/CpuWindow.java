package io.entrepot.sharing;

import io.entrepot.internal.sharing.BracketedWindow;
import java.lang.foreign.MemorySegment;

/**
 * Raw CPU access to a buffer, through the exporter and bracketed by it: the only way to a {@link
 * MemorySegment}.
 *
 * <p><b>Threads.</b> Window and segment are confined to the thread that opened it. After {@link
 * #close()} the segment throws on every use.
 */
public sealed interface CpuWindow extends AutoCloseable permits BracketedWindow {

  /** {@return the buffer's bytes; read-only when the window was opened for reading} */
  MemorySegment segment();

  /** Closes the window: the exporter is told, the segment dies. Twice is harmless. */
  @Override
  void close();
}
