package io.entrepot.contract;

import static io.entrepot.contract.Waits.assertInterruptEnds;
import static io.entrepot.contract.Waits.assertInterruptEndsWhileWaiting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SyncObject;
import io.entrepot.sync.SyncWait;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C11: no call waits for ever, and one that waited in vain leaves everything as it was. */
class C11BoundedWaitingTest {
  private static final Duration SHORT = Duration.ofMillis(5);

  @Test
  void acquiringInVainTakesNothing() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var buffer = pool.tryAcquire(64)) {
      BooleanSupplier acquire = () -> pool.acquire(64, 10, TimeUnit.MINUTES) != null;
      String before = Waits.holders(pool);
      assertNull(pool.acquire(64, 1, TimeUnit.MILLISECONDS));
      assertNull(pool.acquire(64, 0, TimeUnit.MILLISECONDS));
      assertNull(pool.acquire(64, -1, TimeUnit.DAYS));
      assertInterruptEnds(acquire);
      assertInterruptEndsWhileWaiting(acquire);
      assertEquals(before, Waits.holders(pool));
      assertEquals(1, buffer.generation());
      assertEquals(1, pool.statistics().acquires());
    }
  }

  @Test
  void acquiringInVainThroughAPortOrAWriterTakesNothing() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var feed = pool.broadcast("feed")) {
      SharedBuffer buffer = pool.tryAcquire(64);
      BooleanSupplier byPort =
          () -> {
            try (var port = pool.open("port")) {
              assertNull(port.tryAcquire());
              assertNull(port.acquire(-1, TimeUnit.SECONDS));
              boolean got = port.acquire(10, TimeUnit.MINUTES) != null;
              assertThrows(IllegalStateException.class, port::release);
              return got;
            }
          };
      BooleanSupplier byWriter =
          () -> {
            try (var writer = feed.writer()) {
              assertNull(writer.acquire(0, TimeUnit.SECONDS));
              assertNull(writer.acquire(-1, TimeUnit.SECONDS));
              boolean got = writer.acquire(10, TimeUnit.MINUTES) != null;
              assertThrows(IllegalStateException.class, writer::publish);
              return got;
            }
          };
      for (BooleanSupplier acquire : List.of(byPort, byWriter)) {
        assertInterruptEnds(acquire);
        assertInterruptEndsWhileWaiting(acquire);
      }
      assertEquals(0, pool.statistics().openMappings());
      buffer.close();
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void publishingInVainLeavesTheReferenceWithItsOwner() {
    try (var pool = BufferPool.offHeap("pool", 64, 3);
        var feed = pool.broadcast("feed");
        var reader =
            feed.join(Importer.viewing("r", Access.READ), Overflow.BLOCK, 1, Division.EACH);
        var port = reader.open();
        var writer = feed.writer()) {
      writer.acquire(1, TimeUnit.SECONDS);
      writer.publish();
      SharedBuffer buffer = pool.tryAcquire(64);
      assertFalse(writer.publish(buffer, null, 0, 1, TimeUnit.MILLISECONDS));
      assertFalse(writer.publish(buffer, null, 0, -1, TimeUnit.MILLISECONDS));
      Thread.currentThread().interrupt();
      assertFalse(writer.publish(buffer, null, 0, 10, TimeUnit.MINUTES));
      assertTrue(Thread.interrupted());
      buffer.share().close();
      assertNotNull(port.next(0, TimeUnit.SECONDS));
      assertTrue(writer.publish(buffer, null, 0, 0, TimeUnit.SECONDS));
      assertThrows(StaleBufferException.class, buffer::share, "consumed, on success only");
      assertNotNull(port.next(0, TimeUnit.SECONDS));
      assertEquals(1, port.sequence(), "the attempts in vain were no frames");
    }
  }

  @Test
  void mappingInPlaceInVainKeepsNobodyOut() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
        var port = attachment.open();
        var buffer = pool.tryAcquire(64)) {
      var fenced = pool.sync().timeline("t");
      buffer.reservation().add(fenced.next(), Usage.READ);
      assertNull(port.mapInPlace(buffer, 5, TimeUnit.MILLISECONDS), "a read is pending");
      fenced.signal(1);
      Elsewhere.run(() -> {
        try (var other = attachment.open()) {
          View view = other.map(buffer);
          Elsewhere.run(() -> {
            try (var writing = attachment.open()) {
              assertNull(writing.mapInPlace(buffer, 5, TimeUnit.MILLISECONDS));
              assertNull(writing.mapInPlace(buffer, 0, TimeUnit.SECONDS));
              Thread.currentThread().interrupt();
              assertNull(writing.mapInPlace(buffer, 10, TimeUnit.MINUTES));
              assertTrue(Thread.interrupted());
            }
          });
          view.close();
          other.map(buffer).close();
        }
      });
      try (WritableView inPlace = port.mapInPlace(buffer, 5, TimeUnit.MILLISECONDS)) {
        assertNotNull(inPlace);
        Elsewhere.run(() -> {
          try (var other = attachment.open()) {
            assertNull(
                other.mapInPlace(buffer, 5, TimeUnit.MILLISECONDS), "another writer is at work");
          }
        });
      }
      assertEquals(0, pool.statistics().openMappings());
    }
  }

  @Test
  void readersOfABufferThatIsWrittenInPlaceWaitAndSeeAllOfIt() {
    try (var pool = BufferPool.offHeap("pool", 4096, 1);
        var attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
        var port = attachment.open();
        var buffer = pool.tryAcquire(4096)) {
      for (int round = 1; round <= 30; round++) {
        byte value = (byte) round;
        var view = port.mapInPlace(buffer, 30, TimeUnit.SECONDS);
        var reading =
            Elsewhere.start(() -> {
              try (var other = attachment.open();
                  View seen = other.map(buffer)) {
                return seen.getByte(0) == value && seen.getByte(4095) == value;
              }
            });
        for (long at = 0; at < 4096; at++) {
          view.putByte(at, value);
        }
        view.close();
        assertTrue(reading.result(), "round " + round);
      }
    }
  }

  @Test
  void closingAPoolInVainLeavesItOpen() {
    var pool = BufferPool.offHeap("pool", 64, 2);
    SharedBuffer buffer = pool.tryAcquire(64);
    assertThrows(PoolInUseException.class, () -> pool.close(SHORT));
    assertThrows(PoolInUseException.class, () -> pool.close(Duration.ZERO));
    SharedBuffer other = pool.tryAcquire(64);
    assertNotNull(other, "it is open as before");
    other.close();
    var closing =
        Elsewhere.start(() -> {
          pool.close(Duration.ofSeconds(30));
          return true;
        });
    closing.awaitWaiting();
    assertFalse(closing.isDone());
    buffer.close();
    assertTrue(closing.result());
  }

  /**
   * Calls with a time-out that wait in vain: for buffers that are in use, or for a pending fence.
   */
  enum Call {
    ACQUIRE(all -> all.pool.acquire(64, all.far, TimeUnit.DAYS)),
    ACQUIRE_BY_PORT(all -> {
      try (var port = all.pool.open("port")) {
        return port.acquire(all.far, TimeUnit.DAYS);
      }
    }),
    ACQUIRE_BY_WRITER(all -> {
      try (var writer = all.feed.writer()) {
        return writer.acquire(all.far, TimeUnit.DAYS);
      }
    }),
    PUBLISH(all -> {
      try (var full = Feeds.join(all.feed, "full", Overflow.BLOCK, 1, Division.EACH);
          var writer = all.feed.writer()) {
        assertTrue(writer.publish(all.busy.share(), null, 0, 0, TimeUnit.DAYS));
        try (var other = all.busy.share()) {
          return writer.publish(other, null, 0, all.far, TimeUnit.DAYS) || full.unread() != 1;
        }
      }
    }),
    NEXT_OF_NONE(all -> all.read(false, port -> port.next(all.far, TimeUnit.DAYS))),
    NEXT_LEASE_OF_NONE(all -> all.lease(false, port -> port.nextLease(all.far, TimeUnit.DAYS))),
    NEXT_BUFFER_OF_NONE(all -> all.read(false, port -> port.nextBuffer(all.far, TimeUnit.DAYS))),
    NEXT_BEHIND_A_FENCE(all -> all.read(true, port -> port.next(all.far, TimeUnit.DAYS))),
    NEXT_LEASE_BEHIND_A_FENCE(
        all -> all.lease(true, port -> port.nextLease(all.far, TimeUnit.DAYS))),
    MAP(all -> all.use(port -> port.map(all.busy, all.far, TimeUnit.DAYS))),
    MAP_AFTER(all -> all.use(port -> port.map(all.busy, all.work, all.far, TimeUnit.DAYS))),
    MAP_FOR_WRITING(all -> all.use(port -> port.mapForWriting(all.busy, all.far, TimeUnit.DAYS))),
    MAP_IN_PLACE(all -> all.use(port -> port.mapInPlace(all.busy, all.far, TimeUnit.DAYS))),
    LEASE(all -> {
      try (var leasing = all.pool.attach(Importer.leasing("leasing", Access.READ))) {
        return leasing.lease(all.busy, all.far, TimeUnit.DAYS);
      }
    }),
    LEASE_AFTER(all -> {
      try (var leasing = all.pool.attach(Importer.leasing("leasing", Access.READ))) {
        return leasing.lease(all.busy, all.work, all.far, TimeUnit.DAYS);
      }
    }),
    WINDOW(all -> {
      try (var attachment = all.pool.attach(Importers.of(MappingType.CPU_WINDOW));
          var port = attachment.open()) {
        return port.cpuWindow(all.busy, all.far, TimeUnit.DAYS);
      }
    }),
    REVOKE(all -> {
      try (var attachment = all.pool.attach(Importer.viewing("mapped", Access.READ));
          var port = attachment.open()) {
        all.timeline.signal(all.work.point());
        assertNotNull(port.map(all.busy));
        return all.pool.revoke(attachment, all.farBelow).cooperative();
      }
    }),
    CLOSE(
        all -> assertThrows(PoolInUseException.class, () -> all.pool.close(all.farBelow)) == null),
    RESERVATION(all -> all.busy.reservation().await(Usage.BOOKKEEP, all.farBelow)),
    SNAPSHOT(all -> all.busy.reservation().snapshot(Usage.BOOKKEEP).await(all.farBelow)),
    POINT(all -> all.work.await(all.farBelow)),
    ARRAY(all -> FenceArray.of("array", List.of(all.work)).await(all.farBelow)),
    CHAIN(all -> FenceChain.first("chain", 1, all.work).await(all.farBelow)),
    ALL_FENCES(all -> Fences.awaitAll(all.farBelow, all.work)),
    ANY_FENCE(all -> Fences.awaitAny(all.farBelow, all.work) >= 0),
    SYNC_OBJECT(all -> SyncObject.create("empty").await(1, SyncWait.SUBMITTED, all.farBelow));

    private final Function<Busy, Object> inVain;

    Call(Function<Busy, Object> inVain) {
      this.inVain = inVain;
    }
  }

  /** A pool with nothing to be had but a buffer that a fence keeps from being used. */
  private static final class Busy implements AutoCloseable {
    final long far = Long.MIN_VALUE;
    final Duration farBelow = Duration.ofSeconds(Long.MIN_VALUE);
    final BufferPool pool = BufferPool.offHeap("pool", 64, 1);
    final Broadcast feed = pool.broadcast("feed");
    final Timeline timeline = pool.sync().timeline("work");
    final Fence work = timeline.next();
    final SharedBuffer busy = pool.tryAcquire(64);

    Busy() {
      busy.reservation().add(work, Usage.MOVE);
    }

    Object use(Function<Port, Object> call) {
      try (var attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
          var port = attachment.open()) {
        return call.apply(port);
      }
    }

    Object read(boolean hasFrame, Function<FramePort, Object> call) {
      return take(Importer.viewing("reader", Access.READ), hasFrame, call);
    }

    Object lease(boolean hasFrame, Function<FramePort, Object> call) {
      return take(Importer.leasing("reader", Access.READ), hasFrame, call);
    }

    private Object take(Importer reading, boolean hasFrame, Function<FramePort, Object> call) {
      try (var reader = feed.join(reading, Overflow.BLOCK, 1, Division.EACH);
          var port = reader.open();
          var writer = feed.writer()) {
        if (hasFrame) {
          assertTrue(writer.publish(busy.share(), null, 0, 0, TimeUnit.DAYS));
        }
        return call.apply(port);
      }
    }

    @Override
    public void close() {
      timeline.signal(work.point());
      timeline.close();
      busy.close();
      feed.close();
      pool.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTimeFarBelowZeroOnlyTests(Call call) {
    Elsewhere.run(() -> {
      try (Busy all = new Busy()) {
        Object answer = call.inVain.apply(all);
        assertTrue(answer == null || Boolean.FALSE.equals(answer), () -> "answered " + answer);
      }
    });
  }
}
