package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Timeline;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * C6: where an exporter wants buffers zeroed on release, their bytes are gone when the call that
 * ends the last use returns, and not before. Nobody here looks for a free buffer meanwhile.
 */
class C6ZeroedOnReleaseTest {
  private static final long BYTES = 256;
  private static final byte SECRET = 0x5A;

  /** The exporter's own bytes of the pool that was made last. */
  private List<MemorySegment> raw;

  /** Ordinary memory, zeroed on release. */
  private record OnRelease(ArenaExporter memory) implements Exporter {
    @Override
    public String name() {
      return memory.name();
    }

    @Override
    public List<Offer> offers() {
      return memory.offers();
    }

    @Override
    public boolean zeroesOnRelease() {
      return true;
    }

    @Override
    public Backing allocate(List<SizeClass> classes) {
      return memory.allocate(classes);
    }
  }

  private BufferPool pool(int buffers) {
    raw = new ArrayList<>();
    return BufferPool.of(
        new TappedExporter(
            new OnRelease(ArenaExporter.named("zeroing")), all -> raw.addAll(all.buffers())),
        new SizeClass(BYTES, buffers));
  }

  private static void write(WritableView view) {
    assertNotNull(view);
    view.fill(0, BYTES, SECRET);
  }

  private static boolean isThere(MemorySegment buffer) {
    return buffer.get(ValueLayout.JAVA_BYTE, 0) == SECRET
        && buffer.get(ValueLayout.JAVA_BYTE, BYTES - 1) == SECRET;
  }

  private static boolean isGone(MemorySegment buffer) {
    for (long at = 0; at < BYTES; at++) {
      if (buffer.get(ValueLayout.JAVA_BYTE, at) != 0) {
        return false;
      }
    }
    return true;
  }

  @Test
  void whenAnOwnerReleases() {
    try (BufferPool pool = pool(2);
        PoolPort port = pool.open("owner")) {
      for (int round = 0; round < 3; round++) {
        write(port.tryAcquire());
        assertEquals(1, raw.stream().filter(C6ZeroedOnReleaseTest::isThere).count());
        port.release();
        assertTrue(raw.stream().allMatch(C6ZeroedOnReleaseTest::isGone));
      }
    }
  }

  @Test
  void whenAnOwnersPortClosesWithoutARelease() {
    try (BufferPool pool = pool(1)) {
      try (PoolPort port = pool.open("owner")) {
        write(port.tryAcquire());
      }
      assertTrue(isGone(raw.getFirst()));
    }
  }

  @Test
  void whenTheLastOfViewAndReferenceEnds() {
    try (BufferPool pool = pool(1);
        Attachment attachment = pool.attach(Importers.viewing());
        Port port = attachment.open()) {
      SharedBuffer first = pool.tryAcquire(BYTES);
      WritableView outlasting = port.mapForWriting(first);
      write(outlasting);
      first.close();
      assertTrue(isThere(raw.getFirst()), "it is mapped still");
      outlasting.close();
      assertTrue(isGone(raw.getFirst()));

      SharedBuffer second = pool.tryAcquire(BYTES);
      try (WritableView view = port.mapForWriting(second)) {
        write(view);
      }
      SharedBuffer shared = second.share();
      second.close();
      assertTrue(isThere(raw.getFirst()), "there is another reference");
      shared.close();
      assertTrue(isGone(raw.getFirst()));
    }
  }

  @Test
  void whenALeaseIsReturned() {
    try (BufferPool pool = pool(1);
        Attachment writing = pool.attach(Importers.viewing());
        Port port = writing.open();
        Attachment leasing = pool.attach(Importer.leasing("library", Access.READ))) {
      SharedBuffer buffer = pool.tryAcquire(BYTES);
      try (WritableView view = port.mapForWriting(buffer)) {
        write(view);
      }
      NativeLease lease = leasing.lease(buffer);
      buffer.close();
      assertTrue(isThere(raw.getFirst()), "it is leased still");
      lease.close();
      assertTrue(isGone(raw.getFirst()));
    }
  }

