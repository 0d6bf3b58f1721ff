package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Doorbell;
import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarFences;
import io.entrepot.internal.sync.FarReservations;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.sync.Usage;
import java.util.function.BooleanSupplier;

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
  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final FarReservations reservations;
  private final FarSignals signals;
  private final Doorbell doorbell;

  ExporterWords(
      Words words,
      PoolDescriptor layout,
      FarReservations reservations,
      FarSignals signals,
      Doorbell doorbell) {
    this.words = words;
    this.layout = layout;
    this.lanes = new Lanes(words, layout);
    this.reservations = reservations;
    this.signals = signals;
    this.doorbell = doorbell;
  }

  /**
   * Over words that another process writes, of a pool of which this process has a core.
   *
   * @param pool its name, for people
   * @param words that the exporter writes
   * @param own words, of this process
   * @param ownLayout of those; the exporter's lie in theirs alike
   * @param signals by which threads here learn of fences
   * @param fences by which fences of that process become objects of this one
   * @param lost whether it has ended, or goes on without this one and all that is attached here
   *     knows that: then its fences are waited for no more, once {@link #wake} is called
   * @throws IllegalStateException when they are too few
   */
  public static ExporterWords over(
      String pool,
      Words words,
      Words own,
      PoolDescriptor ownLayout,
      FarSignals signals,
      FarFences fences,
      BooleanSupplier lost) {
    long needed = ownLayout.byteSize();
    if (words.byteSize() < needed) {
      throw new IllegalStateException(
          "pool '"
              + pool
              + "' came with "
              + words.byteSize()
              + " bytes of words, "
              + needed
              + " are needed");
    }
    PoolDescriptor layout = ownLayout.at(words);
    signals.hears(words, layout.signalsPlace());
    return new ExporterWords(
        words,
        layout,
        new FarReservations(layout.reservations(words), fences, signals, lost),
        signals,
        new Doorbell(
            words,
            layout.header(PoolDescriptor.LISTENING),
            own,
            ownLayout.header(PoolDescriptor.BELL)));
  }

  /** The reservations of the buffers in that process. */
  public FarReservations reservations() {
    return reservations;
  }

  /** Whether its process is lost: see {@link FarReservations}. */
  public boolean isLost() {
    return reservations.isLost();
  }

  /** Has threads here that wait for its process look again: it is lost. */
  public void wake() {
    signals.wake();
  }

  /** Has threads here that wait for buffers hear what its process lets go of. */
  public void listen(Doorbells doorbells) {
    doorbells.add(words, layout.header(PoolDescriptor.BELL));
  }

  /** Where in its words the record of a buffer lies. */
  public long place(int buffer) {
    return layout.buffer(buffer);
  }

  /** Wakes threads of the exporter that wait for what this process has let go of, if there are. */
  public void ring() {
    doorbell.ring();
  }

  public Doorbell doorbell() {
    return doorbell;
  }

  /** Where the exporter says that buffers lie. */
  public Places places() {
    return new Places(words, layout);
  }

  /**
   * Whether nobody there has a buffer mapped, leased, in a window or in a transfer: what one who
   * writes in place here waits for, behind its own writer word and a full fence.
   */
  public boolean isUnused(int buffer) {
    return !lanes.isMapped(buffer, -1)
        && words.getVolatile(layout.buffer(buffer) + PoolDescriptor.USES) == 0;
  }

  /** Whether a buffer may be used now by whoever waits for fences of that usage. */
  public boolean isQuiet(int buffer, Usage usage) {
    return !isWritten(buffer)
        && !isMarked(buffer)
        && reservations.isSignaled(layout.buffer(buffer), usage);
  }

  /** Whether somebody writes in place to a buffer there. */
  public boolean isWritten(int buffer) {
    return words.getVolatile(layout.buffer(buffer) + PoolDescriptor.WRITER) != 0;
  }

  /** Whether a writer in place has died on a buffer's frame: see {@link LostWrites}. */
  private boolean isMarked(int buffer) {
    long place = layout.buffer(buffer);
    long mark = words.getAcquire(place + PoolDescriptor.HALF_OVERWRITTEN);
    return mark != 0
        && mark == BufferStates.generation(words.getAcquire(place + PoolDescriptor.STATE));
  }

  /** Whether who was writing in place to a buffer has died on it: there, or that process itself. */
  public boolean isHalfOverwritten(int buffer) {
    return isMarked(buffer) || (isLost() && isWritten(buffer));
  }

  /**
   * Waits until a buffer is quiet; false when the time was over, or it will never be: see {@link
   * #isHalfOverwritten}.
   */
  public boolean awaitQuiet(int buffer, Usage usage, long timeoutNs) {
    if (isQuiet(buffer, usage)) {
      return true;
    }
    signals.await(() -> isQuiet(buffer, usage) || isHalfOverwritten(buffer), timeoutNs);
    return isQuiet(buffer, usage);
  }

  /** As {@link #awaitQuiet}, for nothing of a lost process: it is waited for in vain. */
  public boolean awaitQuietOrLost(int buffer, Usage usage, long timeoutNs) {
    signals.await(() -> isQuiet(buffer, usage) || isMarked(buffer) || isLost(), timeoutNs);
    return isQuiet(buffer, usage);
  }
}
