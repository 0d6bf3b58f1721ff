package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.Linux;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A writer whose thread is stopped in the midst of a publication, which is what its {@link
 * Publishing} says here, holds a late joiner up for 100 ms: that begins with the next frame then.
 */
class LateJoinGivenUpTest {
  private static final long LEAST_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final SizeClass BUFFERS = new SizeClass(64, 4);

  @TempDir Path folder;

  private static void publish(FeedWriter writer, long number) {
    writer.acquire(1, TimeUnit.SECONDS).putLong(0, number);
    writer.publish();
  }

  private static FeedReader joinLate(Feed feed) {
    return feed.join(
        Importer.viewing("late", Access.READ), Overflow.BLOCK, 4, Division.EACH, Start.OLDEST);
  }

  /** A joiner gives up; one that comes when the writer goes on has what was retained. */
  private static void joinWhileStopped(Broadcast feed, Feed reach) {
    feed.retain(2);
    Publishing publishing = ((RingBroadcast) feed).publishing();
    try (FeedWriter writer = feed.writer()) {
      publish(writer, 0);
      publishing.begin();
      long startNs = System.nanoTime();
      try (FeedReader gaveUp = joinLate(reach);
          FramePort port = gaveUp.open()) {
        assertTrue(System.nanoTime() - startNs >= LEAST_NS, "it was waited for");
        assertEquals(0, gaveUp.unread());
        publishing.end();
        try (FeedReader waited = joinLate(reach)) {
          assertEquals(1, waited.unread());
        }
        publish(writer, 1);
        assertEquals(1, port.next(0, TimeUnit.SECONDS).getLong(0));
        assertNull(port.next(0, TimeUnit.SECONDS));
        assertEquals(0, gaveUp.dropped());
      }
    }
    feed.retain(0);
  }

  @Test
  void aWriterThatIsStoppedWhileItPublishesHoldsALateJoinerUpForAMoment() {
    try (BufferPool pool = BufferPool.of(ArenaExporter.named("pool"), BUFFERS);
        Broadcast feed = pool.broadcast("feed")) {
      joinWhileStopped(feed, feed);
      assertEquals(BUFFERS.buffers(), pool.statistics().free());
    }
  }

  @Test
  void alsoOneOfAnotherProcess() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    try (BufferPool pool = BufferPool.of(SharedMemoryExporter.named("pool"), BUFFERS);
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool remote = RemotePool.connect(server.socket())) {
      joinWhileStopped(feed, remote.feed("feed"));
      assertEquals(BUFFERS.buffers(), pool.statistics().free());
    }
  }
}
