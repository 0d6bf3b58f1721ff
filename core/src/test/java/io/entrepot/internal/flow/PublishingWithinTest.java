package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Code of others may run in the midst of a publication, as a log's handler does that is told of a
 * reader which was cut off. Its use of the same writer is refused, and nothing is lost by that.
 */
class PublishingWithinTest {
  private static final int BUFFERS = 4;

  /** What that code does with the writer. */
  enum Use {
    ACQUIRE(writer -> writer.acquire(0, TimeUnit.SECONDS)),
    PUBLISH(writer -> writer.publish()),
    VALID(writer -> writer.valid(32, 8)),
    LAYOUT(writer -> writer.layout(null)),
    ABORT(FeedWriter::abort),
    CLOSE(FeedWriter::close);

    private final Consumer<FeedWriter> use;

    Use(Consumer<FeedWriter> use) {
      this.use = use;
    }
  }

  /** What is done when a reader is asked next. */
  private Runnable once;

  private IllegalStateException refused;

  private void whenAsked() {
    Runnable now = once;
    once = null;
    if (now != null) {
      refused = assertThrows(IllegalStateException.class, now::run);
    }
  }

  private static long take(FramePort port) {
    return port.next(0, TimeUnit.SECONDS).getLong(0);
  }

  @ParameterizedTest
  @EnumSource(Use.class)
  void theOwnedFrameIsPublishedAsItWas(Use within) {
    try (BufferPool pool = BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, BUFFERS));
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, 2);
        FramePort port = reader.open()) {
      AskedReader asked = new AskedReader(pool, this::whenAsked);
      ((RingBroadcast) feed).add(asked);
      writer.acquire(0, TimeUnit.SECONDS).putLong(0, 7);
      once = () -> within.use.accept(writer);
      writer.publish();
      assertTrue(refused.getMessage().contains("publish"), refused::getMessage);
      assertEquals(7, take(port));
      port.unmap();
      asked.close();
      asked.reader().close();
      ((RingBroadcast) feed).left();
      assertEquals(BUFFERS, pool.statistics().free());
    }
  }

  @Test
  void theHoldsOfAReferenceAreThoseOfItsRings() {
    try (BufferPool pool = BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, BUFFERS));
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, 2);
        FramePort port = reader.open();
        SharedBuffer inner = pool.acquire(64, 0, TimeUnit.SECONDS)) {
      AskedReader asked = new AskedReader(pool, this::whenAsked);
      ((RingBroadcast) feed).add(asked);
      writer.acquire(0, TimeUnit.SECONDS).putLong(0, 7);
      once = () -> writer.publish(inner, null, 0, 64, 1, 0, TimeUnit.SECONDS);
      writer.publish();
      assertTrue(refused.getMessage().contains("publish"), refused::getMessage);
      assertEquals(7, take(port));
      port.unmap();
      asked.close();
      asked.reader().close();
      ((RingBroadcast) feed).left();
      assertEquals(BUFFERS - 1, pool.statistics().free(), "all but the reference's own");
    }
  }

  /** The buffer was given back, and is somebody else's by then. */
  @Test
  void whatItsPortHasLetGoOfIsNotPublished() {
    try (BufferPool pool = BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, 1));
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, 1)) {
      List<SharedBuffer> taken = new ArrayList<>();
      AskedReader asked =
          new AskedReader(
              pool,
              () -> {
                if (taken.isEmpty()) {
                  writer.port().close();
                  taken.add(pool.acquire(64, 0, TimeUnit.SECONDS));
                }
              });
      ((RingBroadcast) feed).add(asked);
      taken.add(null);
      writer.acquire(0, TimeUnit.SECONDS);
      taken.clear();
      assertThrows(IllegalStateException.class, writer::publish);
      assertEquals(0, reader.unread());
      try (Attachment attachment = pool.attach(Importer.viewing("owner", Access.WRITE));
          Port port = attachment.open();
          SharedBuffer owned = taken.getFirst()) {
        assertTrue(port.mapForWriting(owned).isOpen(), "it is its owner's alone");
      }
      asked.close();
      asked.reader().close();
    }
  }

  /** A layout that another process has not seen yet needs memory. */
  @Test
  void whatCannotBePublishedIsHeldForNobody() {
    OutOfMemoryError failure = new OutOfMemoryError("of a layout's number");
    try (BufferPool pool = BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, BUFFERS));
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer()) {
      FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, 2);
      once = () -> {};
      AskedReader asked =
          new AskedReader(
              pool,
              () -> {},
              () -> {
                if (once != null) {
                  once = null;
                  throw failure;
                }
              });
      ((RingBroadcast) feed).add(asked);
      writer.acquire(0, TimeUnit.SECONDS);
      assertSame(failure, assertThrows(OutOfMemoryError.class, writer::publish));
      assertEquals(0, reader.unread());
      writer.publish();
      assertEquals(1, reader.unread());
      asked.close();
      asked.reader().close();
      reader.close();
      ((RingBroadcast) feed).left();
      assertEquals(BUFFERS, pool.statistics().free());
    }
  }
}
