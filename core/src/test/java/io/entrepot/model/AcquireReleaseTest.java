package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.buffers.PoolWords;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * Acquire and release: {@code BufferStates.free2owned}, {@code owned2free} and {@code unhold}, as
 * they are.
 *
 * <p><b>Must not be.</b> A buffer has two owners, or an owner sees bytes that another one writes.
 *
 * <p><b>Order.</b> The owner's plain bytes are published by the release store of FREE in {@code
 * owned2free}, or by the volatile CAS of {@code unhold}, and seen through the volatile CAS of
 * {@code free2owned}, which reads that store.
 */
class AcquireReleaseTest {
  private static final String TWO_OWNERS = "two owners";

  @Test
  void aBufferHasOneOwner() {
    holds(() -> twoOwnersInTurn(pool -> pool.own(0)));
  }

  @Test
  void acquireByStorePlantedBugIsFound() {
    findsBug(TWO_OWNERS, () -> twoOwnersInTurn(pool -> pool.ownByStore(0)));
  }

  private static void twoOwnersInTurn(ToLongFunction<PoolWords> acquire) {
    PoolWords pool = PoolWords.onHeap(1, 1);
    inParallel(() -> own(pool, acquire, 1), () -> own(pool, acquire, 2));
    require(pool.own(0) != 0, "the buffer is lost");
  }

  private static void own(PoolWords pool, ToLongFunction<PoolWords> acquire, long mark) {
    for (int turn = 0; turn < 2; turn++) {
      long owned = acquire.applyAsLong(pool);
      if (owned != 0) {
        pool.bytes(0, mark);
        require(pool.bytes(0) == mark, TWO_OWNERS);
        require(pool.free(0, owned), TWO_OWNERS);
      }
    }
  }

  @Test
  void theLastHoldRetires() {
    holds(() -> {
      PoolWords pool = PoolWords.onHeap(1, 1);
      long owned = pool.own(0);
      long generation = PoolWords.generation(owned);
      pool.publish(0, owned, 2);
      boolean[] last = new boolean[2];
      inParallel(
          () -> last[0] = pool.unhold(0, generation), () -> last[1] = pool.unhold(0, generation));
      require(last[0] ^ last[1], "one hold is the last");
      require(pool.reclaim() == 1 && pool.own(0) != 0, "the buffer is lost");
    });
  }
}
