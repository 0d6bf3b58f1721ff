package io.entrepot.chaos;

import io.entrepot.chaos.Journal.Phase;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which frames that another process changes were shown here, when, and which were refused as half
 * overwritten, since the last pause.
 */
final class Shown {
  /** By sequence: when a view of it was open last. */
  private final Map<Long, Long> openNs = new ConcurrentHashMap<>();

  private final Set<Long> refused = ConcurrentHashMap.newKeySet();
  private final AtomicLong refusals = new AtomicLong();

  /** A writer that was killed. */
  record Loss(Phase phase, long sequence, long killedNs) {}

  /** A view of a frame is open. */
  void open(long sequence) {
    openNs.merge(sequence, System.nanoTime(), Math::max);
  }

  void refused(long sequence) {
    if (refused.add(sequence)) {
      refusals.incrementAndGet();
    }
  }

  /** How many frames were refused. */
  long refusals() {
    return refusals.get();
  }

  /**
   * All that was to be looked at was: fails if what a dead writer was in the midst of was shown
   * when it was dead, or anything else was refused.
   *
   * @param loss {@code null} when no writer has died
   */
  void settle(Loss loss) {
    if (loss != null && loss.phase == Phase.WRITING) {
      Long shownNs = openNs.get(loss.sequence);
      if (shownNs != null && shownNs > loss.killedNs) {
        throw new AssertionError(
            "frame "
                + loss.sequence
                + " was shown "
                + (shownNs - loss.killedNs) / 1_000
                + " us after the death of who was in the midst of writing to it");
      }
    }
    for (long sequence : refused) {
      if (loss == null || loss.phase == Phase.NONE || loss.sequence != sequence) {
        throw new AssertionError(
            "frame " + sequence + " is refused as half overwritten; what was lost is " + loss);
      }
    }
    clear();
  }

  /** Forgets what was seen. */
  void clear() {
    openNs.clear();
    refused.clear();
  }
}
