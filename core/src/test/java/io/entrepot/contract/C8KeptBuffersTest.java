package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.flow.PoolPort;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A buffer that a port keeps for itself is free for everybody else. */
class C8KeptBuffersTest {
  private static final int BUFFER_BYTES = 64;

  private static BufferPool pool(int buffers) {
    return BufferPool.offHeap("pool", BUFFER_BYTES, buffers);
  }

  private static void keepOne(PoolPort port) {
    assertNotNull(port.tryAcquire());
    port.release();
  }

  @Test
  void countsAsFree() {
    try (var pool = pool(2);
        var port = pool.open("port")) {
      keepOne(port);
      assertEquals(2, pool.statistics().free());
      assertEquals(List.of(), pool.holders());
      port.tryAcquire();
      assertEquals(1, pool.statistics().free());
      String holder = pool.holders().getFirst();
      assertTrue(holder.contains("OWNED holds=1"), holder);
      assertTrue(holder.contains("acquired by port 0 of importer 'port'"), holder);
      port.release();
    }
  }

  @Test
  void isTakenByWhoeverFindsNoOther() {
    try (var pool = pool(1);
        var port = pool.open("port")) {
      keepOne(port);
      SharedBuffer taken = pool.tryAcquire(BUFFER_BYTES);
      assertNotNull(taken);
      assertNull(port.tryAcquire());
      taken.close();
      assertNotNull(port.tryAcquire());
      assertNull(pool.tryAcquire(BUFFER_BYTES), "one in use is not taken");
      port.release();
    }
  }

  @Test
  void isNotKeptWhenSomebodyWaits() {
    try (var pool = pool(1);
        var port = pool.open("port")) {
      keepOne(port);
      port.tryAcquire();
      var waiting =
          Elsewhere.start(() -> pool.acquire(BUFFER_BYTES, 30, TimeUnit.SECONDS)).awaitWaiting();
      port.release();
      SharedBuffer taken = waiting.result();
      assertNotNull(taken);
      assertNull(port.tryAcquire());
      taken.close();
    }
  }

  @Test
  void isGivenBackWhenItsPortCloses() {
    try (var pool = pool(1)) {
      PoolPort port = pool.open("port");
      keepOne(port);
      port.close();
      pool.tryAcquire(BUFFER_BYTES).close();
      PoolPort holding = pool.open("holding");
      keepOne(holding);
      holding.tryAcquire();
      holding.close();
      pool.tryAcquire(BUFFER_BYTES).close();
    }
  }

  @Test
  void doesNotHinderTheClosingOfItsPool() {
    BufferPool pool = pool(1);
    PoolPort port = pool.open("port");
    keepOne(port);
    port.tryAcquire();
    assertThrows(PoolInUseException.class, pool::close);
    port.release();
    pool.close();
    assertThrows(IllegalStateException.class, port::tryAcquire);
    port.close();
  }

  @Test
  void isNotTakenByItsPortOnceThatIsRevoked() {
    try (var pool = pool(1)) {
      PoolPort port = pool.open("port");
      keepOne(port);
      assertTrue(
          pool.revoke(port.attachment(), Duration.ofSeconds(5)).isComplete(), "nothing is in use");
      assertThrows(RevokedException.class, port::tryAcquire);
      pool.tryAcquire(BUFFER_BYTES).close();
      port.close();
    }
  }

  @Test
  void inUseDuringAForcedRevocationStaysWithItsPortUntilThatIsDone() {
    try (var pool = pool(1)) {
      PoolPort port = pool.open("port");
      keepOne(port);
      WritableView view = port.tryAcquire();
      var revocation = pool.revoke(port.attachment(), Duration.ofMillis(5));
      assertEquals(1, revocation.quarantined().size(), revocation::toString);
      assertThrows(RevokedException.class, () -> view.putLong(0, 1));
      assertNull(pool.tryAcquire(BUFFER_BYTES));
      port.release();
      assertThrows(RevokedException.class, port::tryAcquire);
      pool.tryAcquire(BUFFER_BYTES).close();
      port.close();
    }
  }

  @Test
  void staysOwnedWhenItsUserClosesTheView() {
    try (var pool = pool(1);
        var port = pool.open("port")) {
      for (int turn = 0; turn < 3; turn++) {
        WritableView view = port.tryAcquire();
        view.close();
        assertThrows(ViewClosedException.class, () -> view.putLong(0, 1));
        assertEquals(0, pool.statistics().openMappings());
        assertNull(pool.tryAcquire(BUFFER_BYTES), "closing the view does not give it back");
        port.release();
        assertThrows(IllegalStateException.class, port::release);
      }
      pool.tryAcquire(BUFFER_BYTES).close();
    }
  }

  @Test
  void isNotKeptWhereItIsOfALargerClass() {
    try (var pool =
            BufferPool.of(
                ArenaExporter.named("pool"), new SizeClass(64, 1), new SizeClass(128, 1));
        var port = pool.open("port")) {
      SharedBuffer small = pool.tryAcquire(64);
      assertEquals(128, port.tryAcquire().byteSize());
      port.release();
      small.close();
      assertEquals(64, port.tryAcquire().byteSize());
      port.release();
    }
  }

  /** More ports than buffers, so that nearly every acquire takes what another port keeps. */
  @Test
  void hasOneOwnerAtATime() {
    try (var pool = pool(2)) {
      List<Elsewhere<Long>> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        long mark = i + 1;
        threads.add(Elsewhere.start(() -> useInTurns(pool, mark)));
      }
      long uses = 0;
      for (Elsewhere<Long> thread : threads) {
        uses += thread.result();
      }
      assertEquals(4 * 20_000, uses);
      assertEquals(2, pool.statistics().free());
      assertEquals(uses, pool.statistics().acquires());
      assertEquals(uses, pool.statistics().releases());
    }
  }

  private static long useInTurns(BufferPool pool, long mark) {
    long uses = 0;
    try (var port = pool.open("port " + mark)) {
      while (uses < 20_000) {
        WritableView view = port.acquire(30, TimeUnit.SECONDS);
        view.putLong(0, mark);
        view.putLong(8, mark);
        if (view.getLong(0) != mark || view.getLong(8) != mark) {
          throw new AssertionError("two owners");
        }
        port.release();
        uses++;
      }
    }
    return uses;
  }
}
