package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Usage;

/**
 * The reservation slots of a pool of another process, whose words can be read here and not written.
 *
 * <p>Timelines and jobs are known by their words alone: what is Java's of them, names, callbacks
 * and issuers that signal when they are asked, is in the other process.
 */
public final class FarSlots {
  private final Words words;
  private final long touchedOffset;
  private final SlotQueries queries;

  /**
   * Slots over the words of a pool, laid out as those of {@link ReservationSlots}.
   *
   * @param timelinesPlace where the records of its timelines lie
   * @param jobsPlace where those of its jobs lie
   */
  public FarSlots(
      Words words,
      long timelinesPlace,
      int timelines,
      long jobsPlace,
      int jobs,
      long touchedOffset,
      long slotsOffset) {
    this.words = words;
    this.touchedOffset = touchedOffset;
    this.queries =
        new SlotQueries(
            new SlotWords(
                words,
                new TimelineTable(words, timelinesPlace, timelines),
                new JobTable(words, jobsPlace, jobs),
                slotsOffset,
                false));
  }

  /**
   * Whether no fence of the buffer whose record lies at {@code base} is pending that a query for
   * {@code usage} sees.
   */
  public boolean isSignaled(long base, Usage usage) {
    return isUnused(base) || queries.isSignaled(base, usage);
  }

  /**
   * Whether the buffer whose record lies at {@code base} has no claim, and no fence whose work may
   * still go on: what reuse asks.
   */
  public boolean isIdle(long base) {
    return isUnused(base) || queries.isIdle(base);
  }

  private boolean isUnused(long base) {
    return ReservationSlots.isUnusedWord(words.getAcquire(base + touchedOffset));
  }

  /** As {@link SlotQueries#pending}. */
  int pending(long base, Usage usage) {
    return isUnused(base) ? 0 : queries.pending(base, usage);
  }

  /** Adds the pending fences that a query for {@code usage} sees, as those of {@code source}. */
  void collect(long base, Usage usage, FarReservations source, CollectedFences into) {
    if (!isUnused(base)) {
      queries.collectFar(base, usage, source, into);
    }
  }

  /**
   * The claims and pending fences of the buffer whose record lies at {@code base}, with the numbers
   * of their timelines; empty when there are none.
   */
  public String describe(long base) {
    return isUnused(base) ? "" : queries.describe(base);
  }
}
