package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSlots;
import io.entrepot.sync.Usage;
import java.util.concurrent.locks.LockSupport;

/**
 * What an importing process reads of the words of the pool that it imports: who writes in place to
 * a buffer there, and which fences the buffer has.
 *
 * <p>The importer stores its mapping slot and a full fence, or takes its own hold by CAS, then
 * looks here; the exporter's process sets its writer word by CAS, or adds its fence, then looks at
 * slots and holds of its peers ({@link PeerWords}). Both have a full fence in between, so one of
 * them sees the other.
 */
public final class ExporterWords {
  private static final long SLICE_NS = 50_000;

  private final Words words;
  private final PoolDescriptor layout;
  private final FarSlots reservations;

  private ExporterWords(Words words, PoolDescriptor layout) {
    this.words = words;
    this.layout = layout;
    this.reservations = layout.reservations(words);
  }

  /**
   * Over words that another process writes, of a pool with as many buffers as its importer's core.
   *
   * @throws IllegalStateException when they are too few
   */
  public static ExporterWords over(Words words, PoolCore core) {
    long needed = PeerWords.byteSize(core);
    if (words.byteSize() < needed) {
      throw new IllegalStateException(
          "pool '"
              + core.name()
              + "' came with "
              + words.byteSize()
              + " bytes of words, "
              + needed
              + " are needed");
    }
    return new ExporterWords(words, core.layout().at(words));
  }

  /** Whether a buffer may be used now by whoever waits for fences of that usage. */
  public boolean isQuiet(int buffer, Usage usage) {
    long place = layout.buffer(buffer);
    return words.getVolatile(place + PoolDescriptor.WRITER) == 0
        && reservations.isSignaled(place, usage);
  }

  /** Waits until a buffer is quiet; false when the time was over. */
  public boolean awaitQuiet(int buffer, Usage usage, long timeoutNs) {
    long startNs = System.nanoTime();
    while (!isQuiet(buffer, usage)) {
      if (System.nanoTime() - startNs >= timeoutNs || Thread.currentThread().isInterrupted()) {
        return isQuiet(buffer, usage);
      }
      LockSupport.parkNanos(this, SLICE_NS);
    }
    return true;
  }
}
