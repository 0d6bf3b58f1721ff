package io.entrepot.contract;

import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Usage;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C8, C11: who gives an idle strategy waits by it and by nothing else. */
@InBothForms
class C8IdleStrategyTest {
  @Parameter Form form;

  /** Does a piece of work when it has idled so often: whoever waits by it makes it happen. */
  private static final class Counting implements IdleStrategy {
    private final int when;
    private final Runnable work;
    private int idled;

    Counting(int when, Runnable work) {
      this.when = when;
      this.work = work;
    }

    @Override
    public void idle(int workCount) {
      throw new AssertionError("nobody here counts work");
    }

    @Override
    public void idle() {
      if (++idled == when) {
        work.run();
      }
    }

    @Override
    public void reset() {}

    @Override
    public String alias() {
      return "counting";
    }
  }

  @Test
  void aWriterIdlesWhileThePoolIsEmpty() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      SharedBuffer only = pool.tryAcquire(64);
      Counting idle = new Counting(5, only::close);
      try (var writer = feed.writer(idle)) {
        assertNull(writer.acquire(0, TimeUnit.SECONDS));
        assertEquals(0, idle.idled, "it was not to wait");
        assertNotNull(writer.acquire(30, TimeUnit.SECONDS));
        assertEquals(5, idle.idled);
      }
    }
  }

  @Test
  void aWriterIdlesWhileABlockReaderHasNoRoom() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var attachment = pool.attach(Importer.viewing("writer", Access.WRITE));
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 1);
        var port = reader.open()) {
      Counting idle = new Counting(5, () -> assertNotNull(port.next(0, TimeUnit.SECONDS)));
      try (var writer = feed.writer(attachment, idle)) {
        publish(writer, 0);
        publish(writer, 1);
        assertEquals(5, idle.idled);
        assertNull(writer.acquire(1, TimeUnit.MILLISECONDS));
        assertTrue(idle.idled > 5, "and when it is in vain");
      }
    }
  }

  @Test
  void aWriterOfReferencesIdlesWhileABlockReaderHasNoRoom() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 1);
        var port = reader.open()) {
      Counting idle = new Counting(5, () -> assertNotNull(port.next(0, TimeUnit.SECONDS)));
      try (var writer = feed.writer(idle)) {
        publish(writer, 0);
        SharedBuffer buffer = pool.tryAcquire(64);
        assertFalse(writer.publish(buffer, null, 1, 0, TimeUnit.SECONDS));
        assertEquals(0, idle.idled, "it was not to wait");
        assertTrue(writer.publish(buffer, null, 1, 30, TimeUnit.SECONDS));
        assertEquals(5, idle.idled);
        SharedBuffer other = pool.tryAcquire(64);
        assertFalse(writer.publish(other, null, 2, 1, TimeUnit.MILLISECONDS));
        assertTrue(idle.idled > 5, "and when it is in vain");
        other.close();
      }
    }
  }

  @Test
  void aPoolsPortIdlesWhileThePoolIsEmpty() {
    try (var place = form.place(64, 1);
        var pool = place.pool()) {
      SharedBuffer only = pool.tryAcquire(64);
      Counting idle = new Counting(5, only::close);
      try (var port = pool.open("owner", idle)) {
        assertNull(port.tryAcquire());
        assertNull(port.acquire(0, TimeUnit.SECONDS));
        assertEquals(0, idle.idled, "it was not to wait");
        assertNotNull(port.acquire(30, TimeUnit.SECONDS));
        assertEquals(5, idle.idled);
        port.release();
        assertNotNull(port.acquire(30, TimeUnit.SECONDS));
        assertEquals(5, idle.idled, "there was one");
      }
    }
  }

  @Test
  void aReaderIdlesUntilThereIsAFrame() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), Overflow.BLOCK, 4)) {
      Counting idle = new Counting(5, () -> publish(writer, 0));
      try (var port = reader.open(idle)) {
        assertNotNull(port.next(30, TimeUnit.SECONDS));
        assertEquals(5, idle.idled);
        publish(writer, 1);
        assertEquals(numbers(1, 2), drain(port));
        assertEquals(5, idle.idled, "there was one");
      }
    }
  }

  @Test
  void aReaderIdlesUntilAFrameIsReady() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var timeline = pool.sync().timeline("gpu");
        var reader = join(place.reach(feed), Overflow.BLOCK, 4)) {
      SharedBuffer buffer = pool.tryAcquire(64);
      buffer.reservation().add(timeline.next(), Usage.WRITE);
      assertTrue(writer.publish(buffer, null, 0, 0, TimeUnit.SECONDS));
      Counting idle = new Counting(5, () -> timeline.signal(1));
      try (var port = reader.open(idle)) {
        assertNull(port.next(0, TimeUnit.SECONDS));
        assertNotNull(port.next(30, TimeUnit.SECONDS));
        assertEquals(5, idle.idled);
      }
    }
  }

  @Test
  void anInterruptEndsIdling() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 1)) {
      Thread self = Thread.currentThread();
      try (var port = reader.open(new Counting(5, self::interrupt))) {
        assertNull(port.next(10, TimeUnit.MINUTES));
        assertTrue(Thread.interrupted());
      }
      try (var writer = feed.writer(new Counting(5, self::interrupt));
          var only = pool.tryAcquire(64)) {
        assertNotNull(only);
        assertNull(writer.acquire(10, TimeUnit.MINUTES));
        assertTrue(Thread.interrupted());
      }
    }
  }

  @Test
  void anInterruptEndsWaitingForAFrameThatAFenceHoldsBack() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var timeline = pool.sync().timeline("gpu");
        var reader = join(place.reach(feed), Overflow.BLOCK, 1);
        var port = reader.open()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      buffer.reservation().add(timeline.next(), Usage.WRITE);
      assertTrue(writer.publish(buffer, null, 0, 0, TimeUnit.SECONDS));
      Thread.currentThread().interrupt();
      assertNull(port.next(10, TimeUnit.MINUTES));
      assertTrue(Thread.interrupted());
      timeline.signal(1);
      assertNotNull(port.next(0, TimeUnit.SECONDS), "it is still there");
    }
  }

  @Test
  void noStrategyIsNotAStrategy() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 1)) {
      assertThrows(NullPointerException.class, () -> reader.open(null));
      assertThrows(NullPointerException.class, () -> pool.open("owner", null));
      assertThrows(NullPointerException.class, () -> feed.writer((IdleStrategy) null));
      try (var writer = feed.writer()) {
        publish(writer, 0);
      }
    }
  }
}
