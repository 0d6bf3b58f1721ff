package io.entrepot.chaos;

import io.entrepot.chaos.Journal.Phase;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Frames that are changed in place, from one whole revision to the next, and what whoever looks at
 * one must see: every word of one revision, which is never older than what was seen before.
 *
 * <p>One thread's.
 */
final class Changes {
  private static final int REVISION_BITS = 20;
  private static final long WAIT_MS = 5;

  /** In the midst of one in so many changes the thread leaves the processor. */
  private static final int DWELLS = 4;

  private static final int LONGEST_DWELL_NS = 500_000;

  private final Stamp stamp;
  private final SplittableRandom random;

  /** What this thread is at; {@code null} where nobody asks. */
  private final Journal journal;

  Changes(Stamp stamp, SplittableRandom random, Journal journal) {
    this.stamp = stamp;
    this.random = random;
    this.journal = journal;
  }

  static long first(long sequence) {
    return sequence << REVISION_BITS;
  }

  static long sequence(long number) {
    return number >> REVISION_BITS;
  }

  /** The number of what a view shows, which is whole and no older than that. */
  long check(View view, long noOlder) {
    long number = stamp.number(view.getLong(0));
    if (sequence(number) != sequence(noOlder) || number < noOlder) {
      // Says what is there, too.
      stamp.check(view, noOlder);
    }
    stamp.check(view, number);
    return number;
  }

  /**
   * Changes a frame, if it can be had.
   *
   * @param noOlder as it was seen last
   * @return its number now, or -1 when somebody else had it for too long
   */
  long change(Port port, SharedBuffer frame, long noOlder) {
    long sequence = sequence(noOlder);
    note(Phase.MAPPING, sequence);
    long number = -1;
    try (WritableView view = port.mapInPlace(frame, WAIT_MS, TimeUnit.MILLISECONDS)) {
      if (view != null) {
        number = check(view, noOlder) + 1;
        note(Phase.WRITING, sequence);
        put(view, number);
        note(Phase.WRITTEN, sequence);
      }
    } finally {
      note(Phase.NONE, sequence);
    }
    if (number >= 0 && journal != null) {
      journal.changed();
    }
    return number;
  }

  private void put(WritableView view, long number) {
    if (journal != null && random.nextInt(DWELLS) == 0) {
      long at = Long.BYTES * (1 + random.nextLong(view.byteSize() / Long.BYTES - 1));
      stamp.put(view, number, 0, at);
      LockSupport.parkNanos(random.nextInt(LONGEST_DWELL_NS));
      stamp.put(view, number, at, view.byteSize());
    } else {
      stamp.put(view, number);
    }
  }

  private void note(Phase phase, long sequence) {
    if (journal != null) {
      journal.note(phase, sequence);
    }
  }
}
