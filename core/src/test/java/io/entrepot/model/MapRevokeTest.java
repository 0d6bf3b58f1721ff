package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.buffers.PoolWords;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Map against revoke: the slot store and the looks of {@code LanePort.store}, {@code
 * LanePort.admit} and {@code LanePort.attend} against the mark and the look of {@code
 * PoolAttachment.revoke}, over the real {@code Lanes}.
 *
 * <p><b>Must not be.</b> The importer maps and goes on, and the revoker counts no mapping: both
 * missed each other.
 *
 * <p><b>Order.</b> This is a Dekker hand-shake: each side stores, then looks at the other's word.
 * In the checker's sequentially consistent world {@code Barrier.heavy()} does nothing and is left
 * out. What it is there for is shown off heap by {@code io.entrepot.stress.MapAgainstRevoke}.
 */
class MapRevokeTest {
  private static final int LANE = 0;
  private static final long TENANCY = 1;
  private static final String BOTH_MISSED = "both missed each other";

  @Test
  void oneSeesTheOther() {
    holds(() -> revokeAgainst(MapRevokeTest::map));
  }

  @Test
  void lookBeforeStorePlantedBugIsFound() {
    findsBug(BOTH_MISSED, () -> revokeAgainst(MapRevokeTest::lookBeforeStorePlantedBug));
  }

  private static void revokeAgainst(Predicate<PoolWords> importer) {
    PoolWords pool = PoolWords.onHeap(1, 1);
    pool.own(0);
    boolean[] mapped = new boolean[1];
    int[] counted = new int[1];
    inParallel(
        () -> mapped[0] = importer.test(pool),
        () -> {
          pool.alert(LANE, TENANCY);
          counted[0] = pool.mappings(LANE);
        });
    require(!mapped[0] || counted[0] == 1, BOTH_MISSED);
    require(mapped[0] || pool.mappings(LANE) == 0, "a refused mapping leaves its slot");
  }

  private static boolean map(PoolWords pool) {
    pool.storeSlot(LANE, 0);
    if (pool.isUndisturbed(LANE)) {
      return true;
    }
    if (pool.isAlerted(LANE, TENANCY)) {
      pool.clearSlot(LANE);
      return false;
    }
    return true;
  }

  /** Planted: attention is looked at before the slot is stored. */
  private static boolean lookBeforeStorePlantedBug(PoolWords pool) {
    if (!pool.isUndisturbed(LANE)) {
      return false;
    }
    pool.storeSlot(LANE, 0);
    return true;
  }
}
