package io.entrepot.sharing;

import io.entrepot.internal.sharing.BracketedWindow;
import io.entrepot.sync.Fence;
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

  /**
   * Closes the window, while work on the buffer that began under it goes on until a fence is
   * signaled. The fence is added to the buffer's reservation before the window closes: as a read,
   * or for a window for writing as a write, for which later readers wait too. Also behind a
   * revocation, which ends no window: the buffer then stays in quarantine until the fence is
   * signaled.
   *
   * @param until of any kind; what enters the reservation are the points of timelines of this pool
   *     that it consists of
   * @throws IllegalArgumentException when a fence in it is of no timeline, or of another pool; the
   *     window stays open
   * @throws IllegalStateException when the window is closed; or when the reservation has no room,
   *     and then the window stays open
   */
  void close(Fence until);

  /** Closes the window: the exporter is told, the segment dies. Twice is harmless. */
  @Override
  void close();
}
