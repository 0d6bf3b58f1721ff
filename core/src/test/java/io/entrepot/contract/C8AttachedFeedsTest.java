package io.entrepot.contract;

import static io.entrepot.contract.Feeds.attachments;
import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** C8, C12: writers under attachments of the caller's, and frames that go on to other feeds. */
class C8AttachedFeedsTest {
  private static final FrameLayout LAYOUT =
      new FrameLayout(
          FrameLayout.fourcc("R8  "),
          FrameLayout.LINEAR,
          8,
          2,
          List.of(new Plane(0, 8, 8, 2)),
          ColorDescription.UNSPECIFIED);

  @Test
  void theCallersAttachmentOutlivesWriterAndReader() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var attachment = pool.attach(Importer.viewing("both", Access.WRITE));
        var feed = pool.broadcast("feed")) {
      for (int round = 0; round < 3; round++) {
        try (var reader = feed.join(attachment, Overflow.BLOCK, 4, Division.EACH);
            var port = reader.open();
            var writer = feed.writer(attachment)) {
          assertThrows(IllegalStateException.class, () -> feed.writer(attachment), "there is one");
          long from = round * 3L;
          for (long i = from; i < from + 3; i++) {
            publish(writer, i);
          }
          assertEquals(numbers(from, from + 3), drain(port));
        }
        assertEquals(1, attachments(pool, "'both'"));
        attachment.open().close();
      }
      assertEquals(1, pool.statistics().attaches());
    }
  }

  @Test
  void aWriterWhoseThreadEndedLeavesTheCallersAttachment() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var attachment = pool.attach(Importer.viewing("both", Access.WRITE));
        var feed = pool.broadcast("feed")) {
      Elsewhere.run(() -> publish(feed.writer(attachment), 0));
      Elsewhere.run(() -> publish(feed.writer(attachment), 1));
      assertEquals(1, pool.statistics().reapedPorts());
      attachment.open().close();
    }
  }

  @Test
  void foreignRevokedAndClosedAttachmentsAreRefused() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var other = BufferPool.offHeap("other", 64, 4);
        var foreign = other.attach(Importer.viewing("stranger", Access.WRITE));
        var revoked = pool.attach(Importer.viewing("revoked", Access.WRITE));
        var feed = pool.broadcast("feed")) {
      var closed = pool.attach(Importer.viewing("closed", Access.WRITE));
      closed.close();
      pool.revoke(revoked, Duration.ZERO);
      assertRefused(IllegalArgumentException.class, foreign, () -> feed.writer(foreign));
      assertRefused(IllegalStateException.class, closed, () -> feed.writer(closed));
      assertRefused(RevokedException.class, revoked, () -> feed.writer(revoked));
      try (var writer = feed.writer()) {
        publish(writer, 0);
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aWriterUnderAnAttachmentThatIsClosedThrowsAndHoldsNothing() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var feed = pool.broadcast("feed")) {
      var writing = pool.attach(Importer.viewing("writing", Access.WRITE));
      try (var writer = feed.writer(writing)) {
        publish(writer, 0);
        assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, writing::close, "a buffer is acquired");
        writer.publish();
        writing.close();
        assertThrows(IllegalStateException.class, () -> writer.acquire(0, TimeUnit.SECONDS));
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  private static void assertRefused(
      Class<? extends RuntimeException> as, Attachment attachment, Executable call) {
    String text = assertThrows(as, call).getMessage();
    assertTrue(text.contains("'" + attachment.importer().name() + "'"), text);
  }

  @Test
  void aLeasedFrameCanBePassedOn() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var feed = pool.broadcast("feed");
        var further = pool.broadcast("further");
        var writer = feed.writer();
        var relay = further.writer();
        var codec =
            feed.join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 4, Division.EACH);
        var viewer = join(further, Overflow.BLOCK, 4);
        var port = codec.open();
        var viewerPort = viewer.open();
        var timeline = pool.sync().timeline("gpu")) {
      writer.layout(LAYOUT);
      publish(writer, 0);
      NativeLease lease = port.nextLease(0, TimeUnit.SECONDS);
      SharedBuffer held = port.hold();
      held.reservation().add(timeline.next(), Usage.WRITE);
      assertTrue(relay.publish(held, null, 7, 0, TimeUnit.SECONDS));
      lease.close();
      assertNull(viewerPort.next(0, TimeUnit.SECONDS), "the fence holds it back");
      timeline.signal(1);
      assertEquals(0, viewerPort.next(0, TimeUnit.SECONDS).getLong(0));
      assertSame(LAYOUT, viewerPort.layout());
      assertEquals(7, viewerPort.timestamp());
      viewerPort.unmap();
      assertEquals(List.of(), pool.holders());
    }
  }
}
