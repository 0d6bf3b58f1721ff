package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sync.Usage;
import java.nio.channels.Pipe;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C6: a buffer goes back to its pool after its last use of any kind, and whoever waits wakes. */
@InBothForms
class C6NoReuseBeforeTheLastReaderTest {
  @Parameter Form form;

  private static Importer of(MappingType type) {
    return Importer.accepting("importer", Release.BOUNDED, Need.of(type, Access.WRITE));
  }

  /**
   * The one buffer of the pool is used in one way only: nobody gets it, and the pool names the use.
   * When that use ends, a waiting thread gets it.
   */
  private static void assertOnlyUseKeepsIt(BufferPool pool, String named, Runnable end) {
    assertNull(pool.tryAcquire(64));
    assertNull(pool.acquire(64, 3, TimeUnit.MILLISECONDS));
    List<String> holders = pool.holders();
    assertEquals(
        1, holders.stream().filter(line -> line.startsWith("buffer ")).count(), () -> "" + holders);
    assertTrue(holders.getFirst().contains(named), () -> "'" + named + "' not in " + holders);
    var waiter = Elsewhere.start(() -> pool.acquire(64, 30, TimeUnit.SECONDS)).awaitWaiting();
    assertFalse(waiter.isDone());
    end.run();
    SharedBuffer got = waiter.result();
    assertNotNull(got, "the waiter woke with the buffer");
    got.close();
    assertEquals(List.of(), pool.holders());
  }

