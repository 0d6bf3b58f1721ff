package io.entrepot.internal.sync;

import static io.entrepot.internal.sync.FenceWord.CLAIMED;
import static io.entrepot.internal.sync.FenceWord.EMPTY;

import io.entrepot.sync.Reservation;
import io.entrepot.sync.Usage;

/**
 * What can be asked of a buffer's reservation slots. A query reads the set word, then the slots
 * upwards; {@link ReservationSlots} says why it so misses no pending fence.
 */
final class SlotQueries {
  private final SlotWords slots;

  SlotQueries(SlotWords slots) {
    this.slots = slots;
  }

  /** Adds the pending fences that a query for {@code usage} sees. */
  void collect(long base, Usage usage, CollectedFences into) {
    collect(base, SlotWords.SET, usage, into);
  }

  /** As {@link #collect}, for the claimant of the buffer, whose own word is in the set word. */
  void collectAsClaimant(long base, Usage usage, CollectedFences into) {
    collect(base, 0, usage, into);
  }

  private void collect(long base, int from, Usage usage, CollectedFences into) {
    for (int i = from; i < ReservationSlots.CAPACITY; i++) {
      long word = slots.meaning(base, i);
      if (FenceWord.isFence(word) && FenceWord.isSeenBy(word, usage)) {
        into.add(word);
      }
    }
  }

  /** As {@link #collect}, of slots that another process writes. */
  void collectFar(long base, Usage usage, FarReservations source, CollectedFences into) {
    for (int i = SlotWords.SET; i < ReservationSlots.CAPACITY; i++) {
      long word = slots.meaning(base, i);
      if (isPending(word, usage)) {
        into.addFar(source, word, slots.point(word));
      }
    }
  }

  /**
   * Whether no fence of the buffer at {@code base} that a query for {@code usage} sees is pending.
   */
  boolean isSignaled(long base, Usage usage) {
    return firstPending(base, usage) == EMPTY;
  }

  /** Whether the buffer at {@code base} has neither claims nor fences that are not settled. */
  boolean isIdle(long base) {
    for (int i = SlotWords.SET; i < ReservationSlots.CAPACITY; i++) {
      if (!slots.isFree(slots.meaning(base, i))) {
        return false;
      }
    }
    return true;
  }

  /** Waits as {@link Reservation#await}. */
  boolean await(long base, Usage usage, long timeoutNs) {
    long startNs = System.nanoTime();
    while (true) {
      long word = firstPending(base, usage);
      if (word == EMPTY) {
        return true;
      }
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      TimelineState timeline = slots.timelines().state(FenceWord.index(word));
      // No state: the timeline was retired after our look, which signaled the point.
      if (timeline != null && !timeline.await(slots.point(word), leftNs)) {
        return false;
      }
    }
  }

  private long firstPending(long base, Usage usage) {
    for (int i = SlotWords.SET; i < ReservationSlots.CAPACITY; i++) {
      long word = slots.meaning(base, i);
      if (isPending(word, usage)) {
        return word;
      }
    }
    return EMPTY;
  }

  int pending(long base, Usage usage) {
    int count = 0;
    for (int i = SlotWords.SET; i < ReservationSlots.CAPACITY; i++) {
      count += isPending(slots.meaning(base, i), usage) ? 1 : 0;
    }
    return count;
  }

  private boolean isPending(long word, Usage usage) {
    return FenceWord.isFence(word) && FenceWord.isSeenBy(word, usage) && !slots.isSignaled(word);
  }

  /** The claims and pending fences of the buffer at {@code base}. */
  String describe(long base) {
    StringBuilder text = new StringBuilder();
    for (int i = SlotWords.SET; i < ReservationSlots.CAPACITY; i++) {
      long word = slots.meaning(base, i);
      if (slots.isFree(word)) {
        continue;
      }
      text.append(text.isEmpty() ? "" : ", ");
      if (word == CLAIMED) {
        text.append("claimed");
      } else {
        text.append(FenceWord.usage(word))
            .append(' ')
            .append(slots.timelineName(word))
            .append(':')
            .append(slots.point(word))
            .append(slots.isSignaled(word) ? " unsettled" : "");
      }
    }
    return text.toString();
  }
}
