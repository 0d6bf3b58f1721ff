package io.entrepot.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.entrepot.internal.sharing.PoolSight;
import io.entrepot.tools.LiveTable.Seen;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What {@code top} makes of what it sees, look by look. */
class LiveTableTest {
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private static PoolSight.Numbers numbers(long acquires, long publishes, long maps) {
    return new PoolSight.Numbers(0, 0, 0, 0, 0, acquires, publishes, maps, 0, 0, 0);
  }

  @Test
  void aPortThatClosesDuringALookIsNotSeenToAcquireEverythingAgain() {
    Seen first = Seen.after(null, 0, numbers(1_000, 7, 50));
    assertEquals("-", LiveTable.rate(null, first, Seen::acquires));
    Seen closing = Seen.after(first, SECOND_NS, numbers(20, 9, 50));
    assertEquals("0.0", LiveTable.rate(first, closing, Seen::acquires));
    assertEquals("2.0", LiveTable.rate(first, closing, Seen::publishes));
    Seen closed = Seen.after(closing, 3 * SECOND_NS, numbers(1_006, 9, 350));
    assertEquals("3.0", LiveTable.rate(closing, closed, Seen::acquires));
    assertEquals("0.0", LiveTable.rate(closing, closed, Seen::publishes));
    assertEquals("150", LiveTable.rate(closing, closed, Seen::maps));
  }
}
