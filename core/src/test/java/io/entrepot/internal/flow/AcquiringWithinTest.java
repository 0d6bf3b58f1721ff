package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.Test;

/**
 * Code of others may run while a writer looks for a buffer or for room: a log's handler, an idle
 * strategy. It cannot close the writer under its own hands, whose lane is somebody else's then.
 */
class AcquiringWithinTest {
  private static final int BUFFERS = 2;

  /** What is done when code of others runs next. */
  private Runnable once;

  private IllegalStateException refused;

  /** Whether that closes what it likes. */
  private boolean closes;

  private void whenRun() {
    Runnable now = once;
    once = null;
    if (now != null && closes) {
      now.run();
    } else if (now != null) {
      refused = assertThrows(IllegalStateException.class, now::run);
    }
  }

  private final IdleStrategy idle =
      new IdleStrategy() {
        @Override
        public void idle(int workCount) {
          whenRun();
        }

        @Override
        public void idle() {
          whenRun();
        }

        @Override
        public void reset() {
          // It has no state.
        }
      };

  private static BufferPool pool() {
    return BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, BUFFERS));
  }

  @Test
  void aWriterThatAsksReadersForRoom() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer()) {
      AskedReader asked = new AskedReader(pool, this::whenRun);
      ((RingBroadcast) feed).add(asked);
      assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
      writer.publish();
      once = writer::close;
      assertNull(writer.acquire(0, TimeUnit.SECONDS));
      assertTrue(refused.getMessage().contains("close"), refused::getMessage);
      asked.close();
      asked.reader().close();
      ((RingBroadcast) feed).left();
      assertNotNull(writer.acquire(0, TimeUnit.SECONDS), "as if nothing had been");
      writer.abort();
      assertEquals(BUFFERS, pool.statistics().free());
    }
  }

  @Test
  void aWriterThatWaitsForABuffer() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer(idle)) {
      SharedBuffer one = pool.acquire(64, 0, TimeUnit.SECONDS);
      SharedBuffer other = pool.acquire(64, 0, TimeUnit.SECONDS);
      once = writer::close;
      assertNull(writer.acquire(1, TimeUnit.MILLISECONDS));
      assertTrue(refused.getMessage().contains("close"), refused::getMessage);
      one.close();
      other.close();
      assertNotNull(writer.acquire(0, TimeUnit.SECONDS), "as if nothing had been");
      writer.abort();
      assertEquals(BUFFERS, pool.statistics().free());
    }
  }

  @Test
  void aWriterThatWaitsForRoomForAReference() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer(idle);
        FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, 1);
        SharedBuffer frame = pool.acquire(64, 0, TimeUnit.SECONDS);
        SharedBuffer again = frame.share()) {
      assertTrue(writer.publish(again, null, 0, 64, 1, 0, TimeUnit.SECONDS));
      once = writer::close;
      assertFalse(writer.publish(frame, null, 0, 64, 2, 1, TimeUnit.MILLISECONDS));
      assertTrue(refused.getMessage().contains("close"), refused::getMessage);
      assertEquals(1, reader.unread());
    }
  }

  @Test
  void aPortThatWaitsForABuffer() {
    try (BufferPool pool = pool();
        PoolPort port = pool.open("port", idle)) {
      SharedBuffer one = pool.acquire(64, 0, TimeUnit.SECONDS);
      SharedBuffer other = pool.acquire(64, 0, TimeUnit.SECONDS);
      once = port::close;
      assertNull(port.acquire(1, TimeUnit.MILLISECONDS));
      assertTrue(refused.getMessage().contains("close"), refused::getMessage);
      once = port.port()::close;
      assertNull(port.acquire(1, TimeUnit.MILLISECONDS));
      assertTrue(refused.getMessage().contains("close"), refused::getMessage);
      one.close();
      other.close();
      assertNotNull(port.tryAcquire(), "as if nothing had been");
    }
  }

  /** The next tenant's mapping keeps its buffer. */
  @Test
  void aPortThatIsClosedMeanwhileTakesNothing() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        Attachment attachment = pool.attach(Importer.viewing("next", Access.WRITE));
        Attachment writing = pool.attach(Importer.viewing("writer", Access.WRITE))) {
      FeedWriter writer = feed.writer(writing);
      SharedBuffer held = pool.acquire(64, 0, TimeUnit.SECONDS);
      AskedReader asked = new AskedReader(pool, this::whenRun);
      ((RingBroadcast) feed).add(asked);
      writer.acquire(0, TimeUnit.SECONDS);
      writer.publish();
      List<Port> next = new ArrayList<>();
      closes = true;
      once =
          () -> {
            // The writer's own close is refused.
            writer.port().close();
            next.add(attachment.open());
            next.getFirst().map(held);
            asked.close();
          };
      IllegalStateException closed =
          assertThrows(IllegalStateException.class, () -> writer.acquire(0, TimeUnit.SECONDS));
      assertTrue(closed.getMessage().contains("closed"), closed::getMessage);
      held.close();
      asked.reader().close();
      assertEquals(1, pool.statistics().openMappings());
      next.getFirst().close();
      writer.close();
    }
  }

  @Test
  void aReaderThatWaitsForAFrame() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedReader reader =
            feed.join(
                Importer.viewing("reader", Access.READ), Overflow.BLOCK, 1, Division.DIVIDED);
        FeedWriter writer = feed.writer()) {
      FramePort port = reader.open(idle);
      once =
          () -> {
            port.close();
            writer.acquire(0, TimeUnit.SECONDS);
            writer.publish();
          };
      closes = true;
      IllegalStateException closed =
          assertThrows(IllegalStateException.class, () -> port.next(1, TimeUnit.SECONDS));
      assertTrue(closed.getMessage().contains("closed"), closed::getMessage);
      assertEquals(1, reader.unread(), "for another port");
    }
  }

  /** What a port that is closed by itself belongs to can be closed, too. */
  @Test
  void aReaderWhosePortIsClosedCanLeave() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, 1)) {
      FramePort port = reader.open();
      writer.acquire(0, TimeUnit.SECONDS);
      writer.publish();
      port.port().close();
      assertNull(writer.acquire(0, TimeUnit.SECONDS), "nobody has left");
      port.close();
      assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
    }
  }
}
