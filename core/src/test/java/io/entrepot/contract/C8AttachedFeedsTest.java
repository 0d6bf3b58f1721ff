package io.entrepot.contract;

import static io.entrepot.contract.Feeds.attachments;
import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Frame;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sync.Usage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** C8, C12: feeds under attachments of the caller's, and frames that go on as references. */
class C8AttachedFeedsTest {
  private static final FrameLayout LAYOUT =
      new FrameLayout(
          FrameLayout.fourcc("R8  "),
          FrameLayout.LINEAR,
          8,
          2,
          List.of(new Plane(0, 8, 8, 2)),
          ColorDescription.UNSPECIFIED);

  private static Attachment transferring(BufferPool pool, String name) {
    return pool.attach(
        Importer.accepting(name, Release.BOUNDED, Need.of(MappingType.CHANNEL_IO, Access.WRITE)));
  }

  @Test
  void aFileTravelsThroughAFeedByChannelTransfersAlone(@TempDir Path directory) throws IOException {
    Path from = directory.resolve("from");
    Path to = directory.resolve("to");
    byte[] bytes = new byte[1000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7);
    }
    Files.write(from, bytes);
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var source = transferring(pool, "source");
        var sink = transferring(pool, "sink");
        var feed = pool.broadcast("feed");
        var reader = feed.join(sink, Overflow.BLOCK, 4, Division.EACH);
        var writer = feed.writer(source);
        var port = reader.open();
        var in = FileChannel.open(from, StandardOpenOption.READ);
        var out = FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
      assertSame(source, writer.attachment());
      assertSame(sink, reader.attachment());
      for (long at = 0; at < bytes.length; at += 64) {
        SharedBuffer buffer = pool.tryAcquire(64);
        long length = writer.port().readFrom(in, at, buffer, 0, 64);
        assertTrue(writer.publish(buffer, null, length, 0, TimeUnit.SECONDS));
        try (SharedBuffer frame = port.nextBuffer(0, TimeUnit.SECONDS)) {
          assertEquals(port.timestamp(), port.port().writeTo(out, at, frame, 0, port.timestamp()));
        }
      }
      assertEquals(-1, Arrays.mismatch(bytes, Files.readAllBytes(to)));
      assertThrows(IllegalStateException.class, () -> writer.acquire(0, TimeUnit.SECONDS));
      assertEquals(List.of(), pool.holders());
    }
  }

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
      assertRefused(
          IllegalArgumentException.class,
          foreign,
          () -> feed.join(foreign, Overflow.BLOCK, 1, Division.EACH));
      assertRefused(
          IllegalStateException.class,
          closed,
          () -> feed.join(closed, Overflow.BLOCK, 1, Division.EACH));
      assertRefused(
          RevokedException.class,
          revoked,
          () -> feed.join(revoked, Overflow.BLOCK, 1, Division.EACH));
      try (var writer = feed.writer()) {
        publish(writer, 0);
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void whatWorksUnderAnAttachmentThatIsClosedThrowsAndHoldsNothing() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var feed = pool.broadcast("feed")) {
      var reading = pool.attach(Importer.viewing("reading", Access.READ));
      var writing = pool.attach(Importer.viewing("writing", Access.WRITE));
      try (var reader = feed.join(reading, Overflow.BLOCK, 4, Division.EACH);
          var port = reader.open();
          var writer = feed.writer(writing)) {
        publish(writer, 0);
        publish(writer, 1);
        assertNotNull(port.next(0, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, reading::close, "a frame is mapped");
        port.unmap();
        reading.close();
        assertThrows(IllegalStateException.class, () -> port.next(0, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, reader::open);
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
  void evictingAReaderRevokesTheCallersAttachment() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var attachment = pool.attach(Importer.viewing("slow", Access.READ));
        var feed = pool.broadcast("feed");
        var reader = feed.join(attachment, Overflow.BLOCK, 1, Division.EACH);
        var writer = feed.writer()) {
      feed.stallLimit(Duration.ofMillis(20));
      publish(writer, 0);
      publish(writer, 1);
      assertTrue(attachment.isRevoked());
      assertEquals(1, reader.dropped());
    }
  }

  @Test
  void aLeaseComesWithPlanesAndTimeStampAndCanBePassedOn() {
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
      assertThrows(IllegalStateException.class, port::hold);
      writer.layout(LAYOUT);
      publish(writer, 0);
      NativeLease lease = port.nextLease(0, TimeUnit.SECONDS);
      assertEquals(new Frame(0, 0, LAYOUT, 0, 64, lease.bufferIndex()), port.frame());
      SharedBuffer held = port.hold();
      assertEquals(lease.bufferIndex(), held.index());
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
      publish(writer, 1);
      port.nextLease(0, TimeUnit.SECONDS).close();
      assertEquals(List.of(), pool.holders());
      assertThrows(StaleBufferException.class, port::hold, "the lease was closed");
      port.unmap();
      assertThrows(IllegalStateException.class, port::hold);
    }
  }

  @Test
  void aFrameTakenAsAReferenceCanBeHeldToo() {
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(feed, Overflow.BLOCK, 4);
        var port = reader.open()) {
      publish(writer, 0);
      SharedBuffer first = port.nextBuffer(0, TimeUnit.SECONDS);
      SharedBuffer second = port.hold();
      SharedBuffer third = port.hold();
      first.close();
      assertFalse(pool.holders().isEmpty());
      assertThrows(StaleBufferException.class, port::hold, "whoever has it still");
      second.close();
      third.close();
      assertEquals(List.of(), pool.holders());
      assertThrows(StaleBufferException.class, port::hold);
      publish(writer, 1);
      assertNotNull(port.next(0, TimeUnit.SECONDS));
      port.hold().close();
      port.unmap();
      assertEquals(List.of(), pool.holders());
    }
  }
}