  @Test
  void whenTheLastReaderOfAFrameGoesOn() {
    try (BufferPool pool = pool(4);
        Broadcast feed = pool.broadcast("feed");
        FeedReader one = feed.join("one", Access.READ, Overflow.BLOCK);
        FeedReader two = feed.join("two", Access.READ, Overflow.BLOCK);
        FramePort fast = one.open();
        FramePort slow = two.open();
        FeedWriter writer = feed.writer()) {
      write(writer.acquire(0, TimeUnit.SECONDS));
      writer.publish();
      MemorySegment frame = raw.stream().filter(C6ZeroedOnReleaseTest::isThere).findAny().get();
      assertNotNull(fast.next(0, TimeUnit.SECONDS));
      assertNotNull(slow.next(0, TimeUnit.SECONDS));
      fast.next(0, TimeUnit.SECONDS);
      assertTrue(isThere(frame), "the slow reader looks at it");
      slow.next(0, TimeUnit.SECONDS);
      assertTrue(isGone(frame));
    }
  }

  @Test
  void whenAQueueDropsAFrameOrItsReaderLeaves() {
    try (BufferPool pool = pool(4);
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer()) {
      FeedReader reader = feed.join("reader", Access.READ, Overflow.DROP_OLDEST, 1);
      write(writer.acquire(0, TimeUnit.SECONDS));
      writer.publish();
      MemorySegment dropped = raw.stream().filter(C6ZeroedOnReleaseTest::isThere).findAny().get();
      write(writer.acquire(0, TimeUnit.SECONDS));
      writer.publish();
      assertTrue(isGone(dropped));
      assertEquals(1, raw.stream().filter(C6ZeroedOnReleaseTest::isThere).count());
      reader.close();
      assertTrue(raw.stream().allMatch(C6ZeroedOnReleaseTest::isGone));
    }
  }

  @Test
  void whenTheLastFenceIsSignaled() {
    try (BufferPool pool = pool(1);
        Attachment attachment = pool.attach(Importers.viewing());
        Port port = attachment.open()) {
      Timeline reading = attachment.timeline("reading");
      Timeline encoding = attachment.timeline("encoding");
      for (int round = 0; round < 3; round++) {
        SharedBuffer buffer = pool.tryAcquire(BYTES);
        try (WritableView view = port.mapForWriting(buffer)) {
          write(view);
        }
        buffer.importFence(reading.next(), Access.READ);
        buffer.importFence(encoding.next(), Access.READ);
        buffer.close();
        assertTrue(isThere(raw.getFirst()), "two are at work on it");
        reading.signal(reading.issued());
        assertTrue(isThere(raw.getFirst()), "one is at work on it");
        encoding.signal(encoding.issued());
        assertTrue(isGone(raw.getFirst()));
      }
    }
  }

  @Test
  void whenAViewIsClosedByForce() {
    try (BufferPool pool = pool(1);
        Attachment attachment = pool.attach(Importers.viewing());
        Port port = attachment.open()) {
      SharedBuffer buffer = pool.tryAcquire(BYTES);
      write(port.mapForWriting(buffer));
      buffer.close();
      assertTrue(isThere(raw.getFirst()));
      assertFalse(pool.revoke(attachment, Duration.ZERO).cooperative());
      assertTrue(isGone(raw.getFirst()));
    }
  }

  @Test
  void whenTwoLetGoAtTheSameTime() {
    int rounds = 1_000;
    try (BufferPool pool = pool(1);
        Attachment attachment = pool.attach(Importers.viewing());
        Port port = attachment.open()) {
      AtomicInteger step = new AtomicInteger();
      SharedBuffer[] shared = new SharedBuffer[1];
      Elsewhere<Integer> other =
          Elsewhere.start(() -> {
            try (Port reading = attachment.open()) {
              for (int round = 0; round < rounds; round++) {
                await(step, 4 * round + 1);
                View view = reading.map(shared[0]);
                step.incrementAndGet();
                await(step, 4 * round + 3);
                view.close();
                step.incrementAndGet();
              }
              return rounds;
            }
          });
      for (int round = 0; round < rounds; round++) {
        shared[0] = pool.tryAcquire(BYTES);
        try (WritableView view = port.mapForWriting(shared[0])) {
          view.putLong(0, -1);
        }
        step.incrementAndGet();
        await(step, 4 * round + 2);
        step.incrementAndGet();
        shared[0].close();
        await(step, 4 * round + 4);
        assertEquals(0, raw.getFirst().get(ValueLayout.JAVA_LONG, 0), "round " + round);
      }
      assertEquals(rounds, other.result());
    }
  }

  private static void await(AtomicInteger step, int value) {
    Elsewhere.await("the other thread's step " + value, () -> step.get() >= value);
  }
}
