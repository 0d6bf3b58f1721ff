package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.SizeClass;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Each use of a buffer is made free once, whoever finds it first. */
class ReadyBuffersCountTest {
  private static final int DEPTH = 16;
  private static final int ROUNDS = 10;

  @Test
  void whatIsReadyForAWriterAndTakenOverByAnotherPassCountsOnce() {
    try (BufferPool pool =
            BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, 2 * DEPTH));
        Broadcast feed = pool.broadcast("feed")) {
      try (FeedWriter writer = feed.writer();
          FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, DEPTH);
          FramePort port = reader.open()) {
        for (int round = 0; round < ROUNDS; round++) {
          for (int i = 0; i < DEPTH; i++) {
            writer.acquire(0, TimeUnit.SECONDS);
            writer.publish();
          }
          for (int i = 0; i < DEPTH; i++) {
            assertNotNull(port.next(0, TimeUnit.SECONDS));
          }
          port.unmap();
          // Finds what is passed, some of it ready; the numbers take that over in every second.
          writer.acquire(0, TimeUnit.SECONDS);
          writer.publish();
          assertNotNull(port.next(0, TimeUnit.SECONDS));
          port.unmap();
          if (round % 2 == 0) {
            pool.statistics();
          }
        }
      }
      assertEquals(2 * DEPTH, pool.statistics().free());
      assertEquals(pool.statistics().publishes(), pool.statistics().reclaimed());
    }
  }
}