  @Test
  void aReferenceAloneKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      SharedBuffer shared = buffer.share();
      buffer.close();
      assertOnlyUseKeepsIt(pool, "acquired by reference", shared::close);
    }
  }

  @Test
  void aMappingAloneKeepsIt() {
    for (boolean write : new boolean[] {false, true}) {
      try (var place = form.place(64, 1);
          var pool = place.pool();
          var attachment = pool.attach(of(MappingType.VIEW));
          var port = attachment.open()) {
        SharedBuffer buffer = pool.tryAcquire(64);
        View view = write ? port.mapForWriting(buffer) : port.map(buffer);
        buffer.close();
        assertOnlyUseKeepsIt(
            pool, "mapped for " + (write ? "WRITE" : "READ") + " by port", view::close);
      }
    }
  }

  @Test
  void theLastOfManyMappingsKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var attachment = pool.attach(of(MappingType.VIEW));
        var port = attachment.open()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      View first = port.map(buffer);
      View second = port.map(buffer);
      Elsewhere.run(() -> {
        try (var otherPort = attachment.open();
            View third = otherPort.map(buffer)) {
          assertEquals(0, third.getByte(0));
        }
      });
      buffer.close();
      first.close();
      assertOnlyUseKeepsIt(pool, "mapped for READ", second::close);
    }
  }

  @Test
  void anOwnersPortAloneKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owner = pool.open("owner")) {
      assertNotNull(owner.tryAcquire());
      assertOnlyUseKeepsIt(pool, "'owner'", owner::release);
    }
  }

  @Test
  void aQueueAloneKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
      try (var writer = feed.writer()) {
        writer.acquire(1, TimeUnit.SECONDS);
        writer.publish();
      }
      assertOnlyUseKeepsIt(pool, "PUBLISHED", reader::close);
    }
  }

  @Test
  void aReadersFrameAloneKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      try (var writer = feed.writer()) {
        writer.acquire(1, TimeUnit.SECONDS);
        writer.publish();
      }
      assertNotNull(port.next(1, TimeUnit.SECONDS));
      assertOnlyUseKeepsIt(pool, place.named("mapped for READ"), port::unmap);
    }
  }

  @Test
  void aKeptViewAloneKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      try (var writer = feed.writer()) {
        writer.acquire(1, TimeUnit.SECONDS).putLong(0, 77);
        writer.publish();
      }
      assertNotNull(port.next(1, TimeUnit.SECONDS));
      View kept = port.keep();
      assertNull(port.next(0, TimeUnit.SECONDS));
      assertEquals(77, kept.getLong(0));
      assertOnlyUseKeepsIt(pool, place.named("mapped for READ"), kept::close);
    }
  }

  @Test
  void aHeldFrameAloneKeepsItThoughEverybodyHasPassedIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = place.reach(feed).join("reader", Access.READ, Overflow.BLOCK);
        var port = reader.open()) {
      try (var writer = feed.writer()) {
        writer.acquire(1, TimeUnit.SECONDS);
        writer.publish();
      }
      assertNotNull(port.next(1, TimeUnit.SECONDS));
      assertNull(pool.tryAcquire(64), "which makes the queue let go of the frame");
      SharedBuffer held = port.hold();
      port.unmap();
      assertOnlyUseKeepsIt(pool, place.named("PUBLISHED holds=1"), held::close);
    }
  }

  @Test
  void aLeaseAloneKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var attachment = pool.attach(of(MappingType.NATIVE_POINTER))) {
      SharedBuffer buffer = pool.tryAcquire(64);
      var lease = attachment.lease(buffer);
      buffer.close();
      assertOnlyUseKeepsIt(pool, "native lease of buffer 0 by 'importer'", lease::close);
    }
  }

  @Test
  void aLeasedFrameAloneKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader =
            place
                .reach(feed)
                .join(Importer.leasing("codec", Access.READ), Overflow.BLOCK, 1, Division.EACH)) {
      try (var writer = feed.writer()) {
        writer.acquire(1, TimeUnit.SECONDS);
        writer.publish();
      }
      try (var port = reader.open()) {
        var lease = port.nextLease(1, TimeUnit.SECONDS);
        assertOnlyUseKeepsIt(
            pool, place.named("native lease of buffer 0 by 'codec'"), lease::close);
      }
    }
  }

  @Test
  void aWindowAloneKeepsIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var attachment = pool.attach(of(MappingType.CPU_WINDOW));
        var port = attachment.open()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      var window = port.cpuWindow(buffer);
      buffer.close();
      assertOnlyUseKeepsIt(pool, "CPU window on buffer 0 by 'importer'", window::close);
    }
  }

  @Test
  void aFenceOfEachUsageAndAClaimAloneKeepIt() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var timeline = pool.sync().timeline("t")) {
      for (Usage usage : Usage.values()) {
        SharedBuffer buffer = pool.tryAcquire(64);
        var fence = timeline.next();
        buffer.reservation().add(fence, usage);
        buffer.close();
        assertOnlyUseKeepsIt(
            pool, "fences: " + usage + " t:", () -> timeline.signal(fence.point()));
      }
      SharedBuffer buffer = pool.tryAcquire(64);
      int slot = buffer.reservation().reserve();
      var fences = buffer.reservation();
      buffer.close();
      assertOnlyUseKeepsIt(pool, "fences: claimed", () -> fences.cancel(slot));
    }
  }

  @Test
  void aFenceThatWasSignaledForItsIssuerKeepsItUntilTheWorkIsKnownToHaveEnded() {
    try (var place = form.place(64, 1);
        var pool = place.pool()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      var timeline = pool.sync().timeline("dead gpu");
      var fence = timeline.next();
      buffer.reservation().add(fence, Usage.WRITE);
      timeline.close();
      assertTrue(fence.isSignaled(), "nobody waits for it any more");
      assertTrue(buffer.reservation().isSignaled(Usage.BOOKKEEP));
      buffer.close();
      assertOnlyUseKeepsIt(pool, "dead gpu", () -> pool.sync().settle("dead gpu"));
    }
  }

  @Test
  void aChannelTransferAloneKeepsIt() throws Exception {
    Pipe pipe = Pipe.open();
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var attachment = pool.attach(of(MappingType.CHANNEL_IO));
        var sink = pipe.sink();
        var source = pipe.source()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      var reading =
          Elsewhere.start(() -> {
            try (var port = attachment.open()) {
              return port.readFrom(source, buffer, 0, 64);
            }
          });
      Elsewhere.await("it reads", () -> pool.dump().contains("channel transfer of buffer 0"));
      buffer.close();
      assertOnlyUseKeepsIt(
          pool,
          "channel transfer of buffer 0 by 'importer'",
          () -> {
            try {
              sink.write(java.nio.ByteBuffer.allocate(10));
            } catch (java.io.IOException e) {
              throw new AssertionError(e);
            }
          });
      assertEquals(10, reading.result());
    }
  }

  @Test
  void everyUseTogetherThenEachEndedInTurn() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var timeline = pool.sync().timeline("t");
        var viewing = pool.attach(of(MappingType.VIEW));
        var leasing = pool.attach(of(MappingType.NATIVE_POINTER));
        var viewPort = viewing.open()) {
      SharedBuffer buffer = pool.tryAcquire(64);
      SharedBuffer shared = buffer.share();
      View view = viewPort.map(buffer);
      var lease = leasing.lease(buffer);
      var fence = timeline.next();
      buffer.reservation().add(fence, Usage.BOOKKEEP);
      List<Runnable> ends =
          List.of(
              buffer::close,
              lease::close,
              view::close,
              () -> timeline.signal(fence.point()),
              shared::close);
      for (Runnable end : ends) {
        assertNull(pool.tryAcquire(64));
        end.run();
      }
      SharedBuffer again = pool.tryAcquire(64);
      assertNotNull(again);
      assertEquals(2, again.generation());
      again.close();
    }
  }
}
