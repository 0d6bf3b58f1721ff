package io.entrepot.contract;

import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** C8, C12: readers under attachments of the caller's, and frames that are taken in other forms. */
@InBothForms
class C8AttachedReadersTest {
  private static final FrameLayout LAYOUT =
      new FrameLayout(
          FrameLayout.fourcc("R8  "),
          FrameLayout.LINEAR,
          8,
          2,
          List.of(new Plane(0, 8, 8, 2)),
          ColorDescription.UNSPECIFIED);

  @Parameter Form form;

  private static Importer transferring(String name, Access access) {
    return Importer.accepting(name, Release.BOUNDED, Need.of(MappingType.CHANNEL_IO, access));
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
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var source = pool.attach(transferring("source", Access.WRITE));
        var sink = place.attach(transferring("sink", Access.READ));
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join(sink, Overflow.BLOCK, 4, Division.EACH);
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
      assertThrows(IllegalStateException.class, () -> port.next(0, TimeUnit.SECONDS), "no views");
      assertThrows(IllegalStateException.class, () -> writer.acquire(0, TimeUnit.SECONDS));
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void theCallersAttachmentOutlivesItsReaders() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var attachment = place.attach(Importer.viewing("reading", Access.READ));
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      long attaches = pool.statistics().attaches();
      for (int round = 0; round < 3; round++) {
        try (var reader = place.reach(feed).join(attachment, Overflow.BLOCK, 4, Division.EACH);
            var port = reader.open()) {
          long from = round * 3L;
          publish(writer, from, from + 3);
          assertEquals(numbers(from, from + 3), drain(port));
        }
        assertFalse(place.exported(attachment).isRevoked());
        attachment.open().close();
      }
      assertEquals(attaches, pool.statistics().attaches());
    }
  }

  @Test
  void foreignRevokedAndClosedAttachmentsAreRefused() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var otherPlace = form.place(64, 4);
        var other = otherPlace.pool();
        var foreign = otherPlace.attach(Importer.viewing("stranger", Access.READ));
        var revoked = place.attach(Importer.viewing("revoked", Access.READ));
        var feed = pool.broadcast("feed")) {
      Feed reached = place.reach(feed);
      var closed = place.attach(Importer.viewing("closed", Access.READ));
      closed.close();
      place.revoke(revoked, Duration.ZERO);
      assertRefused(IllegalArgumentException.class, foreign, reached);
      assertRefused(IllegalStateException.class, closed, reached);
      assertRefused(RevokedException.class, revoked, reached);
      try (var writer = feed.writer()) {
        publish(writer, 0);
      }
      assertEquals(List.of(), pool.holders());
      assertEquals(List.of(), other.holders());
    }
  }

  private static void assertRefused(
      Class<? extends RuntimeException> as, Attachment attachment, Feed feed) {
    String text =
        assertThrows(as, () -> feed.join(attachment, Overflow.BLOCK, 1, Division.EACH))
            .getMessage();
    assertTrue(text.contains("'" + attachment.importer().name() + "'"), text);
  }

  @Test
  void aReaderUnderAnAttachmentThatIsClosedThrowsAndHoldsNothing() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      var reading = place.attach(Importer.viewing("reading", Access.READ));
      try (var reader = place.reach(feed).join(reading, Overflow.BLOCK, 4, Division.EACH);
          var port = reader.open()) {
        publish(writer, 0, 2);
        assertNotNull(port.next(0, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, reading::close, "a frame is mapped");
        port.unmap();
        reading.close();
        assertThrows(IllegalStateException.class, () -> port.next(0, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, reader::open);
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void evictingAReaderRevokesTheCallersAttachment() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var attachment = place.attach(Importer.viewing("slow", Access.READ));
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join(attachment, Overflow.BLOCK, 1, Division.EACH);
        var writer = feed.writer()) {
      feed.stallLimit(Duration.ofMillis(20));
      publish(writer, 0, 2);
      place.awaitEvicted(reader);
      assertTrue(attachment.isRevoked());
      assertEquals(1, reader.dropped());
    }
  }

  @Test
  void aLeaseComesWithPlanesAndTimeStampAndCanBeHeldOnTo() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var codec =
            place
                .reach(feed)
                .join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 4, Division.EACH);
        var port = codec.open();
        var timeline = place.sync().timeline("codec")) {
      assertThrows(IllegalStateException.class, port::hold);
      writer.layout(LAYOUT);
      publish(writer, 0);
      NativeLease lease = port.nextLease(0, TimeUnit.SECONDS);
      assertEquals(new Frame(0, 0, LAYOUT, 0, 64, lease.bufferIndex()), port.frame());
      SharedBuffer held = port.hold();
      assertEquals(lease.bufferIndex(), held.index());
      held.reservation().add(timeline.next(), Usage.READ);
      lease.close();
      held.close();
      assertEquals(1, pool.holders().size(), "the fence keeps it");
      timeline.signal(1);
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
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 4);
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
