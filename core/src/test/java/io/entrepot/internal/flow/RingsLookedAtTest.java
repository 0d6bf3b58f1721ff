package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.SizeClass;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whoever asks a reader of a feed whether it has gone, which is a look at its ring's words, does so
 * in a look that keeps the ring's memory from being unmapped.
 */
class RingsLookedAtTest {
  private BufferPool pool;
  private Broadcast feed;
  private AskedReader reader;
  private int asked;
  private int unprotected;

  @BeforeEach
  void joinOne() {
    pool = BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, 4));
    feed = pool.broadcast("feed");
    RingBroadcast rings = (RingBroadcast) feed;
    reader =
        new AskedReader(
            pool,
            () -> {
              asked++;
              if (rings.looks().pending().areOver()) {
                unprotected++;
              }
            });
    rings.add(reader);
  }

  @AfterEach
  void close() {
    reader.reader().close();
    feed.close();
    pool.close();
  }

  private void assertAskedUnderLooks() {
    assertTrue(asked > 0, "it was asked");
    assertEquals(0, unprotected, "times that its ring could have been unmapped");
  }

  @Test
  void whoWaitsForReadersLooks() {
    assertTrue(feed.awaitReaders(1, 0, TimeUnit.SECONDS));
    assertAskedUnderLooks();
  }

  @Test
  void whoForgetsThoseThatHaveGoneLooks() {
    ((RingBroadcast) feed).left();
    assertAskedUnderLooks();
  }

  @Test
  void aWriterLooksWhenItPublishes() {
    try (FeedWriter writer = feed.writer()) {
      writer.acquire(1, TimeUnit.SECONDS);
      writer.publish();
    }
    assertAskedUnderLooks();
  }

  @Test
  void aWriterLooksWhenThereIsNoRoom() {
    try (FeedWriter writer = feed.writer()) {
      writer.acquire(1, TimeUnit.SECONDS);
      writer.publish();
      asked = 0;
      assertNull(writer.acquire(0, TimeUnit.SECONDS));
    }
    assertAskedUnderLooks();
  }
}
