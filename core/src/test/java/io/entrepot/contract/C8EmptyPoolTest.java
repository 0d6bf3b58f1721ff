package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C8: what an empty pool does is chosen by the caller, and nothing else happens. */
class C8EmptyPoolTest {
  @Test
  void anEmptyPoolAnswersNoneOrWaitsAsTheCallerChooses() {
    try (var pool = BufferPool.offHeap("pool", 64, 1);
        var owner = pool.open("owner")) {
      SharedBuffer only = pool.tryAcquire(64);
      assertNull(pool.tryAcquire(64));
      assertNull(pool.acquire(64, 1, TimeUnit.MILLISECONDS));
      assertNull(owner.tryAcquire());
      assertNull(owner.acquire(1, TimeUnit.MILLISECONDS));
      assertEquals(2, pool.statistics().timeouts());
      var waiting = Elsewhere.start(() -> pool.acquire(64, 30, TimeUnit.SECONDS)).awaitWaiting();
      only.close();
      SharedBuffer got = waiting.result();
      assertEquals(only.index(), got.index());
      got.close();
      assertNotNull(owner.acquire(0, TimeUnit.SECONDS));
      owner.release();
    }
  }

  @Test
  void everyWaiterGetsABufferInTheEnd() {
    try (var pool = BufferPool.offHeap("pool", 64, 2)) {
      List<Elsewhere<Integer>> waiters = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        waiters.add(
            Elsewhere.start(() -> {
              int got = 0;
              for (int round = 0; round < 200; round++) {
                try (SharedBuffer buffer = pool.acquire(64, 30, TimeUnit.SECONDS)) {
                  got += buffer == null ? 0 : 1;
                }
              }
              return got;
            }));
      }
      for (var waiter : waiters) {
        assertEquals(200, waiter.result());
      }
      assertEquals(0, pool.statistics().timeouts());
    }
  }

  @Test
  void aSizeClassIsTheSmallestThatFitsThenALargerOne() {
    try (var pool =
        BufferPool.of(
            ArenaExporter.named("classes"), new SizeClass(1000, 1), new SizeClass(10, 2))) {
      SharedBuffer small = pool.tryAcquire(10);
      SharedBuffer large = pool.tryAcquire(11);
      assertEquals(10, small.byteSize());
      assertEquals(1000, large.byteSize());
      assertNull(pool.tryAcquire(1000), "a smaller one would not do");
      SharedBuffer second = pool.tryAcquire(1);
      assertEquals(10, second.byteSize());
      large.close();
      SharedBuffer fallback = pool.tryAcquire(1);
      assertEquals(1000, fallback.byteSize(), "a larger one does when the small ones are gone");
      List.of(small, second, fallback).forEach(SharedBuffer::close);
      for (long size : new long[] {1001, 1L << 31, 1L << 32, Long.MAX_VALUE}) {
        String text =
            assertThrows(IllegalArgumentException.class, () -> pool.tryAcquire(size)).getMessage();
        assertTrue(text.contains(size + " bytes; the largest are of 1000"), text);
      }
      assertThrows(IllegalArgumentException.class, () -> pool.tryAcquire(-1));
      assertEquals(List.of(), pool.holders());
    }
  }
}
