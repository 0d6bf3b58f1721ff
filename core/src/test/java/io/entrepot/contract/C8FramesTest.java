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

import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C8: a frame is taken as a view, a lease or a reference, and says what its writer said of it. */
@InBothForms
class C8FramesTest {
  @Parameter Form form;

  @Test
  void keptViewsStayMappedWhateverComesNext() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 8);
        var port = reader.open()) {
      assertThrows(IllegalStateException.class, port::keep);
      assertThrows(IllegalStateException.class, port::hold);
      List<View> kept = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        publish(writer, i);
        View view = port.next(0, TimeUnit.SECONDS);
        View keeping = port.keep();
        assertSame(view, keeping);
        kept.add(keeping);
        assertThrows(IllegalStateException.class, port::keep, "it was taken out");
      }
      for (int i = 0; i < 5; i++) {
        assertEquals(i, kept.get(i).getLong(0));
      }
      assertEquals(5, pool.holders().size(), () -> "" + pool.holders());
      kept.get(2).close();
      kept.get(2).close();
      publish(writer, 5);
      assertEquals(5, port.next(0, TimeUnit.SECONDS).getLong(0));
      assertThrows(ViewClosedException.class, () -> kept.get(2).getLong(0));
      assertEquals(4, kept.get(4).getLong(0));
      kept.forEach(View::close);
      port.unmap();
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void validBytesAreCheckedAndDefaultToAll() {
    try (var place = form.place(100, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 2);
        var port = reader.open();
        var writer = feed.writer()) {
      assertThrows(IllegalStateException.class, () -> writer.valid(0, 1));
      assertThrows(IllegalStateException.class, port::sequence);
      writer.acquire(1, TimeUnit.SECONDS);
      for (long[] range :
          new long[][] {{-1, 1}, {0, 101}, {1, 100}, {101, 0}, {0, -1}, {1, Long.MAX_VALUE}}) {
        assertThrows(IndexOutOfBoundsException.class, () -> writer.valid(range[0], range[1]));
      }
      writer.valid(40, 10);
      writer.publish();
      writer.acquire(1, TimeUnit.SECONDS);
      writer.publish();
      port.next(0, TimeUnit.SECONDS);
      assertEquals(40, port.validOffset());
      assertEquals(10, port.validLength());
      port.next(0, TimeUnit.SECONDS);
      assertEquals(0, port.validOffset(), "what was said of one frame is not said of the next");
      assertEquals(100, port.validLength());
      assertNull(port.layout());
    }
  }

  @Test
  void aBufferThatWasNotPublishedIsGivenBack() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      try (var writer = feed.writer()) {
        for (int i = 0; i < 10; i++) {
          assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
        }
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void anAbortedFrameIsSeenByNobodyAndItsNumberIsTheNextFrames() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 2);
        var port = reader.open();
        var writer = feed.writer()) {
      assertThrows(IllegalStateException.class, writer::abort);
      publish(writer, 0);
      WritableView aborted = writer.acquire(0, TimeUnit.SECONDS);
      aborted.putLong(0, 99);
      writer.valid(8, 8);
      writer.abort();
      assertThrows(ViewClosedException.class, () -> aborted.putLong(0, 1));
      assertThrows(IllegalStateException.class, writer::abort, "once");
      assertThrows(IllegalStateException.class, writer::publish);
      assertThrows(IllegalStateException.class, () -> writer.valid(0, 1));
      assertEquals(1, pool.statistics().free(), "it is free for anybody");
      pool.tryAcquire(64).close();
      WritableView closed = writer.acquire(0, TimeUnit.SECONDS);
      closed.close();
      writer.abort();
      publish(writer, 1);
      assertEquals(numbers(0, 2), drain(port), "without a gap");
      assertEquals(64, port.validLength(), "what was said of an aborted frame is forgotten");
      port.unmap();
      assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
      Elsewhere.run(() -> assertThrows(WrongThreadException.class, writer::abort));
      writer.abort();
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aReferenceIsPublishedWithTheBytesThatAreValid() {
    try (var place = form.place(100, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 2);
        var port = reader.open();
        var writer = feed.writer()) {
      SharedBuffer buffer = pool.tryAcquire(100);
      for (long[] range :
          new long[][] {{-1, 1}, {0, 101}, {1, 100}, {101, 0}, {0, -1}, {1, Long.MAX_VALUE}}) {
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> writer.publish(buffer, null, range[0], range[1], 0, 0, TimeUnit.SECONDS));
      }
      SharedBuffer again = buffer.share();
      assertTrue(writer.publish(buffer, null, 40, 10, 7, 0, TimeUnit.SECONDS), "still open");
      assertThrows(StaleBufferException.class, buffer::share, "it was consumed");
      assertTrue(
          writer.publish(again, null, 1, 2, 8, 0, TimeUnit.SECONDS), "keeps its valid range");
      for (int timestamp = 7; timestamp <= 8; timestamp++) {
        assertNotNull(port.next(0, TimeUnit.SECONDS));
        assertEquals(timestamp, port.timestamp());
        assertEquals(40, port.validOffset());
        assertEquals(10, port.validLength());
      }
      SharedBuffer whole = pool.tryAcquire(100);
      assertTrue(writer.publish(whole, null, 9, 0, TimeUnit.SECONDS));
      assertNotNull(port.next(0, TimeUnit.SECONDS));
      assertEquals(0, port.validOffset());
      assertEquals(100, port.validLength());
    }
  }

  @Test
  void framesAreTakenAsLeasesAndReferencesToo() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      var reader =
          place
              .reach(feed)
              .join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 8, Division.EACH);
      var port = reader.open();
      for (int i = 0; i < 4; i++) {
        publish(writer, i);
      }
      NativeLease first = port.nextLease(0, TimeUnit.SECONDS);
      assertEquals(0, port.sequence());
      SharedBuffer second = port.nextBuffer(0, TimeUnit.SECONDS);
      assertEquals(1, port.sequence());
      assertEquals(1000, port.timestamp());
      assertThrows(
          IllegalStateException.class, () -> port.next(0, TimeUnit.SECONDS), "views: not agreed");
      NativeLease third = port.nextLease(0, TimeUnit.SECONDS);
      assertEquals(2, port.sequence());
      NativeLease fourth = reader.attachment().lease(second);
      second.close();
      SharedBuffer last = port.nextBuffer(0, TimeUnit.SECONDS);
      last.close();
      assertNull(port.nextLease(0, TimeUnit.SECONDS));
      port.close();
      reader.close();
      assertEquals(3, pool.holders().size(), () -> "" + pool.holders());
      assertEquals(1, attachments(pool, "'codec'"), "it goes with its last lease");
      List.of(first, third, fourth).forEach(NativeLease::close);
      assertEquals(0, attachments(pool, "'codec'"));
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aLeaseCannotBeTakenByAReaderOfViewsAndTheFrameIsNotLost() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 2);
        var port = reader.open()) {
      publish(writer, 0);
      assertThrows(IllegalStateException.class, () -> port.nextLease(0, TimeUnit.SECONDS));
      assertEquals(numbers(0, 1), drain(port));
    }
  }
}
