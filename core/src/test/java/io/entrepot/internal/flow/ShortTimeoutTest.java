package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.junit.jupiter.api.Test;

/**
 * A wait for a buffer makes no more passes than its time allows: in a large pool each takes long.
 */
class ShortTimeoutTest {
  /** Before the wait, at its begin, in its first round, at its end, and one to spare. */
  private static final int MOST_PASSES = 5;

  /** Counts the passes. */
  private static final class Counting implements FreeBuffers.Retirer {
    private int passes;

    @Override
    public void retirePassed(FreeBuffers.Pass pass) {
      passes++;
    }

    @Override
    public String describeHolds() {
      return "";
    }

    @Override
    public void poolClosed() {
      // It holds nothing.
    }
  }

  @Test
  void whoSpinsLooksAtTheTimeBehindTheFirstRound() {
    Counting counting = new Counting();
    try (BufferPool pool = BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, 1));
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer(new BusySpinIdleStrategy());
        SharedBuffer only = pool.acquire(64, 0, TimeUnit.SECONDS)) {
      FreeBuffers free = ((ExportedPool) pool).core().free();
      free.register(counting);
      assertNull(writer.acquire(1, TimeUnit.NANOSECONDS));
      free.unregister(counting);
      assertTrue(counting.passes <= MOST_PASSES, () -> counting.passes + " passes");
      assertTrue(only.byteSize() > 0, "it was in use meanwhile");
    }
  }
}
