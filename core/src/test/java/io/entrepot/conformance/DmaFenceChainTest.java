package io.entrepot.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.conformance.Kernel.Chain;
import io.entrepot.conformance.Kernel.Order;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceChain;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code st-dma-fence-chain.c}, suite dma-buf-fence-chain. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DmaFenceChainTest {
  private static final int LINKS = 4096;
  private static final int MANY_LINKS = 100_000;

  @Test
  void sanitycheck() {
    Chain chain = Chain.of(1);
    assertFalse(chain.tail().isSignaled());
    assertTrue(chain.signal(0));
    assertTrue(chain.tail().isSignaled());
  }

  @Test
  void findSeqno() {
    Chain chain = Chain.of(64);
    assertSame(chain.tail(), chain.tail().find(0));
    for (int i = 0; i < 64; i++) {
      FenceChain link = chain.links().get(i);
      long point = i + 1;
      assertSame(link, chain.tail().find(point));
      assertSame(link, link.find(point), "itself");
      assertThrows(IllegalArgumentException.class, () -> link.find(point + 1));
      assertSame(i == 0 ? link : chain.links().get(i - 1), link.find(point - 1));
    }
  }

  /** There the answer may be none; here it is a fence that is signaled. */
  @Test
  void findSignaled() {
    Chain chain = Chain.of(2);
    chain.signal(0);
    assertTrue(chain.tail().find(1).isSignaled());
    assertFalse(chain.tail().find(2).isSignaled());
  }

  @Test
  void findOutOfOrder() {
    Chain chain = Chain.of(3);
    chain.signal(1);
    assertSame(chain.links().get(0), chain.tail().find(2), "the second waits for the first alone");
  }

  @Test
  void findGap() {
    Chain chain = Chain.of(64, 2, 2);
    for (int i = 0; i < 64; i++) {
      FenceChain link = chain.links().get(i);
      assertSame(link, chain.tail().find(2L * i + 1));
      assertSame(link, chain.tail().find(2L * i + 2));
      assertSame(link, link.find(2L * i + 2), "itself");
    }
  }

  /** There by as many threads as there are processors, for 5 s; here by four and so many rounds. */
  @Test
  void findRace() {
    Chain chain = Chain.of(LINKS);
    List<CompletableFuture<Integer>> finding = new ArrayList<>();
    AtomicInteger toSignal = new AtomicInteger();
    List<Integer> order = Order.RANDOM.of(LINKS);
    for (int thread = 0; thread < 4; thread++) {
      Random random = new Random(thread);
      finding.add(
          Kernel.start(() -> {
            int signaled = 0;
            for (int round = 0; round < 5_000; round++) {
              long point = 1 + random.nextInt(LINKS);
              Fence found = chain.tail().find(point);
              assertNotNull(found);
              if (found instanceof FenceChain link && link.point() == point) {
                Fence again = link.find(point);
                assertTrue(again == link || again.isSignaled(), "found exactly, and by itself");
              }
              int next = random.nextInt(3) == 0 ? toSignal.getAndIncrement() : LINKS;
              if (next < LINKS) {
                assertTrue(chain.signal(order.get(next)));
                signaled++;
              }
            }
            return signaled;
          }));
    }
    int signaled = finding.stream().mapToInt(CompletableFuture::join).sum();
    assertEquals(Math.min(LINKS, toSignal.get()), signaled);
    for (int next = signaled; next < LINKS; next++) {
      assertTrue(chain.signal(order.get(next)));
    }
    assertTrue(chain.tail().isSignaled());
  }

  @Test
  void signalForward() {
    Chain chain = Chain.of(64);
    for (int i = 0; i < 64; i++) {
      chain.signal(i);
      assertTrue(chain.isSignaled(i));
      assertFalse(i + 1 < 64 && chain.isSignaled(i + 1));
    }
  }

  @Test
  void signalBackward() {
    Chain chain = Chain.of(64);
    for (int i = 63; i >= 0; i--) {
      chain.signal(i);
      assertEquals(i == 0, chain.isSignaled(i));
    }
    for (int i = 0; i < 64; i++) {
      assertTrue(chain.isSignaled(i));
    }
  }

  @Test
  void waitForward() {
    waitForTail(Order.FORWARD);
  }

  @Test
  void waitBackward() {
    waitForTail(Order.BACKWARD);
  }

  @Test
  void waitRandom() {
    waitForTail(Order.RANDOM);
  }

  private static void waitForTail(Order order) {
    Chain chain = Chain.of(LINKS);
    AtomicInteger interested = new AtomicInteger();
    chain.tail().onSignal(interested::incrementAndGet);
    var waiting = Kernel.start(() -> chain.tail().await(Kernel.LONG));
    int left = LINKS;
    for (int index : order.of(LINKS)) {
      assertFalse(chain.tail().isSignaled());
      assertEquals(0, interested.get());
      chain.signal(index);
      left--;
    }
    assertEquals(0, left);
    assertEquals(1, interested.get());
    assertTrue(waiting.join());
  }

  /** Not in the kernel's tests, whose chain takes n² steps for this. */
  @ParameterizedTest
  @EnumSource
  void manyLinksThatAreAllWaitedFor(Order order) {
    Chain chain = Chain.of(MANY_LINKS);
    int[] ran = new int[1];
    for (int i = 0; i < MANY_LINKS; i++) {
      int index = i;
      assertNotNull(
          chain
              .links()
              .get(i)
              .onSignal(() -> {
                assertEquals(index, ran[0], "links are signaled in the order of the chain");
                ran[0]++;
              }));
    }
    for (int index : order.of(MANY_LINKS)) {
      chain.signal(index);
    }
    assertEquals(MANY_LINKS, ran[0]);
  }

  /** Polled only, so nothing was armed. */
  @ParameterizedTest
  @EnumSource
  void manyLinksThatAreOnlyPolled(Order order) {
    Chain chain = Chain.of(MANY_LINKS);
    for (int index : order.of(MANY_LINKS)) {
      assertFalse(chain.tail().isSignaled());
      chain.signal(index);
    }
    for (int i = MANY_LINKS - 1; i >= 0; i--) {
      assertTrue(chain.isSignaled(i));
    }
  }
}
